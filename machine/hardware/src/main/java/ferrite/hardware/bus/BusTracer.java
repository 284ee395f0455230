package ferrite.hardware.bus;

/** An observer of the accesses that reach devices, and of blocks of bytes in RAM. It must change nothing. */
public interface BusTracer {

    /** Tells an access to a device's registers. A load that faulted is not told. */
    void device(BusMaster master, AddressRange device, long pa, int width, int value, boolean store);

    /** Tells a transfer of bytes from or to RAM, before it happens. */
    void block(BusMaster master, long pa, int length, boolean store);
}
