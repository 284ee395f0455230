package ferrite.hardware.bus;

/**
 * Who makes an access: a hart, a DMA controller, a bus-mastering device.
 *
 * @param name        as reports call it: {@code hart0}, {@code dma0}
 * @param addressBits how many address wires it has
 */
public record BusMaster(String name, int addressBits) {

    public BusMaster {
        if (addressBits < 1 || addressBits > 34) {
            throw new IllegalArgumentException(name + ": a bus master has 1 to 34 address bits, not " + addressBits);
        }
    }

    /** Whether its wires can carry the address. */
    public boolean reaches(long pa) {
        return pa >>> addressBits == 0;
    }
}
