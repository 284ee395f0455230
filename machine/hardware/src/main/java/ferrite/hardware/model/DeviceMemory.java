package ferrite.hardware.model;

/** Memory inside a device: a window of bytes that software accesses, or a buffer that only the model sees. */
public final class DeviceMemory {

    private static final int HIDDEN = -1;

    private final String name;
    private final int offset;
    private final byte[] bytes;

    DeviceMemory(String name, int offset, int length) {
        this.name = name;
        this.offset = offset;
        this.bytes = new byte[length];
    }

    static DeviceMemory hidden(String name, int length) {
        return new DeviceMemory(name, HIDDEN, length);
    }

    /** Returns the bytes themselves. They are zero at power-on, and are saved with the machine. */
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return name;
    }

    boolean isHidden() {
        return offset == HIDDEN;
    }

    int offset() {
        return offset;
    }

    int end() {
        return offset + bytes.length;
    }

    int load(int at, int width) {
        int value = 0;
        for (int i = 0; i < width; i++) {
            value |= (bytes[at - offset + i] & 0xff) << 8 * i;
        }
        return value;
    }

    void store(int at, int width, int value) {
        for (int i = 0; i < width; i++) {
            bytes[at - offset + i] = (byte) (value >>> 8 * i);
        }
    }
}
