package ferrite.hardware.bus;

import java.util.Arrays;

/**
 * What was decoded of one page of RAM: a slot for each halfword at which an instruction may begin. What a slot holds is the
 * interpreter's affair, but for {@link #EMPTY}. A store empties the slots of the instructions that it overlaps, so what a slot holds is always
 * what memory says.
 */
public final class CodePage {

    public static final int SLOTS = Ram.PAGE_BYTES / 2;
    /** Nothing was decoded here. */
    public static final long EMPTY = 0;

    /** By halfword of the page. */
    public final long[] slots = new long[SLOTS];
    private final int[] words;
    private boolean live = true;

    CodePage(int[] words) {
        this.words = words;
    }

    /** Whether stores are still reported to this page; when not, it stays empty, and a new one has to be asked for. */
    public boolean isLive() {
        return live;
    }

    /** The halfword at a slot. */
    public int halfword(int slot) {
        return words[slot >>> 1] >>> (slot & 1) * 16 & 0xffff;
    }

    int[] words() {
        return words;
    }

    /** Bytes from {@code offset} on have changed: an instruction of 32 bits may have begun a halfword earlier. */
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
