package ferrite.hardware.bus;

/** An observer of accesses on the bus. It must change nothing. */
public interface BusTracer {

    /** Tells an access to a device's registers. A load that faulted is not told. */
    void device(BusMaster master, AddressRange device, long pa, int width, int value, boolean store);

    /** Tells an access to RAM of one to four bytes that uses the bus. Most accesses of a hart use its fast path. */
    void ram(BusMaster master, long pa, int width, int value, boolean store);

    /** Tells a transfer of bytes from or to RAM, before it happens. */
    void block(BusMaster master, long pa, int length, boolean store);
}
