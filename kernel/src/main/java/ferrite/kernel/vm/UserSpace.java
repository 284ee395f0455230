package ferrite.kernel.vm;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.sched.RwSemaphore;
import ferrite.kernel.sched.TaskSystem;
import java.util.List;

/** The address spaces of programs, and the kernel's ways into them. */
public final class UserSpace {

    private final AddressSpaces spaces;
    private final UserFaults faults;
    private final UserMemory memory;
    private final PinnedPages pinned;
    private final DriverMappings mappings;

    /** @param files counts references to mapped files */
    public UserSpace(KernelBase base, TaskSystem tasks, MemoryManager mm, FileReferences files) {
        RwSemaphore semaphores = tasks.rwSemaphores();
        UserTables tables = new UserTables(base, mm.pages());
        UserPages pages = new UserPages(base, mm.pages(), tables);
        Areas areas = new Areas(base, mm.kmalloc(), files);
        spaces = new AddressSpaces(base, mm.kmalloc(), semaphores, tables, pages, areas);
        faults = new UserFaults(base, semaphores, mm, tables, pages, areas);
        memory = new UserMemory(base, faults);
        pinned = new PinnedPages(base, semaphores, mm.pages(), pages, faults, areas);
        mappings = new DriverMappings(base, mm.pages(), tables, pages);
    }

    /** Lists the areas of an address space, by address. Only looks. */
    public static List<Long> areas(ReadableMemory view, long mm) {
        return Areas.all(view, mm);
    }

    public AddressSpaces spaces() {
        return spaces;
    }

    public UserFaults faults() {
        return faults;
    }

    /** Copies to and from programs. */
    public UserMemory memory() {
        return memory;
    }

    public PinnedPages pinned() {
        return pinned;
    }

    /** Mappings that drivers make. */
    public DriverMappings mappings() {
        return mappings;
    }
}
