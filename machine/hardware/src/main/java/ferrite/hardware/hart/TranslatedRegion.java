package ferrite.hardware.hart;

import ferrite.hardware.bus.TranslatedCode;

/** A translated region of machine code: instructions that reach each other by direct jumps and branches. */
public abstract class TranslatedRegion extends TranslatedCode {

    /** Runs between two rehearsals, a power of two, and the number of runs with rehearsals. */
    private static final int REHEARSAL_INTERVAL = 4;
    private static final int REHEARSED_RUNS = 1 << 15;
    /** Enough for any block. */
    private static final int REHEARSAL_TICKS = 64;

    private int runs;

    boolean mayRehearse() {
        return runs < REHEARSED_RUNS && (++runs & REHEARSAL_INTERVAL - 1) == 0;
    }

    /** Rehearses the next of the entries, so that all have their turn. */
    void rehearse(RegionRun rehearsal) {
        int entries = 0;
        for (Part part : parts()) {
            entries += part.entries().cardinality();
        }
        rehearsal.rehearse(this, runs / REHEARSAL_INTERVAL % entries, runs % 7 == 0 ? 0 : REHEARSAL_TICKS);
    }

    /**
     * Executes instructions, from an entry until control leaves the region or the budget does not suffice for the next
     * block. Ends with {@link RegionRun#end} when the registers are in the hart again.
     *
     * @param run   the hart's state, and its slow paths
     * @param base  the virtual address of the first part's page
     * @param entry the number of the entry, counted over all parts
     */
    protected abstract void run(RegionRun run, int base, int entry);
}
