package ferrite.kernel.mm;

import ferrite.hardware.hart.Pte;
import ferrite.hardware.turn.KernelMemory;

/** Writes Sv32 page tables: the kernel's linear map, and single pages of the vmalloc area. */
final class PageTables {

    static final long MEGAPAGE = 4L << 20;

    private static final int ENTRIES = 1024;
    private static final int ENTRY_BYTES = 4;
    /** Kernel memory is global, and has A and D set from the start, so that no access has to. */
    private static final int KERNEL = Pte.V | Pte.R | Pte.W | Pte.G | Pte.A | Pte.D;
    private static final int SATP_SV32 = 1 << 31;

    private PageTables() { }

    /**
     * Builds the linear map in a zeroed page, while addresses are still physical.
     *
     * @return the value of satp that turns it on
     */
    static int buildLinearMap(KernelMemory memory, AddressSpace space, long root, long lowBytes) {
        for (long offset = 0; offset < lowBytes; offset += MEGAPAGE) {
            long entry = root + ENTRY_BYTES * (AddressSpace.PAGE_OFFSET + offset >>> 22);
            memory.store32(entry, Pte.of(space.physOffset() + offset, KERNEL));
        }
        return SATP_SV32 | (int) (root >>> AddressSpace.PAGE_SHIFT);
    }

    /** Where the page table is that satp names. */
    static long root(int satp) {
        return (satp & 0x3f_ffffL) << AddressSpace.PAGE_SHIFT;
    }

    /** Maps one page; a missing second-level table comes from {@code pages}. Returns false when there is none to be had. */
    static boolean mapPage(KernelMemory memory, AddressSpace space, BuddyAllocator pages, long rootVa, long va, long pa) {
        long entry = rootVa + ENTRY_BYTES * (va >>> 22);
        int first = memory.load32(entry);
        if ((first & Pte.V) == 0) {
            long table = pages.getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, 0);
            if (table == 0) {
                return false;
            }
            first = Pte.of(space.phys(table), Pte.V);
            memory.store32(entry, first);
        }
        long leaf = space.virt(Pte.pa(first)) + ENTRY_BYTES * (va >>> AddressSpace.PAGE_SHIFT & ENTRIES - 1);
        memory.store32(leaf, Pte.of(pa, KERNEL));
        return true;
    }

    /** Takes a page's mapping away; the second-level table is there. The caller's TLB forgets it by {@code sfence.vma}. */
    static void unmapPage(KernelMemory memory, AddressSpace space, long rootVa, long va) {
        long table = space.virt(Pte.pa(memory.load32(rootVa + ENTRY_BYTES * (va >>> 22))));
        memory.store32(table + ENTRY_BYTES * (va >>> AddressSpace.PAGE_SHIFT & ENTRIES - 1), 0);
    }
}
