package ferrite.hardware.bus;

/**
 * The origin of an access: a hart, a DMA controller or a bus-mastering device.
 *
 * @param name        the name in reports, such as {@code hart0} or {@code dma0}
 * @param addressBits the number of address wires
 */
public record BusMaster(String name, int addressBits) {

    public BusMaster {
        if (addressBits < 1 || addressBits > 34) {
            throw new IllegalArgumentException(name + ": a bus master has 1 to 34 address bits, not " + addressBits);
        }
    }

    /** Tells whether the address fits on the address wires. */
    public boolean reaches(long pa) {
        return pa >>> addressBits == 0;
    }
}
