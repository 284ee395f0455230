package ferrite.hardware.bus;

/**
 * Listener for the accesses that devices make to RAM, each named with its bus master. It must not change the machine.
 * Without a listener an access costs one comparison (law 8).
 */
@FunctionalInterface
public interface DeviceWatch {

    /** Announces an access of a device to {@code bytes} bytes at {@code pa}, which lie inside one page of RAM. */
    void beforeAccess(BusMaster master, long pa, int bytes, boolean store);
}
