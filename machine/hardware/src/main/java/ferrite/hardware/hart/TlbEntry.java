package ferrite.hardware.hart;

/**
 * A valid entry of a TLB, for inspection.
 *
 * @param va         the virtual address of the page of 4 KiB
 * @param pte        the leaf entry, with PPN[0] filled in for a part of a megapage
 * @param asid       the address space
 * @param isMegapage whether the leaf maps 4 MiB
 */
public record TlbEntry(long va, int pte, int asid, boolean isMegapage) { }
