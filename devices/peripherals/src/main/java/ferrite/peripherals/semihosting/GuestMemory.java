package ferrite.peripherals.semihosting;

import ferrite.hardware.bus.Ram;
import ferrite.hardware.hart.Hart;
import java.io.ByteArrayOutputStream;

/**
 * Memory as the calling hart sees it, in its mode. Any address may be wrong: a piece that is not RAM, or that the hart
 * may not use, throws a {@link ferrite.hardware.hart.Trap}.
 */
final class GuestMemory {

    private final Hart hart;

    GuestMemory(Hart hart) {
        this.hart = hart;
    }

    /** Moves bytes inside one page. */
    private interface Mover {
        void move(long va, byte[] bytes, int at, int length);
    }

    private static void inPages(long va, byte[] bytes, Mover mover) {
        for (int done = 0; done < bytes.length; ) {
            long at = va + done & 0xffff_ffffL;
            int piece = (int) Math.min(bytes.length - done, Ram.PAGE_BYTES - at % Ram.PAGE_BYTES);
            mover.move(at, bytes, done, piece);
            done += piece;
        }
    }

    private void read(long va, byte[] into) {
        inPages(va, into, (at, bytes, from, length) -> hart.mmu().read(at, bytes, from, length, hart.dataMode()));
    }

    /** Returns bytes of memory. Both ends are tried first, so that a wrong length costs little. */
    byte[] bytes(long va, int length) {
        if (length > Ram.PAGE_BYTES) {
            read(va, new byte[1]);
            read(va + length - 1, new byte[1]);
        }
        byte[] bytes = new byte[length];
        read(va, bytes);
        return bytes;
    }

    void write(long va, byte[] bytes) {
        inPages(va, bytes, (at, from, offset, length) -> hart.mmu().write(at, from, offset, length, hart.dataMode()));
    }

    /** Returns a word of a block of parameters. */
    int word(long block, int index) {
        byte[] bytes = bytes(block + 4L * index, 4);
        return bytes[0] & 0xff | (bytes[1] & 0xff) << 8 | (bytes[2] & 0xff) << 16 | bytes[3] << 24;
    }

    void putWord(long va, int value) {
        write(va, new byte[] {(byte) value, (byte) (value >>> 8), (byte) (value >>> 16), (byte) (value >>> 24)});
    }

    /** Returns the bytes before the next zero byte, or {@code most} if there are more. */
    byte[] string(long va, int most) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < most; i++) {
            byte[] one = bytes(va + i, 1);
            if (one[0] == 0) {
                break;
            }
            out.write(one[0]);
        }
        return out.toByteArray();
    }
}
