package ferrite.hardware.state;

import java.util.Arrays;

/**
 * Reads back what a {@link StateWriter} collected. It may come from a file, and be hostile: whoever reads a number that something depends on says
 * which ones it can be. What does not fit is a {@link StateException}.
 */
public final class StateReader {

    private final byte[] bytes;
    private final StateMedia media;
    private int position;

    public StateReader(byte[] bytes) {
        this(bytes, StateMedia.GO_BACK);
    }

    /** Reads what a writer collected for the same purpose. */
    public StateReader(byte[] bytes, StateMedia media) {
        this.bytes = bytes;
        this.media = media;
    }

    /** What becomes of media. */
    public StateMedia media() {
        return media;
    }

    /** Whether everything has been read. */
    public boolean isAtEnd() {
        return position == bytes.length;
    }

    public int get8() {
        require(1);
        return bytes[position++] & 0xff;
    }

    private void require(int more) {
        if (more < 0 || more > bytes.length - position) {
            throw new StateException("it ends after " + bytes.length + " bytes, in the middle of something");
        }
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

    /** A number that can be from {@code least} to {@code most}. */
    public int get32(int least, int most) {
        return (int) inRange(get32(), least, most);
    }

    /** A number that can be from {@code least} to {@code most}. */
    public long get64(long least, long most) {
        return inRange(get64(), least, most);
    }

    /** Bits of which only those of the mask can be set. */
    public int getBits(int mask) {
        return bitsOf(get32(), mask);
    }

    /** Refuses a number in which other bits than those of the mask are set. */
    public static int bitsOf(int value, int mask) {
        if ((value & ~mask) != 0) {
            throw new StateException("it holds 0x" + Integer.toHexString(value) + " where only bits of 0x" + Integer.toHexString(mask) + " can be set");
        }
        return value;
    }

    /** Refuses what cannot be. */
    public static void requireThat(boolean possible, String what) {
        if (!possible) {
            throw new StateException(what);
        }
    }

    private static long inRange(long value, long least, long most) {
        if (value < least || value > most) {
            throw new StateException("it holds " + value + " where " + least + " to " + most + " can be");
        }
        return value;
    }

    public byte[] getBytes() {
        int length = get32();
        require(length);
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    public void getInts(int[] into) {
        int length = get32();
        if (length != into.length) {
            throw new StateException("the saved state holds " + length + " words where this machine has " + into.length);
        }
        for (int i = 0; i < length; i++) {
            into[i] = get32();
        }
    }
}
