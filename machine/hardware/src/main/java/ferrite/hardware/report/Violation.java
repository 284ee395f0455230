package ferrite.hardware.report;

/**
 * A broken rule, as the hardware saw it: facts, in bus addresses. Software that knows the owner of the memory adds
 * names before it is shown to a person.
 *
 * @param rule        the rule's name, as in {@code --check}
 * @param engine      the bus master that was misused ({@code dma0})
 * @param channel     the engine's channel, or -1 for a bus-mastering device, which has none
 * @param device      the device at the other end of the channel
 * @param dma         the requested address
 * @param wrappedDma  the address that the engine's wires can carry
 * @param bytes       the number of bytes to transfer
 * @param toMemory    whether the device writes memory
 * @param mode        the transfer mode, as the data sheet names it
 * @param addressBits the number of address bits that the engine drives
 */
public record Violation(String rule, String engine, int channel, String device, long dma, long wrappedDma,
                        int bytes, boolean toMemory, String mode, int addressBits) {

    /** Creates a violation by the DMA controller, which has 24 address wires. */
    public Violation(String rule, String engine, int channel, String device, long dma, long wrappedDma, int bytes, boolean toMemory, String mode) {
        this(rule, engine, channel, device, dma, wrappedDma, bytes, toMemory, mode, 24);
    }
}
