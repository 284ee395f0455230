package ferrite.kernel.vm;

import ferrite.hardware.hart.Pte;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.PageTables;

/**
 * The Sv32 page tables of programs. The root's entries from PAGE_OFFSET on are the kernel's: all address spaces share
 * the kernel's tables.
 *
 * <pre>
 *  31        22 21        12 11          0
 * +------------+------------+-------------+
 * |   VPN[1]   |   VPN[0]   |   offset    |     VPN[1] below 0x300: the program's
 * +------------+------------+-------------+
 * </pre>
 */
final class UserTables {

    /** All programs have this address space identifier. A hart flushes it when it gets another program. */
    static final int ASID = 1;

    private static final int SATP_SV32 = 1 << 31;
    private static final int ASID_SHIFT = 22;
    private static final int ENTRY_BYTES = 4;
    private static final int ENTRIES = 1024;
    private static final int USER_ENTRIES = (int) (AddressSpace.PAGE_OFFSET >>> 22);

    private final KernelMemory memory;
    private final AddressSpace space;
    private final BuddyAllocator pages;
    private final long root;

    UserTables(KernelBase base, BuddyAllocator pages) {
        this.memory = base.memory();
        this.space = base.space();
        this.pages = pages;
        this.root = base.root();
    }

    /** Makes the page table of an empty address space. May sleep. Returns its linear address, or 0. */
    long create() {
        long table = pages.getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, 0);
        if (table != 0) {
            long kernel = space.virt(PageTables.root(RootLayout.SATP.get(memory, root)));
            int kernelBytes = (ENTRIES - USER_ENTRIES) * ENTRY_BYTES;
            memory.copy(table + USER_ENTRIES * ENTRY_BYTES, kernel + USER_ENTRIES * ENTRY_BYTES, kernelBytes);
        }
        return table;
    }

    /** Returns the address of the entry of a page; 0 if there is no table for it. */
    long entry(ReadableMemory view, long table, long va) {
        int first = view.load32(table + ENTRY_BYTES * (va >>> 22));
        return (first & Pte.V) == 0 ? 0
                : space.virt(Pte.pa(first)) + ENTRY_BYTES * (va >>> AddressSpace.PAGE_SHIFT & ENTRIES - 1);
    }

    /** Returns the address of the entry of a page, and makes the table for it. May sleep. Returns 0 without memory. */
    long makeEntry(long table, long va) {
        if (entry(memory, table, va) == 0) {
            long second = pages.getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, 0);
            if (second == 0) {
                return 0;
            }
            memory.store32(table + ENTRY_BYTES * (va >>> 22), Pte.of(space.phys(second), Pte.V));
        }
        return entry(memory, table, va);
    }

    /** Returns the next address from {@code va} on for which there is a table, at most {@code end}. */
    long nextWithTable(long table, long va, long end) {
        long at = va;
        while (at < end && (memory.load32(table + ENTRY_BYTES * (at >>> 22)) & Pte.V) == 0) {
            at = (at >>> 22) + 1 << 22;
        }
        return Math.min(at, end);
    }

    /** Frees the tables. All pages of the program are unmapped. */
    void destroy(long table) {
        for (int i = 0; i < USER_ENTRIES; i++) {
            int entry = memory.load32(table + (long) i * ENTRY_BYTES);
            if ((entry & Pte.V) != 0) {
                pages.freePagesAt(space.virt(Pte.pa(entry)), 0);
            }
        }
        pages.freePagesAt(table, 0);
    }

    /** Returns the value of satp for a page table. */
    int satp(long table) {
        return SATP_SV32 | ASID << ASID_SHIFT | (int) (space.phys(table) >>> AddressSpace.PAGE_SHIFT);
    }

    /** Returns the value of satp for tasks without an address space of their own. */
    int kernelSatp() {
        return RootLayout.SATP.get(memory, root);
    }
}
