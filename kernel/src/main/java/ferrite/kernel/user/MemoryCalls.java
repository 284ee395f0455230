package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Files;
import ferrite.kernel.vm.AddressSpaces;
import ferrite.kernel.vm.UserSpace;
import ferrite.kernel.vm.VmAreaLayout;
import ferrite.kernel.vm.VmFlags;

/** System calls that change the address space. */
final class MemoryCalls {

    private static final int ACCESS = 7;
    /** The pages of a file that can be mapped: 4 GiB. */
    private static final int MAX_PAGES = 1 << 20;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_SHARED_VALIDATE = 3;
    private static final int MAP_TYPE = 0xf;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_GROWSDOWN = 0x100;
    private static final int MAP_FIXED_NOREPLACE = 0x10_0000;
    /** Advice with smaller numbers, or this one, changes nothing. */
    private static final int MADV_WILLNEED = 3;
    private static final int MADV_DONTNEED = 4;

    private final UserServices services;
    private final KernelMemory memory;
    private final UserSpace space;
    private final Files files;

    MemoryCalls(UserServices services) {
        this.services = services;
        this.memory = services.memory();
        this.space = services.space();
        this.files = services.files();
    }

    void addTo(SystemCalls calls) {
        calls.add(214, x -> space.spaces().brk(services.addressSpace(), x.pointer(0)));
        calls.add(215, x -> space.spaces().unmap(services.addressSpace(), x.pointer(0), x.pointer(1)));
        calls.add(222, this::mmap2);
        calls.add(226, x -> (x.argument(2) & ~ACCESS) != 0 ? -Errno.EINVAL
                : space.spaces().protect(services.addressSpace(), x.pointer(0), x.pointer(1), x.argument(2)));
        calls.add(227, x -> x.pointer(0) % AddressSpace.PAGE_SIZE != 0 ? -Errno.EINVAL : 0);
        calls.add(233, this::madvise);
    }

    private long mmap2(Registers x) {
        int access = x.argument(2);
        int flags = x.argument(3);
        int type = flags & MAP_TYPE;
        if ((access & ~ACCESS) != 0 || type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE) {
            return -Errno.EINVAL;
        }
        boolean isShared = type != MAP_PRIVATE;
        int vmFlags = access | (isShared ? VmFlags.VM_SHARED : 0)
                | ((flags & MAP_GROWSDOWN) != 0 ? VmFlags.VM_GROWSDOWN : 0);
        AddressSpaces.Placement placement = (flags & MAP_FIXED_NOREPLACE) != 0
                ? AddressSpaces.Placement.FIXED_NOREPLACE
                : (flags & MAP_FIXED) != 0 ? AddressSpaces.Placement.FIXED : AddressSpaces.Placement.HINT;
        AddressSpaces.Wish wish = new AddressSpaces.Wish(x.pointer(0), x.pointer(1), vmFlags, placement);
        if (isShared && (flags & MAP_GROWSDOWN) != 0) {
            return -Errno.EINVAL;                      // as Linux: a stack is its program's
        }
        if ((flags & MAP_ANONYMOUS) == 0) {
            int mistake = files.programs().mayMap(x.argument(4), vmFlags);
            if (mistake != 0 || x.pointer(5) + x.pointer(1) / AddressSpace.PAGE_SIZE > MAX_PAGES) {
                return mistake != 0 ? mistake : -Errno.EOVERFLOW;
            }
            return space.spaces().map(services.addressSpace(), wish, area -> {
                VmAreaLayout.VM_PGOFF.set(memory, area, x.pointer(5));
                return files.programs().mmap(x.argument(4), area);
            });
        }
        // a child of fork has the pages of shared memory, so they exist from the start
        return space.spaces().map(services.addressSpace(), wish,
                area -> isShared ? space.faults().populate(area) : 0);
    }

    private long madvise(Registers x) {
        if (x.argument(2) == MADV_DONTNEED) {
            return space.spaces().dropPages(services.addressSpace(), x.pointer(0), x.pointer(1));
        }
        return x.pointer(0) % AddressSpace.PAGE_SIZE != 0 || x.argument(2) < 0 || x.argument(2) > MADV_WILLNEED
                ? -Errno.EINVAL : 0;
    }
}
