package ferrite.hardware.bus;

import java.util.Arrays;

/** A set of page numbers. The cost of a search does not depend on the pages after its range. */
final class PageSet {

    private static final int WORD_SHIFT = 6;
    private static final int WORD_PAGES = 1 << WORD_SHIFT;

    private final long[] words;

    /** Creates an empty set of pages with numbers below {@code pages}. */
    PageSet(int pages) {
        words = new long[(pages + WORD_PAGES - 1) / WORD_PAGES];
    }

    boolean contains(int page) {
        return (words[page >> WORD_SHIFT] & 1L << page) != 0;
    }

    void add(int page) {
        words[page >> WORD_SHIFT] |= 1L << page;
    }

    void add(int first, int end) {
        for (int page = first; page < end; page = nextWord(page)) {
            words[page >> WORD_SHIFT] |= bits(page, end);
        }
    }

    void remove(int first, int end) {
        for (int page = first; page < end; page = nextWord(page)) {
            words[page >> WORD_SHIFT] &= ~bits(page, end);
        }
    }

    void clear() {
        Arrays.fill(words, 0);
    }

    /** Returns the first page of a range that is in the set, or {@code end}. */
    int firstIn(int first, int end) {
        return search(first, end, 0);
    }

    /** Returns the first page of a range that is not in the set, or {@code end}. */
    int firstNotIn(int first, int end) {
        return search(first, end, -1);
    }

    private int search(int first, int end, long inverted) {
        for (int page = first; page < end; page = nextWord(page)) {
            long found = (words[page >> WORD_SHIFT] ^ inverted) >>> page;
            if (found != 0) {
                return Math.min(end, page + Long.numberOfTrailingZeros(found));
            }
        }
        return end;
    }

    /** Returns the first page of the next word. */
    private static int nextWord(int page) {
        return (page | WORD_PAGES - 1) + 1;
    }

    /** Returns the bits of the pages from {@code page} on, below {@code end}, in the word of {@code page}. */
    private static long bits(int page, int end) {
        long from = -1L << page;
        return end < nextWord(page) ? from & ~(-1L << end) : from;
    }
}
