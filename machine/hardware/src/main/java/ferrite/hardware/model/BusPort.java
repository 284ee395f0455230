package ferrite.hardware.model;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.report.UnreachableAddress;
import ferrite.hardware.report.ViolationSink;

/**
 * A device's port to the bus: it reads and writes the machine's memory by itself. Addresses are physical, those that a
 * driver's mapping call returned. Each access is checked against what the driver gave to the device, as with any device
 * that masters the bus.
 *
 * <p>An access takes no virtual time. A device that moves much data does so in pieces, an event for each.
 */
public final class BusPort {

    /** Device tree: the property that holds the number of address wires. */
    static final String ADDRESS_WIDTH = "ferrite,addrwidth";

    private static final long END = 1L << 32;

    private final ModelDevice device;
    private final int addressBits;
    private BusMaster master;
    private PhysicalBus bus;
    private ViolationSink violations;

    BusPort(ModelDevice device, int addressBits) {
        this.device = device;
        this.addressBits = addressBits;
    }

    /** Returns the number of address wires. */
    public int addressBits() {
        return addressBits;
    }

    /**
     * Reads bytes from memory.
     *
     * @throws TransferException if the wires do not carry the address, and then nothing is read; or if the range leaves
     *     memory, at its first address outside
     */
    public void read(long pa, byte[] into, int at, int length) throws TransferException {
        require(pa, length, false);
        try {
            bus.read(master, pa, into, at, length);
        } catch (BusFault fault) {
            throw new TransferException(fault.pa(), false, fault.getMessage());
        }
    }

    /** Writes bytes to memory, with the exceptions of {@link #read}. */
    public void write(long pa, byte[] from, int at, int length) throws TransferException {
        require(pa, length, true);
        try {
            bus.write(master, pa, from, at, length);
        } catch (BusFault fault) {
            throw new TransferException(fault.pa(), false, fault.getMessage());
        }
    }

    /** Reads a word of 32 bits, little-endian, as {@link #read} does. */
    public int read32(long pa) throws TransferException {
        byte[] word = new byte[4];
        read(pa, word, 0, 4);
        return word[0] & 0xff | (word[1] & 0xff) << 8 | (word[2] & 0xff) << 16 | word[3] << 24;
    }

    /** Writes a word of 32 bits, little-endian, as {@link #write} does. */
    public void write32(long pa, int value) throws TransferException {
        write(pa, new byte[] {(byte) value, (byte) (value >>> 8), (byte) (value >>> 16), (byte) (value >>> 24)}, 0, 4);
    }

    private void require(long pa, int length, boolean toMemory) throws TransferException {
        device.requireCall();
        if (pa < 0 || length < 0 || pa + length > END) {
            throw new ModelException("it accesses " + length + " bytes at 0x" + Long.toHexString(pa)
                    + "; an address has 32 bits, and is not negative (& 0xffff_ffffL)");
        }
        if (length > 0 && !master.reaches(pa + length - 1)) {
            violations.report(new UnreachableAddress(master, null, device.name(), pa,
                    pa & (1L << addressBits) - 1, length, toMemory));
            throw new TransferException(pa, true, device.name() + " has only " + addressBits + " address bits");
        }
    }

    void connect(PhysicalBus machineBus, ViolationSink sink) {
        bus = machineBus;
        violations = sink;
        master = BusMaster.plugged(device.name(), addressBits);
        bus.describeRequests(device.name(), device::request);
    }
}
