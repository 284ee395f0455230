package ferrite.kernel.vm;

import ferrite.kernel.base.DriverApi;

/**
 * A driver's operations on an area that it has mapped for a program (LDD3 pages 421 and 427-430). The kernel calls them
 * in task context with the address space's lock held; they may sleep. {@code area} is the address of a
 * {@link VmAreaLayout}.
 */
@DriverApi
public interface VmOperations {

    /** The page is in {@link VmFaultLayout#PAGE}, with a reference for the program. */
    int FAULT_PAGE = 0;
    /** There is no memory: the program is killed. */
    int VM_FAULT_OOM = 1;
    /** There is nothing at this address: the program gets SIGBUS. */
    int VM_FAULT_SIGBUS = 2;
    /** The driver has mapped the page itself. */
    int VM_FAULT_NOPAGE = 0x100;

    /** Counts another area: a {@code fork}, or an area that was split, has made it. Not called for {@code mmap}. */
    default void open(long area) { }

    /** Ends an area. */
    default void close(long area) { }

    /**
     * Finds the page for an address that was accessed first. It takes a reference with {@code get_page}.
     *
     * @param fault address of a {@link VmFaultLayout}
     * @return {@link #FAULT_PAGE}, {@link #VM_FAULT_NOPAGE}, {@link #VM_FAULT_SIGBUS} or {@link #VM_FAULT_OOM}
     */
    default int fault(long area, long fault) {
        return VM_FAULT_SIGBUS;
    }
}
