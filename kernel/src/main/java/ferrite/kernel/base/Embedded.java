package ferrite.kernel.base;

/**
 * A record inside the record, or an array of them.
 *
 * @param struct name of its {@link Struct}
 * @param width  size of its {@link Struct}, or the distance of an array's elements if that is more
 */
@DriverApi
public record Embedded(String name, int offset, int count, String struct, int width) implements Field {

    @Override
    public String type() {
        return "struct " + struct;
    }

    /** {@code container_of}: returns the address of the record that has this field at {@code address}. */
    public long containerOf(long address) {
        return address - offset;
    }
}
