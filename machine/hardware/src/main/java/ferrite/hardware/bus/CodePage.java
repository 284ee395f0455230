package ferrite.hardware.bus;

import java.util.Arrays;

/**
 * Decoded instructions of one page of RAM, with a slot for each halfword at which an instruction may begin.
 *
 * <p>The interpreter defines the values of the slots, except for {@link #EMPTY}. A store empties the slots of the
 * instructions that it overlaps, so a filled slot always agrees with memory.
 */
public final class CodePage {

    public static final int SLOTS = Ram.PAGE_BYTES / 2;
    /** Value of a slot without a decoded instruction. */
    public static final long EMPTY = 0;

    /** One slot per halfword of the page. */
    public final long[] slots = new long[SLOTS];
    private final int[] words;
    private boolean live = true;

    CodePage(int[] words) {
        this.words = words;
    }

    /**
     * Tells whether stores are still reported to this page. A page that is not live stays empty, and its user must ask
     * for a new one.
     */
    public boolean isLive() {
        return live;
    }

    /** Returns the halfword at a slot. */
    public int halfword(int slot) {
        return words[slot >>> 1] >>> (slot & 1) * 16 & 0xffff;
    }

    int[] words() {
        return words;
    }

    /**
     * Empties the slots that a store at {@code offset} overlaps. A 32-bit instruction may begin one halfword earlier.
     */
    public void stored(int offset, int bytes) {
        int first = Math.max(0, (offset >>> 1) - 1);
        int last = Math.min(SLOTS - 1, offset + bytes - 1 >>> 1);
        for (int slot = first; slot <= last; slot++) {
            slots[slot] = EMPTY;
        }
    }

    void drop() {
        live = false;
        Arrays.fill(slots, EMPTY);
    }
}
