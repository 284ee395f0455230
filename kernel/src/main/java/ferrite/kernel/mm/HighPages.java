package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;
import java.util.function.LongConsumer;

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

    HighPages(KernelBase base) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.space = base.space();
        this.root = base.root();
    }

    private long table() {
        return space.virt(PageTables.root(memory.load32(root + RootLayout.SATP)));
    }

    private static long slot(int hart) {
        return SLOTS + (long) hart * AddressSpace.PAGE_SIZE;
    }

    /**
     * {@code memcpy_from_page}: copies bytes, at most one page of them and none beyond its end, out of memory of any zone. Any context.
     *
     * @param pa physical address of the first
     */
    public void copyFrom(long to, long pa, int bytes) {
        withMapping(pa, from -> memory.copy(to, from, bytes));
    }

    /** {@code memcpy_to_page}, as {@link #copyFrom}. Any context. */
    public void copyTo(long pa, long from, int bytes) {
        withMapping(pa, to -> memory.copy(to, from, bytes));
    }

    /** Shows a page in this hart's slot while {@code use} runs, with interrupts off. */
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

    /** Any context. */
    void zero(long pfn, int pages) {
        for (int i = 0; i < pages; i++) {
            withMapping(pfn + i << AddressSpace.PAGE_SHIFT, page -> memory.fill(page, 0, AddressSpace.PAGE_SIZE));
        }
    }
}
