package ferrite.kernel.vm;

import static ferrite.kernel.vm.VmAreaLayout.NODE;
import static ferrite.kernel.vm.VmAreaLayout.VM_END;
import static ferrite.kernel.vm.VmAreaLayout.VM_FILE;
import static ferrite.kernel.vm.VmAreaLayout.VM_FLAGS;
import static ferrite.kernel.vm.VmAreaLayout.VM_MM;
import static ferrite.kernel.vm.VmAreaLayout.VM_OPS;
import static ferrite.kernel.vm.VmAreaLayout.VM_PGOFF;
import static ferrite.kernel.vm.VmAreaLayout.VM_START;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import java.util.List;

/** The areas of an address space, in the order of their addresses. The caller holds the address space's lock. */
public final class Areas {

    /** Linux's {@code DEFAULT_MAX_MAP_COUNT}, smaller. */
    static final int MAX_AREAS = 1024;
    /** Addresses for {@code mmap} are looked for from here on, Linux's TASK_UNMAPPED_BASE. */
    private static final long UNMAPPED_BASE = 0x4000_0000L;
    /** No area begins below this: an access near address 0 is a mistake ({@code vm.mmap_min_addr}). */
    static final long MIN_ADDRESS = 0x1_0000L;
    /** Programs end here: the kernel keeps one page to itself. */
    static final long TASK_SIZE = AddressSpace.PAGE_OFFSET - AddressSpace.PAGE_SIZE;
    /** Areas with one of these flags are not merged. */
    private static final int SPECIAL = VmFlags.VM_SHARED | VmFlags.VM_GROWSDOWN | VmFlags.VM_PFNMAP | VmFlags.VM_IO
            | VmFlags.VM_DONTEXPAND;

    private final KernelMemory memory;
    private final TextTable text;
    private final Kmalloc kmalloc;
    private final FileReferences files;

    Areas(KernelBase base, Kmalloc kmalloc, FileReferences files) {
        this.memory = base.memory();
        this.text = base.text();
        this.kmalloc = kmalloc;
        this.files = files;
    }

    /** Lists all areas. */
    static List<Long> all(ReadableMemory view, long mm) {
        return ListHead.nodes(view, MmLayout.MMAP.at(mm), MAX_AREAS).stream().map(NODE::containerOf).toList();
    }

    /** Returns the first area that ends after an address, {@code find_vma}; 0 if there is none. */
    long find(long mm, long va) {
        long head = MmLayout.MMAP.at(mm);
        for (long node = ListHead.first(memory, head); node != head; node = ListHead.next(memory, node)) {
            if (VM_END.get(memory, NODE.containerOf(node)) > va) {
                return NODE.containerOf(node);
            }
        }
        return 0;
    }

    /** Returns the area that an address lies in, or 0. */
    long at(long mm, long va) {
        long area = find(mm, va);
        return area != 0 && VM_START.get(memory, area) <= va ? area : 0;
    }

    /** Returns the area after another one, or 0. */
    long next(long mm, long area) {
        long node = ListHead.next(memory, NODE.at(area));
        return node == MmLayout.MMAP.at(mm) ? 0 : NODE.containerOf(node);
    }

    /** Returns whether no area overlaps a range. */
    boolean isFree(long mm, long start, long end) {
        long area = find(mm, start);
        return area == 0 || VM_START.get(memory, area) >= end;
    }

    /** Returns the beginning of a free range, or 0. */
    long unmappedRange(long mm, long bytes) {
        long at = UNMAPPED_BASE;
        for (long area = find(mm, at); area != 0 && VM_START.get(memory, area) < at + bytes; area = next(mm, area)) {
            at = VM_END.get(memory, area);
        }
        return at + bytes <= TASK_SIZE ? at : 0;
    }

    /** Makes an area in a free range. May sleep. Returns it, or 0 without memory or if there are too many. */
    long add(long mm, long start, long end, int flags) {
        long area = MmLayout.MAP_COUNT.get(memory, mm) >= MAX_AREAS ? 0
                : kmalloc.kzalloc(VmAreaLayout.SIZE, Gfp.GFP_KERNEL);
        if (area != 0) {
            VM_START.set(memory, area, start);
            VM_END.set(memory, area, end);
            VM_MM.set(memory, area, mm);
            VM_FLAGS.set(memory, area, flags);
            long next = find(mm, start);
            ListHead.addTail(memory, NODE.at(area), next == 0 ? MmLayout.MMAP.at(mm) : NODE.at(next));
            MmLayout.MAP_COUNT.add(memory, mm, 1);
            MmLayout.TOTAL_VM.add(memory, mm, pages(start, end));
        }
        return area;
    }

    /** Copies file, operations and data of an area to another one, and counts it. */
    void inherit(long area, long from) {
        VM_PGOFF.set(memory, area, VM_PGOFF.get(memory, from));
        VM_OPS.set(memory, area, VM_OPS.get(memory, from));
        VmAreaLayout.VM_PRIVATE_DATA.set(memory, area, VmAreaLayout.VM_PRIVATE_DATA.get(memory, from));
        long file = VM_FILE.get(memory, from);
        VM_FILE.set(memory, area, file);
        if (file != 0) {
            files.get(file);
        }
        if (VM_OPS.get(memory, area) != 0) {
            operations(area).open(area);
        }
    }

    /** Splits an area at an address inside it. May sleep. Returns false without memory. */
    boolean split(long area, long at) {
        long mm = VM_MM.get(memory, area);
        long start = VM_START.get(memory, area);
        long end = VM_END.get(memory, area);
        VM_END.set(memory, area, at);
        long upper = add(mm, at, end, VM_FLAGS.get(memory, area));
        if (upper == 0) {
            VM_END.set(memory, area, end);
            return false;
        }
        MmLayout.TOTAL_VM.add(memory, mm, -pages(at, end));
        inherit(upper, area);
        VM_PGOFF.set(memory, upper, VM_PGOFF.get(memory, area) + pages(start, at));
        return true;
    }

    /** Merges an area with its neighbours, where {@link #mergeBefore} does. */
    void merge(long mm, long area) {
        long next = next(mm, area);
        if (next != 0) {
            mergeBefore(mm, next);
        }
        mergeBefore(mm, area);
    }

    /**
     * {@code vma_merge}: makes one area of this one and the one before it, if both are private memory of the same kind
     * without a file or a driver, and no addresses lie between them.
     *
     * @return the area that has the addresses of this one now
     */
    long mergeBefore(long mm, long area) {
        long node = ListHead.prev(memory, NODE.at(area));
        long before = NODE.containerOf(node);
        if (node == MmLayout.MMAP.at(mm) || VM_END.get(memory, before) != VM_START.get(memory, area)
                || VM_FLAGS.get(memory, before) != VM_FLAGS.get(memory, area)
                || !isPlain(before) || !isPlain(area)) {
            return area;
        }
        long end = VM_END.get(memory, area);
        discard(mm, area);
        resize(before, VM_START.get(memory, before), end);
        return before;
    }

    private boolean isPlain(long area) {
        return (VM_FLAGS.get(memory, area) & SPECIAL) == 0 && VM_FILE.get(memory, area) == 0
                && VM_OPS.get(memory, area) == 0 && VmAreaLayout.VM_PRIVATE_DATA.get(memory, area) == 0;
    }

    /** Moves the end of an area, or its beginning. */
    void resize(long area, long start, long end) {
        int before = pages(VM_START.get(memory, area), VM_END.get(memory, area));
        VM_START.set(memory, area, start);
        VM_END.set(memory, area, end);
        MmLayout.TOTAL_VM.add(memory, VM_MM.get(memory, area), pages(start, end) - before);
    }

    /** Ends an area. Its pages are unmapped. May sleep. */
    void remove(long area) {
        long mm = VM_MM.get(memory, area);
        if (VM_OPS.get(memory, area) != 0) {
            operations(area).close(area);
        }
        long file = VM_FILE.get(memory, area);
        if (file != 0) {
            files.put(file);
        }
        discard(mm, area);
    }

    /** Takes an area off the list that no driver knows. */
    void discard(long mm, long area) {
        ListHead.delete(memory, NODE.at(area));
        MmLayout.MAP_COUNT.add(memory, mm, -1);
        MmLayout.TOTAL_VM.add(memory, mm, -pages(VM_START.get(memory, area), VM_END.get(memory, area)));
        kmalloc.kfree(area);
    }

    /** The driver's operations on an area that has some. */
    VmOperations operations(long area) {
        return text.at(VM_OPS.get(memory, area), VmOperations.class);
    }

    /** The name of these operations' class, without its package. */
    String operationsName(long area) {
        String name = operations(area).getClass().getName();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** The name under which the driver has added its operations. */
    String operationsSymbol(long area) {
        return text.name(VM_OPS.get(memory, area));
    }

    static int pages(long start, long end) {
        return (int) (end - start >>> AddressSpace.PAGE_SHIFT);
    }
}
