package ferrite.hardware.hart;

import java.util.Arrays;

/** How often each instruction was executed in a stretch of a run. */
final class Trace {

    /** Number of instructions of a stretch. */
    static final int LENGTH = 24_000;
    private static final int SLOT_BITS = 16;
    /** More than twice as many slots as there can be instructions, so that a search ends soon. */
    private static final int SLOTS = 1 << SLOT_BITS;
    /** The golden ratio, whose products spread. */
    private static final int SPREAD = 0x9e37_79b1;

    private int[] pcs;
    /** By slot, and null before the first stretch. */
    private int[] counts;
    private int left;

    /** Begins a new stretch. */
    void begin() {
        if (counts == null) {
            pcs = new int[SLOTS];
            counts = new int[SLOTS];
        }
        Arrays.fill(counts, 0);
        left = LENGTH;
    }

    boolean isRunning() {
        return left > 0;
    }

    /** Counts an instruction of the stretch. */
    void note(int pc) {
        int slot = slot(pc);
        pcs[slot] = pc;
        counts[slot]++;
        left--;
    }

    /** Returns how often an instruction was executed in the last stretch. */
    int executions(int pc) {
        return counts == null ? 0 : counts[slot(pc)];
    }

    private int slot(int pc) {
        int slot = pc * SPREAD >>> Integer.SIZE - SLOT_BITS;
        while (counts[slot] != 0 && pcs[slot] != pc) {
            slot = slot + 1 & SLOTS - 1;
        }
        return slot;
    }
}
