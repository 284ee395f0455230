package ferrite.hardware.state;

import java.util.Arrays;

/**
 * Collects the state of the machine's parts. Values are little-endian and have no names, because the reader knows the
 * order.
 */
public final class StateWriter {

    private final StateMedia media;
    private byte[] bytes = new byte[4096];
    private int length;

    /** Creates a writer for state that this machine restores later, with its media in their old state. */
    public StateWriter() {
        this(StateMedia.GO_BACK);
    }

    public StateWriter(StateMedia media) {
        this.media = media;
    }

    /** Returns the handling of media at the restore. */
    public StateMedia media() {
        return media;
    }

    public void put8(int value) {
        room(1);
        bytes[length++] = (byte) value;
    }

    public void putBoolean(boolean value) {
        put8(value ? 1 : 0);
    }

    public void put32(int value) {
        room(4);
        for (int shift = 0; shift < 32; shift += 8) {
            bytes[length++] = (byte) (value >>> shift);
        }
    }

    public void put64(long value) {
        put32((int) value);
        put32((int) (value >>> 32));
    }

    public void putBytes(byte[] value) {
        put32(value.length);
        room(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
    }

    public void putInts(int[] values) {
        put32(values.length);
        for (int value : values) {
            put32(value);
        }
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
