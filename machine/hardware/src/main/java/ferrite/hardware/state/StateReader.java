package ferrite.hardware.state;

import java.util.Arrays;

/** Reads back what a {@link StateWriter} collected. */
public final class StateReader {

    private final byte[] bytes;
    private int position;

    public StateReader(byte[] bytes) {
        this.bytes = bytes;
    }

    public int get8() {
        return bytes[position++] & 0xff;
    }

    public boolean getBoolean() {
        return get8() != 0;
    }

    public int get32() {
        int value = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            value |= get8() << shift;
        }
        return value;
    }

    public long get64() {
        return (get32() & 0xffff_ffffL) | (long) get32() << 32;
    }

    public byte[] getBytes() {
        int length = get32();
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    public void getInts(int[] into) {
        int length = get32();
        if (length != into.length) {
            throw new IllegalStateException("the saved state holds " + length + " words where this machine has " + into.length);
        }
        for (int i = 0; i < length; i++) {
            into[i] = get32();
        }
    }
}
