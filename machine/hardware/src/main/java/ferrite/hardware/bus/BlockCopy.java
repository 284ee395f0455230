package ferrite.hardware.bus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

/**
 * A copy between an array of bytes and RAM, page by page in the order of addresses. All whole words of RAM go through
 * one view of the array, which the host copies in bulk. Only the bytes before the first whole word and after the last
 * one are copied one by one.
 *
 * <pre>
 *  RAM      |....|..hh|wwww|wwww|wwww|t...|     h, t: single bytes
 *                 ^pa                           w: the view
 *  array          hhww wwww wwww wwt
 *                 ^at
 * </pre>
 */
final class BlockCopy {

    private final byte[] bytes;
    private final IntBuffer words;
    private long pa;
    private int at;

    /**
     * Creates a copy.
     *
     * @param pa     the first address in RAM
     * @param at     the index of its byte in the array
     * @param length the bytes to copy, in any number of pages
     */
    BlockCopy(long pa, byte[] bytes, int at, int length) {
        this.bytes = bytes;
        this.pa = pa;
        this.at = at;
        int head = Math.min(length, beforeWord(pa));
        words = ByteBuffer.wrap(bytes, at + head, length - head).slice().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    }

    private static int beforeWord(long pa) {
        return (int) -pa & 3;
    }

    /** Copies the next bytes from the array into their page. */
    void toPage(int[] page, int length) {
        int head = Math.min(length, beforeWord(pa));
        int count = length - head >> 2;
        copyBytesToPage(page, head);
        words.get(page, Ram.wordIndex(pa), count);
        skip(4 * count);
        copyBytesToPage(page, length - head - 4 * count);
    }

    /** Copies the next bytes from their page into the array. */
    void fromPage(int[] page, int length) {
        int head = Math.min(length, beforeWord(pa));
        int count = length - head >> 2;
        copyBytesFromPage(page, head);
        words.put(page, Ram.wordIndex(pa), count);
        skip(4 * count);
        copyBytesFromPage(page, length - head - 4 * count);
    }

    private void copyBytesToPage(int[] page, int length) {
        for (int i = 0; i < length; i++) {
            Ram.insert(page, pa + i, 1, bytes[at + i]);
        }
        skip(length);
    }

    private void copyBytesFromPage(int[] page, int length) {
        for (int i = 0; i < length; i++) {
            bytes[at + i] = (byte) Ram.extract(page, pa + i, 1);
        }
        skip(length);
    }

    private void skip(int length) {
        pa += length;
        at += length;
    }
}
