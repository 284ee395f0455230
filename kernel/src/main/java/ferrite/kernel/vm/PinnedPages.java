package ferrite.kernel.vm;

import ferrite.hardware.bus.Access;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.sched.RwSemaphore;

/**
 * {@code get_user_pages} and {@code pin_user_pages} (LDD3 pages 435-437): gives a driver the pages of the current
 * program, so that a device can access them. Task context; may sleep.
 */
@Plumbing
public final class PinnedPages {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final RwSemaphore semaphores;
    private final BuddyAllocator pages;
    private final UserPages userPages;
    private final UserFaults faults;
    private final Areas areas;

    PinnedPages(KernelBase base, RwSemaphore semaphores, BuddyAllocator pages, UserPages userPages, UserFaults faults,
            Areas areas) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.semaphores = semaphores;
        this.pages = pages;
        this.userPages = userPages;
        this.faults = faults;
        this.areas = areas;
    }

    /**
     * Takes references to consecutive pages of the current program, and brings them in.
     *
     * @param write   whether memory will be written: shared pages are copied first
     * @param pin     whether the references are pins
     * @param pagesVa where the addresses of the pages are stored
     * @return the number of pages, perhaps less than {@code count}; {@code -EFAULT} if the first is not there
     */
    public int get(long start, int count, boolean write, boolean pin, long pagesVa) {
        long mm = TaskLayout.MM.get(memory, cpu.tp());
        if (mm == 0 || count <= 0) {
            return count <= 0 ? -Errno.EINVAL : -Errno.EFAULT;
        }
        semaphores.downRead(MmLayout.MMAP_LOCK.at(mm));
        try {
            for (int i = 0; i < count; i++) {
                long page = bringIn(mm, (start & -AddressSpace.PAGE_SIZE) + (long) i * AddressSpace.PAGE_SIZE, write);
                if (page == 0) {
                    return i == 0 ? -Errno.EFAULT : i;
                }
                pages.getPage(page);
                if (pin) {
                    PageLayout.PINCOUNT.amoAdd(memory, page, 1);
                }
                memory.storeAddress(pagesVa + 4L * i, page);
            }
            return count;
        } finally {
            semaphores.upRead(MmLayout.MMAP_LOCK.at(mm));
        }
    }

    /** Returns the page at an address, or 0. */
    private long bringIn(long mm, long va, boolean write) {
        long area = va >= Areas.TASK_SIZE ? 0 : areas.at(mm, va);
        if (area == 0 || (VmAreaLayout.VM_FLAGS.get(memory, area) & VmFlags.VM_PFNMAP) != 0
                || faults.handleLocked(mm, va, write ? Access.STORE : Access.LOAD) != FaultOutcome.REPEAT) {
            return 0;
        }
        return userPages.mapped(mm, va);
    }

    /** {@code unpin_user_page}: drops a pin. Any context. Returns false if the page is not pinned. */
    public boolean unpin(long page) {
        if (!pages.isAllocated(memory, page) || PageLayout.PINCOUNT.get(memory, page) == 0) {
            return false;
        }
        PageLayout.PINCOUNT.amoAdd(memory, page, -1);
        pages.putPage(page);
        return true;
    }
}
