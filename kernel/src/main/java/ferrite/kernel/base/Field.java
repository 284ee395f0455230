package ferrite.kernel.base;

/**
 * A field of a record in RAM: its name in C, its type in C, and its place. {@link Struct} makes fields.
 *
 * <p>A field in a static final constant costs nothing: it is a Java record, and the JIT compiler treats the components
 * of a constant record as constants. An access compiles to the same code as one at a constant offset.
 */
@DriverApi
public sealed interface Field permits Word, ULong, U64, Pointer, Text, Bytes, Embedded {

    String name();

    /** Distance from the start of the record, in bytes. */
    int offset();

    /** The type of an element, as C writes it. */
    String type();

    /** Bytes of an element. */
    int width();

    /** Number of elements: 1 if the field is no array, 0 if the array ends the record and has any length. */
    int count();

    /** The field's address must be a multiple of this. */
    default int alignment() {
        return 4;
    }

    /** Offset of the first byte past the field. */
    default int end() {
        return offset() + width() * count();
    }

    /** The declaration of the field, as C writes it, without the semicolon. */
    default String declaration() {
        String array = count() == 1 ? "" : count() == 0 ? "[]" : "[" + count() + "]";
        String type = type();
        return type.contains("(*)") ? type.replace("(*)", "(*" + name() + array + ")")
                : type + (type.endsWith("*") ? "" : " ") + name() + array;
    }

    /** Returns the field's address in the record at {@code base}. */
    default long at(long base) {
        return base + offset();
    }

    /** Returns the address of an element of an array. */
    default long at(long base, long index) {
        return base + offset() + index * width();
    }
}
