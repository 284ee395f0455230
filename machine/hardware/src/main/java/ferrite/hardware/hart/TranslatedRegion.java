package ferrite.hardware.hart;

import ferrite.hardware.bus.TranslatedCode;

/** A translated region of machine code: instructions that reach each other by direct jumps and branches. */
public abstract class TranslatedRegion extends TranslatedCode {

    /**
     * Executes instructions, from an entry until control leaves the region or the budget does not suffice for the next
     * block. The registers are in the hart then, also after an exception.
     *
     * @param base  the virtual address of the first part's page
     * @param entry the number of the entry, counted over all parts
     */
    protected abstract void run(int base, int entry);
}
