package ferrite.hardware.bus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

/**
 * Copies between an array of bytes and pages of RAM. All whole words of RAM go through a view of the array, which the
 * host copies in bulk. Only the bytes before the first whole word and after the last one are copied one by one.
 *
 * <pre>
 *  RAM      |....|..hh|wwww|wwww|wwww|t...|     h, t: single bytes
 *                 ^pa                           w: the view
 *  array          hhww wwww wwww wwt
 *                 ^at
 * </pre>
 *
 * The view does not leave the method that makes it, so that the JVM's compiler need not make an object of it.
 */
final class BlockCopy {

    private BlockCopy() { }

    /**
     * Copies bytes from an array into any number of pages of RAM. The loop is in this method, because the JVM's
     * compiler inlines only some levels, and the JDK's copy needs most of them.
     */
    static void toRam(Ram ram, long pa, byte[] bytes, int at, int length) {
        ram.openForWrite(pa, length);
        int head = Math.min(length, beforeWord(pa));
        int tail = length - head & 3;
        copyBytesToRam(ram, pa, bytes, at, head);
        IntBuffer words = words(bytes, at + head, length - head);
        int count = length - head >> 2;
        int index = Ram.wordIndex(pa + head);
        int number = ram.index(pa + head);
        int[] page = count == 0 ? null : ram.page(number);
        for (int done = 0; done < count; ) {
            int piece = Math.min(count - done, Ram.PAGE_WORDS - index);
            int[] next = done + piece == count ? page : begun(ram.page(++number));
            words.get(done, page, index, piece);
            done += piece;
            page = next;
            index = 0;
        }
        copyBytesToRam(ram, pa + length - tail, bytes, at + length - tail, tail);
    }

    /**
     * Checks a page's length, which is right. With this the host begins to fetch the page into its first cache while it
     * copies the page before, and does not wait for it later.
     */
    private static int[] begun(int[] page) {
        if (page.length != Ram.PAGE_WORDS) {
            throw new IllegalStateException("a page of RAM has " + page.length + " words");
        }
        return page;
    }

    private static void copyBytesToRam(Ram ram, long pa, byte[] bytes, int at, int length) {
        for (int i = 0; i < length; i++) {
            Ram.insert(ram.page(pa + i), pa + i, 1, bytes[at + i]);
        }
    }

    /** Copies bytes from any number of pages of RAM into an array. */
    static void fromRam(Ram ram, long pa, byte[] bytes, int at, int length) {
        for (int done = 0; done < length; ) {
            int piece = PhysicalBus.pieceInPage(pa + done, length - done);
            fromPage(ram.page(pa + done), pa + done, bytes, at + done, piece);
            done += piece;
        }
    }

    /** Copies bytes from their page into an array. */
    static void fromPage(int[] page, long pa, byte[] bytes, int at, int length) {
        int head = Math.min(length, beforeWord(pa));
        int tail = length - head & 3;
        copyBytesFromPage(page, pa, bytes, at, head);
        words(bytes, at + head, length - head).put(0, page, Ram.wordIndex(pa + head), length - head >> 2);
        copyBytesFromPage(page, pa + length - tail, bytes, at + length - tail, tail);
    }

    private static void copyBytesFromPage(int[] page, long pa, byte[] bytes, int at, int length) {
        for (int i = 0; i < length; i++) {
            bytes[at + i] = (byte) Ram.extract(page, pa + i, 1);
        }
    }

    private static int beforeWord(long pa) {
        return (int) -pa & 3;
    }

    private static IntBuffer words(byte[] bytes, int at, int length) {
        return ByteBuffer.wrap(bytes, at, length).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    }
}
