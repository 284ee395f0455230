package ferrite.hardware.state;

import java.util.Arrays;

/**
 * Reader for the state that a {@link StateWriter} collected.
 *
 * <p>The bytes may come from a hostile file. The caller therefore gives the possible range of every number that other
 * state depends on. A value that does not fit throws {@link StateException}.
 */
public final class StateReader {

    private final byte[] bytes;
    private final StateMedia media;
    private int position;

    public StateReader(byte[] bytes) {
        this(bytes, StateMedia.GO_BACK);
    }

    /** Creates a reader. {@code media} must be the value given to the writer. */
    public StateReader(byte[] bytes, StateMedia media) {
        this.bytes = bytes;
        this.media = media;
    }

    /** Returns the handling of media. */
    public StateMedia media() {
        return media;
    }

    /** Tells whether everything has been read. */
    public boolean isAtEnd() {
        return position == bytes.length;
    }

    public int get8() {
        require(1);
        return bytes[position++] & 0xff;
    }

    private void require(int more) {
        if (more < 0 || more > bytes.length - position) {
            throw new StateException("it ends after " + bytes.length + " bytes, in the middle of a value");
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

    /** Reads a number from {@code min} to {@code max}. */
    public int get32(int min, int max) {
        return (int) inRange(get32(), min, max);
    }

    /** Reads a number from {@code min} to {@code max}. */
    public long get64(long min, long max) {
        return inRange(get64(), min, max);
    }

    /** Reads a word in which only bits of the mask may be set. */
    public int getBits(int mask) {
        return bitsOf(get32(), mask);
    }

    /** Refuses a value that has bits outside the mask. */
    public static int bitsOf(int value, int mask) {
        if ((value & ~mask) != 0) {
            throw new StateException("it holds 0x" + Integer.toHexString(value)
                    + " where only bits of 0x" + Integer.toHexString(mask) + " can be set");
        }
        return value;
    }

    /** Throws a {@link StateException} with this message unless the condition holds. */
    public static void requireThat(boolean possible, String message) {
        if (!possible) {
            throw new StateException(message);
        }
    }

    private static long inRange(long value, long min, long max) {
        if (value < min || value > max) {
            throw new StateException("it holds " + value + " where only " + min + " to " + max + " is possible");
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
            throw new StateException("the saved state holds " + length
                    + " words where this machine has " + into.length);
        }
        for (int i = 0; i < length; i++) {
            into[i] = get32();
        }
    }
}
