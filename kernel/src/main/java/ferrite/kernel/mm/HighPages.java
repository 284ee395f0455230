package ferrite.kernel.mm;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.RootLayout;

/**
 * {@code clear_highpage}: the allocator's own way to memory that has no linear address, a fixmap slot for each hart, used with interrupts off for a page
 * at a time.
 */
public final class HighPages {

    private static final long SLOTS = AddressSpace.VMALLOC_END;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final AddressSpace space;
    private final long root;

    /** @param root the kernel's root page, see {@link RootLayout} */
    public HighPages(KernelMemory memory, KernelCpu cpu, AddressSpace space, long root) {
        this.memory = memory;
        this.cpu = cpu;
        this.space = space;
        this.root = root;
    }

    /** Makes the page table of the slots. Boot, and only where there is high memory. */
    void init(BuddyAllocator pages) {
        for (int hart = 0; hart < Machine.MAX_HARTS; hart++) {
            PageTables.mapPage(memory, space, pages, table(), slot(hart), space.physOffset());
            PageTables.unmapPage(memory, space, table(), slot(hart));
        }
    }

    private long table() {
        return space.virt(PageTables.root(memory.load32(root + RootLayout.SATP)));
    }

    private static long slot(int hart) {
        return SLOTS + (long) hart * AddressSpace.PAGE_SIZE;
    }

    /** Any context. */
    void zero(long pfn, int pages) {
        long table = table();
        for (int i = 0; i < pages; i++) {
            int irqs = cpu.irqSave();
            long slot = slot(cpu.hartId());
            PageTables.mapPage(memory, space, null, table, slot, pfn + i << AddressSpace.PAGE_SHIFT);
            memory.fill(slot, 0, AddressSpace.PAGE_SIZE);
            PageTables.unmapPage(memory, space, table, slot);
            cpu.sfenceVma(slot);
            cpu.irqRestore(irqs);
        }
    }
}
