package ferrite.hardware.hart;

import ferrite.hardware.bus.TranslatedCode;

/** A translated region of machine code: instructions that reach each other by direct jumps and branches. */
public abstract class TranslatedRegion extends TranslatedCode {

    /** Ends at jumps to unknown targets after which the region is made again with the targets. */
    private static final int MANY = 2000;

    /**
     * Number of executions in short pieces with which a region begins, while the JVM profiles and compiles it. So the
     * profile sees the region begin and end at every gate. What it has not seen, the compiler leaves out, and compiles
     * the region once more when it comes.
     */
    private static final int GROWN = 20_000;
    /** The shortest piece, which has room for any way between two checks of the budget. */
    static final int MIN_PIECE = 128;

    /** Ticks in regions after which the ends of this one are counted anew. */
    private static final int WINDOW = 20_000_000;
    /** So few ticks of all regions for each end of this one mean that it is too small for the loops that it is in. */
    private static final int FEW = 1000;

    private int head;
    private int executions;
    private int spread;
    private int unknown;
    private boolean learned;
    private long windowStart;
    private int ends;

    void setHead(int pc) {
        head = pc;
    }

    /** Returns the virtual address for which the region was made. */
    int head() {
        return head;
    }

    /** Tells whether the region still learns the targets of its jumps. */
    boolean learns() {
        return unknown < MANY;
    }

    /**
     * Counts an end at a jump to an unknown target.
     *
     * @param isNew whether the region was made without this target
     * @return whether to make the region again
     */
    boolean learn(boolean isNew) {
        learned |= isNew;
        return ++unknown == MANY && learned;
    }

    /**
     * Counts an end after which another region begins.
     *
     * @param ticks the ticks in all regions so far
     * @return whether there are so many that a larger region is worth its time
     */
    boolean isNarrow(long ticks) {
        ends++;
        long window = ticks - windowStart;
        if (window < WINDOW) {
            return false;
        }
        boolean isNarrow = windowStart != 0            // the first window began before this region
                && ends > window / FEW;
        windowStart = ticks;
        ends = 0;
        return isNarrow;
    }

    /** Returns the part of a budget to execute at once. */
    int piece(int budget) {
        if (executions == GROWN) {
            return budget;
        }
        executions++;
        spread = spread * 0x41c6_4e6d + 12345;
        return Math.min(budget, MIN_PIECE + (spread >>> 26));
    }

    /**
     * Executes instructions, from an entry until control leaves the region or the budget does not suffice for the next
     * block. The registers are in the hart then, also after an exception.
     *
     * @param base  the virtual address of the first part's page
     * @param entry the number of the entry, counted over all parts
     */
    protected abstract void run(int base, int entry);
}
