package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;
import java.util.function.LongConsumer;

/**
 * {@code clear_highpage}: gives the allocator access to memory without a linear address, one page at a time. Each hart
 * has a fixmap slot, which it uses with interrupts off.
 */
public final class HighPages {

    private static final long SLOTS = AddressSpace.VMALLOC_END;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final AddressSpace space;
    private final long root;

    HighPages(KernelBase base) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.space = base.space();
        this.root = base.root();
    }

    private long table() {
        return space.virt(PageTables.root(RootLayout.SATP.get(memory, root)));
    }

    private static long slot(int hart) {
        return SLOTS + (long) hart * AddressSpace.PAGE_SIZE;
    }

    /**
     * Copies bytes out of one page of any zone. Any context.
     *
     * @param pa    physical address of the first byte
     * @param bytes up to the end of the page
     */
    public void copyFrom(long to, long pa, int bytes) {
        withMapping(pa, from -> memory.copy(to, from, bytes));
    }

    /** Copies bytes into one page of any zone, see {@link #copyFrom}. Any context. */
    public void copyTo(long pa, long from, int bytes) {
        withMapping(pa, to -> memory.copy(to, from, bytes));
    }

    /** Runs {@code use} with a page mapped in this hart's slot, interrupts off. */
    private void withMapping(long pa, LongConsumer use) {
        int irqs = cpu.irqSave();
        long slot = slot(cpu.hartId());
        long page = pa & -AddressSpace.PAGE_SIZE;
        PageTables.mapPage(memory, space, table(), slot, page);
        use.accept(slot + pa - page);
        PageTables.unmapPage(memory, space, table(), slot);
        cpu.sfenceVma(slot);
        cpu.irqRestore(irqs);
    }

    /** Zeroes pages. Any context. */
    void zero(long pfn, int pages) {
        for (int i = 0; i < pages; i++) {
            withMapping(pfn + i << AddressSpace.PAGE_SHIFT, page -> memory.fill(page, 0, AddressSpace.PAGE_SIZE));
        }
    }
}
