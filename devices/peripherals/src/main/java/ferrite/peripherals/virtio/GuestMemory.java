package ferrite.peripherals.virtio;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;

/**
 * RAM as a virtio device reaches it: over the bus, under the device's own name. The 64-bit addresses come from a driver
 * and may lead anywhere.
 */
final class GuestMemory {

    private final PhysicalBus bus;
    private final BusMaster master;

    GuestMemory(PhysicalBus bus, BusMaster master) {
        this.bus = bus;
        this.master = master;
    }

    /**
     * Checks that a range of bytes lies in RAM.
     *
     * @param range names the range in the message for the driver
     */
    void require(long address, long length, String range) {
        if (!holds(address, length)) {
            throw new DriverError(range + ", " + length + " bytes at 0x" + Long.toHexString(address)
                    + ", is not in RAM");
        }
    }

    /** Returns true if a range of bytes lies in RAM. */
    boolean holds(long address, long length) {
        Ram ram = bus.ram();
        long into = address - ram.base();
        return into >= 0 && into <= ram.bytes() && length >= 0 && length <= ram.bytes() - into;
    }

    int load16(long pa) {
        return bus.load(master, pa, 2);
    }

    void store16(long pa, int value) {
        bus.store(master, pa, 2, value);
    }

    void store32(long pa, int value) {
        bus.store(master, pa, 4, value);
    }

    void read(long pa, byte[] into, int at, int length) {
        bus.read(master, pa, into, at, length);
    }

    void write(long pa, byte[] from, int at, int length) {
        bus.write(master, pa, from, at, length);
    }

    int peek16(long pa) {
        return bus.peek(pa, 2);
    }
}
