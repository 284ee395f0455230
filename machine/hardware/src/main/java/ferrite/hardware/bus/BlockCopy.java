package ferrite.hardware.bus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

/**
 * A copy between an array of bytes and pages of RAM, in the order of addresses. All whole words of RAM go through one
 * view of the array, which the host copies in bulk. Only the bytes before the first whole word and after the last one
 * are copied one by one.
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
    /** The index of the next word in the view. */
    private int word;

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
        words = ByteBuffer.wrap(bytes, at + head, length - head).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    }

    private static int beforeWord(long pa) {
        return (int) -pa & 3;
    }

    /** Copies the next bytes from the array into their pages of RAM. */
    void toRam(Ram ram, int length) {
        ram.openForWrite(pa, length);
        int head = Math.min(length, beforeWord(pa));
        copyBytesToRam(ram, head);
        int count = length - head >> 2;
        int index = Ram.wordIndex(pa);
        for (int page = ram.index(pa), left = count; left > 0; page++) {
            int piece = Math.min(left, Ram.PAGE_WORDS - index);
            words.get(word, ram.page(page), index, piece);
            word += piece;
            left -= piece;
            index = 0;
        }
        skip(4 * count);
        copyBytesToRam(ram, length - head & 3);
    }

    private void copyBytesToRam(Ram ram, int length) {
        for (int i = 0; i < length; i++) {
            Ram.insert(ram.page(pa + i), pa + i, 1, bytes[at + i]);
        }
        skip(length);
    }

    /** Copies the next bytes from their pages of RAM into the array. */
    void fromRam(Ram ram, int length) {
        for (int left = length; left > 0; ) {
            int piece = PhysicalBus.pieceInPage(pa, left);
            fromPage(ram.page(pa), piece);
            left -= piece;
        }
    }

    /** Copies the next bytes from their page into the array. */
    void fromPage(int[] page, int length) {
        int head = Math.min(length, beforeWord(pa));
        copyBytesFromPage(page, head);
        int count = length - head >> 2;
        words.put(word, page, Ram.wordIndex(pa), count);
        word += count;
        skip(4 * count);
        copyBytesFromPage(page, length - head & 3);
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
