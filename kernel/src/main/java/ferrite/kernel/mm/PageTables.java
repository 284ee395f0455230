package ferrite.kernel.mm;

import ferrite.hardware.hart.Pte;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;

/** Writes Sv32 page tables: the kernel's linear map, and single pages of the vmalloc area. */
public final class PageTables {

    static final long MEGAPAGE = 4L << 20;

    private static final int ENTRIES = 1024;
    private static final int ENTRY_BYTES = 4;
    /** Kernel mappings are global. A and D are set from the start, so that no access has to update them. */
    private static final int KERNEL = Pte.V | Pte.R | Pte.W | Pte.G | Pte.A | Pte.D;
    private static final long UPPER_END = 0xff80_0000L;
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

    /** Returns the address of the page table that satp names. */
    public static long root(int satp) {
        return (satp & 0x3f_ffffL) << AddressSpace.PAGE_SHIFT;
    }

    /** Counts the second-level tables for the addresses above the linear map. */
    static int upperTables() {
        return (int) (UPPER_END - AddressSpace.LINEAR_END >>> 22);
    }

    /**
     * Enters the second-level tables of all kernel addresses above the linear map in the root. Every address space
     * copies the root's entries and so shares the tables, and mapping a page needs no memory. Addresses are still
     * physical.
     *
     * @param tables zeroed pages, one for each table
     */
    static void enterUpperTables(KernelMemory memory, long root, long tables) {
        for (int i = 0; i < upperTables(); i++) {
            memory.store32(root + ENTRY_BYTES * ((AddressSpace.LINEAR_END >>> 22) + i),
                    Pte.of(tables + ((long) i << AddressSpace.PAGE_SHIFT), Pte.V));
        }
    }

    /** Returns the address of the leaf entry for an address above the linear map. */
    static long entry(ReadableMemory view, AddressSpace space, long rootVa, long va) {
        int first = view.load32(rootVa + ENTRY_BYTES * (va >>> 22));
        return space.virt(Pte.pa(first)) + ENTRY_BYTES * (va >>> AddressSpace.PAGE_SHIFT & ENTRIES - 1);
    }

    /** Maps one page above the linear map, for the kernel to read and write. */
    static void mapPage(KernelMemory memory, AddressSpace space, long rootVa, long va, long pa) {
        memory.store32(entry(memory, space, rootVa, va), Pte.of(pa, KERNEL));
    }

    /** Maps one page as {@link #mapPage} does, read-only. */
    static void mapReadOnly(KernelMemory memory, AddressSpace space, long rootVa, long va, long pa) {
        memory.store32(entry(memory, space, rootVa, va), Pte.of(pa, KERNEL & ~Pte.W));
    }

    /** Clears a page's entry. The caller flushes TLBs with {@code sfence.vma}. */
    static void unmapPage(KernelMemory memory, AddressSpace space, long rootVa, long va) {
        memory.store32(entry(memory, space, rootVa, va), 0);
    }
}
