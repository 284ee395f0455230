package ferrite.hardware.bus;

/**
 * The origin of an access: a hart, a DMA channel, a bus-mastering device, or the host.
 *
 * @param name        the name in reports, such as {@code hart0} or {@code dma0 channel 2}
 * @param addressBits the number of address wires
 * @param kind        what kind of thing it is
 */
public record BusMaster(String name, int addressBits, Kind kind) {

    /** The kinds of bus masters. */
    public enum Kind {
        HART, DEVICE,
        /** A device that a user plugs in. Its driver gives it, by the calls for DMA, all memory that it may access. */
        PLUGGED,
        HOST
    }

    public BusMaster {
        if (addressBits < 1 || addressBits > 34) {
            throw new IllegalArgumentException(name + ": a bus master has 1 to 34 address bits, not " + addressBits);
        }
    }

    /** Creates a device. */
    public BusMaster(String name, int addressBits) {
        this(name, addressBits, Kind.DEVICE);
    }

    /** Creates a device that a user plugs in. */
    public static BusMaster plugged(String name, int addressBits) {
        return new BusMaster(name, addressBits, Kind.PLUGGED);
    }

    /** Creates a hart. */
    public static BusMaster hart(int id) {
        return new BusMaster("hart" + id, 34, Kind.HART);
    }

    /** Creates a part of the host that fills or changes memory from outside the machine, such as a loader. */
    public static BusMaster host(String name) {
        return new BusMaster(name, 34, Kind.HOST);
    }

    /** Tells whether it is a device, of the board's own or not. */
    public boolean isDevice() {
        return kind == Kind.DEVICE || kind == Kind.PLUGGED;
    }

    /** Does what a record does without this, with no need for the JVM to make method handles when a machine starts. */
    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof BusMaster master && addressBits == master.addressBits
                && kind == master.kind && name.equals(master.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    /** Tells whether the address fits on the address wires. */
    public boolean reaches(long pa) {
        return pa >>> addressBits == 0;
    }
}
