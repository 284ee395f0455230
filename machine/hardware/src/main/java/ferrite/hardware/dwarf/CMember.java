package ferrite.hardware.dwarf;

/**
 * A member of a structure.
 *
 * @param type   the type of an element, as C writes it
 * @param offset distance from the start of the structure, in bytes
 * @param width  bytes of an element
 * @param count  number of elements: 1 if the member is no array, 0 if the array has any length
 */
public record CMember(String name, String type, int offset, int width, int count) {

    /** Offset of the first byte past the member. */
    int end() {
        return offset + width * count;
    }
}
