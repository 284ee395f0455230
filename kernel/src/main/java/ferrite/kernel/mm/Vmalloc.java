package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.RootLayout;
import ferrite.kernel.sched.SpinLock;

/**
 * The area between {@link AddressSpace#VMALLOC_START} and {@link AddressSpace#VMALLOC_END}, as far as device registers need it: addresses are given out
 * upwards and for good, with a guard page after each area.
 */
public final class Vmalloc {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final SpinLock locks;
    private final AddressSpace space;
    private final BuddyAllocator pages;
    private final long root;

    /** @param root the kernel's root page, see {@link RootLayout} */
    public Vmalloc(KernelMemory memory, KernelCpu cpu, AddressSpace space, BuddyAllocator pages, long root) {
        this.memory = memory;
        this.cpu = cpu;
        this.locks = new SpinLock(memory, cpu);
        this.space = space;
        this.pages = pages;
        this.root = root;
    }

    public void init() {
        memory.storeAddress(root + RootLayout.VMALLOC_NEXT, AddressSpace.VMALLOC_START);
    }

    /** {@code ioremap} (LDD3 page 249): a virtual address for device registers, or 0. */
    public long ioremap(long pa, long bytes) {
        long offset = pa & AddressSpace.PAGE_SIZE - 1;
        long size = offset + bytes + AddressSpace.PAGE_SIZE - 1 & -AddressSpace.PAGE_SIZE;
        long va = takeAddresses(size + AddressSpace.PAGE_SIZE);
        if (va == 0) {
            return 0;
        }
        long table = space.virt(PageTables.root(memory.load32(root + RootLayout.SATP)));
        for (long done = 0; done < size; done += AddressSpace.PAGE_SIZE) {
            if (!PageTables.mapPage(memory, space, pages, table, va + done, pa - offset + done)) {
                return 0;
            }
        }
        cpu.sfenceVma();
        return va + offset;
    }

    private long takeAddresses(long bytes) {
        int flags = locks.lockIrqSave(root + RootLayout.VMALLOC_LOCK);
        long va = memory.loadAddress(root + RootLayout.VMALLOC_NEXT);
        boolean fits = bytes <= AddressSpace.VMALLOC_END - va;
        if (fits) {
            memory.storeAddress(root + RootLayout.VMALLOC_NEXT, va + bytes);
        }
        locks.unlockIrqRestore(root + RootLayout.VMALLOC_LOCK, flags);
        return fits ? va : 0;
    }
}
