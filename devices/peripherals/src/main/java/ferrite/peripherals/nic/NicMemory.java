package ferrite.peripherals.nic;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.report.Hex;

/** Memory as the card reaches it: over the bus, under its own name. */
final class NicMemory {

    private final PhysicalBus bus;
    private final BusMaster master;
    private String request = "it looks at a descriptor";

    NicMemory(PhysicalBus bus, BusMaster master) {
        this.bus = bus;
        this.master = master;
    }

    /** Describes the card's present work, for reports. */
    String request() {
        return request;
    }

    /** Tells whether a ring has a right size and place, all of it in RAM. */
    boolean isRing(NicRing ring) {
        return ring.size() > 0 && ring.size() <= NicRegisters.MAX_RING
                && ring.base() % NicRegisters.DESCRIPTOR_BYTES == 0
                && isRam(ring.base(), (long) ring.size() * NicRegisters.DESCRIPTOR_BYTES);
    }

    private boolean isRam(long pa, long bytes) {
        Ram ram = bus.ram();
        return pa >= ram.base() && pa - ram.base() <= ram.bytes() - bytes;
    }

    int load(long descriptor, int field) {
        request = "it looks at the descriptor at " + Hex.address(descriptor);
        return bus.load(master, descriptor + field, 4);
    }

    void store(long descriptor, int field, int value) {
        request = "it answers in the descriptor at " + Hex.address(descriptor);
        bus.store(master, descriptor + field, 4, value);
    }

    void read(long pa, byte[] into) {
        request = "it sends " + into.length + " bytes from " + Hex.address(pa);
        bus.read(master, pa, into, 0, into.length);
    }

    void write(long pa, byte[] from, int length) {
        request = "it receives " + length + " bytes at " + Hex.address(pa);
        bus.write(master, pa, from, 0, length);
    }

    /** Writes where the card should not, as far as there is memory. */
    void writePast(long pa, int length) {
        if (isRam(pa, length)) {
            write(pa, new byte[length], length);
        }
    }

    int peek(long descriptor, int field) {
        return bus.peek(descriptor + field, 4);
    }
}
