package ferrite.kernel.vm;

import ferrite.hardware.hart.Pte;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;

/**
 * Mappings that a driver makes in its {@code mmap} or {@code fault} operation (LDD3 pages 424-431). The address space's
 * lock is held.
 */
@Plumbing
public final class DriverMappings {

    private static final long PAGE = AddressSpace.PAGE_SIZE;

    private final KernelMemory memory;
    private final BuddyAllocator pages;
    private final UserTables tables;
    private final UserPages userPages;

    DriverMappings(KernelBase base, BuddyAllocator pages, UserTables tables, UserPages userPages) {
        this.memory = base.memory();
        this.pages = pages;
        this.tables = tables;
        this.userPages = userPages;
    }

    /**
     * {@code remap_pfn_range}: maps frames, device registers or memory, into an area. They still belong to their owner.
     *
     * @return 0, or a negative errno: EINVAL if the range is not inside the area, EBUSY if a page of it is mapped,
     *         ENOMEM
     */
    public int remapPfnRange(long area, long va, long pfn, long bytes) {
        long size = bytes + PAGE - 1 & -PAGE;
        if (va % PAGE != 0 || bytes <= 0 || va < VmAreaLayout.VM_START.get(memory, area)
                || va + size > VmAreaLayout.VM_END.get(memory, area) || pfn < 0
                || pfn + (size >>> AddressSpace.PAGE_SHIFT) > 1L << 22) {
            return -Errno.EINVAL;
        }
        int flags = VmAreaLayout.VM_FLAGS.get(memory, area) | VmFlags.VM_PFNMAP | VmFlags.VM_IO | VmFlags.VM_DONTEXPAND;
        VmAreaLayout.VM_FLAGS.set(memory, area, flags);
        long table = MmLayout.PGD.get(memory, VmAreaLayout.VM_MM.get(memory, area));
        for (long done = 0; done < size; done += PAGE) {
            long entry = tables.makeEntry(table, va + done);
            if (entry == 0 || memory.load32(entry) != 0) {
                return entry == 0 ? -Errno.ENOMEM : -Errno.EBUSY;
            }
            userPages.set(entry, va + done, Pte.of((pfn << AddressSpace.PAGE_SHIFT) + done,
                    UserPages.permissions(flags, true)));
        }
        return 0;
    }

    /**
     * {@code vm_insert_page}: maps a page of the driver's, and takes a reference to it.
     *
     * @return 0, or a negative errno: EFAULT outside of the area, EINVAL for a slab's page or none, EBUSY, ENOMEM
     */
    public int insertPage(long area, long va, long page) {
        if (va % PAGE != 0 || va < VmAreaLayout.VM_START.get(memory, area)
                || va >= VmAreaLayout.VM_END.get(memory, area)) {
            return -Errno.EFAULT;
        }
        if (!userPages.isMappable(page)) {
            return -Errno.EINVAL;
        }
        long mm = VmAreaLayout.VM_MM.get(memory, area);
        long entry = tables.makeEntry(MmLayout.PGD.get(memory, mm), va);
        if (entry == 0 || memory.load32(entry) != 0) {
            return entry == 0 ? -Errno.ENOMEM : -Errno.EBUSY;
        }
        pages.getPage(page);
        userPages.install(mm, entry, va, page, UserPages.permissions(VmAreaLayout.VM_FLAGS.get(memory, area), true));
        return 0;
    }
}
