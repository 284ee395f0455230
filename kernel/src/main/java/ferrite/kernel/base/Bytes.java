package ferrite.kernel.base;

/** Bytes that are not text: a bitmap, a buffer. */
@DriverApi
public record Bytes(String name, int offset, int count) implements Field {

    @Override
    public String type() {
        return "unsigned char";
    }

    @Override
    public int width() {
        return 1;
    }

    @Override
    public int alignment() {
        return 1;
    }
}
