package ferrite.hardware.bus;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Decoded instructions of one page of RAM, with a slot for each halfword at which an instruction may begin.
 *
 * <p>The interpreter defines the values of the slots, except for {@link #EMPTY}. A store empties the slots of the
 * instructions that it overlaps, so a filled slot always agrees with memory. It also drops the {@link TranslatedCode}
 * of these instructions.
 */
public final class CodePage {

    public static final int SLOTS = Ram.PAGE_BYTES / 2;
    /** Value of a slot without a decoded instruction. */
    public static final long EMPTY = 0;

    /** One slot per halfword of the page. */
    public final long[] slots = new long[SLOTS];
    private final int[] words;
    private boolean live = true;
    private final List<TranslatedCode> translated = new ArrayList<>(0);
    /** The slots of translated instructions. Null until there is one. */
    private BitSet covered;
    /** The ways into translated code, by slot. Null until there is any. */
    private Entry[] entries;
    private int drops;

    /**
     * A way into translated code.
     *
     * @param code   the code
     * @param number the number of the entry, counted over all parts of the code
     * @param next   a way from the same slot into the code of another owner, or null
     */
    public record Entry(TranslatedCode code, int number, Entry next) {

        private Entry without(TranslatedCode other) {
            if (code == other) {
                return next;
            }
            return next == null ? this : new Entry(code, number, next.without(other));
        }
    }

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
        if (covered != null) {
            int at = covered.nextSetBit(first);
            if (at >= 0 && at <= last) {
                dropTranslated(first, last);
            }
        }
    }

    void drop() {
        live = false;
        if (covered != null) {
            dropTranslated(0, SLOTS - 1);
        }
        Arrays.fill(slots, EMPTY);
    }

    // ---- translated code ----

    /** Tells whether a slot has a way into the code of any owner. */
    public boolean hasEntry(int slot) {
        return entries != null && entries[slot] != null;
    }

    /** Returns the way from a slot into an owner's code, or null. */
    public Entry entry(int slot, Object owner) {
        Entry entry = entries == null ? null : entries[slot];
        while (entry != null && entry.code.owner() != owner) {
            entry = entry.next;
        }
        return entry;
    }

    /** Returns the number of times that a store has dropped translated code of this page. */
    public int drops() {
        return drops;
    }

    void dropContainedIn(TranslatedCode larger) {
        List.copyOf(translated).stream().filter(code -> code.owner() == larger.owner() && larger.contains(code))
                .forEach(TranslatedCode::drop);
    }

    /** Adds code, whose entries in this page have the numbers from {@code firstNumber} on. */
    void add(TranslatedCode code, TranslatedCode.Part part, int firstNumber) {
        if (covered == null) {
            covered = new BitSet(SLOTS);
            entries = new Entry[SLOTS];
        }
        translated.add(code);
        covered.or(part.starts());
        int number = firstNumber;
        for (int slot : part.entries().stream().toArray()) {
            if (entry(slot, code.owner()) == null) {
                entries[slot] = new Entry(code, number, entries[slot]);
            }
            number++;
        }
    }

    void remove(TranslatedCode code, TranslatedCode.Part part) {
        translated.remove(code);
        part.entries().stream().filter(this::hasEntry).forEach(slot -> {
            entries[slot] = entries[slot].without(code);
            if (!hasEntry(slot)) {
                slots[slot] = EMPTY;
            }
        });
        covered.clear();
        for (TranslatedCode other : translated) {
            other.parts().stream().filter(its -> its.page() == this).forEach(its -> covered.or(its.starts()));
        }
    }

    private void dropTranslated(int first, int last) {
        drops++;
        for (TranslatedCode code : List.copyOf(translated)) {
            for (TranslatedCode.Part part : code.parts()) {
                int at = part.page() == this ? part.starts().nextSetBit(first) : -1;
                if (at >= 0 && at <= last) {
                    code.drop();
                }
            }
        }
    }
}
