package ferrite.hardware.bus;

/**
 * A listener for accesses to memory, which it hears of before they are made, each with its bus master. It may inspect,
 * but must change nothing that software or a device can see. The access is made whatever it finds.
 *
 * <p>It is installed for all accesses to some pages ({@link PhysicalBus#watch}), for those of software, or for those of
 * devices. What it does not want to hear of stays on the fast paths and pays nothing (law 8).
 */
@FunctionalInterface
public interface AccessWatch {

    /** In place of a virtual address, for accesses that no page table translates. */
    long PHYSICAL = -1;

    /**
     * Announces an access.
     *
     * @param va    the virtual address, if the watch is one of software; otherwise {@link #PHYSICAL}
     * @param bytes the number of bytes, all inside one page
     */
    void beforeAccess(BusMaster master, long va, long pa, int bytes, Access access);

    /**
     * Tells whether software may access a page on a fast path, unannounced. The caller enters it into one if all
     * watches agree.
     */
    default boolean mayBeFast(long va, long pa) {
        return false;
    }
}
