package ferrite.hardware.hart;

import ferrite.hardware.bus.TranslatedCode;

/** A translated region of machine code: instructions that reach each other by direct jumps and branches. */
public abstract class TranslatedRegion extends TranslatedCode {

    /** Ends at jumps to unknown targets after which the region is made again with the targets. */
    private static final int MANY = 2000;

    private int head;
    private int unknown;
    private boolean learned;

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
     * Executes instructions, from an entry until control leaves the region or the budget does not suffice for the next
     * block. The registers are in the hart then, also after an exception.
     *
     * @param base  the virtual address of the first part's page
     * @param entry the number of the entry, counted over all parts
     */
    protected abstract void run(int base, int entry);
}
