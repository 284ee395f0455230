package ferrite.hardware.report;

/**
 * A rule that was broken, as the hardware saw it: facts, in bus addresses.
 * Software that knows whose memory it was adds names to it before a person reads it.
 *
 * @param rule      the rule's name, as in {@code --check}
 * @param engine    the bus master that was misused ({@code dma0})
 * @param channel   its channel; -1 when it has none, as a device that masters the bus itself
 * @param device    the device at the other end of the channel
 * @param dma       the address that was asked for
 * @param wrappedDma the address that the engine's wires can carry
 * @param bytes     how many bytes were to be moved
 * @param toMemory  whether the device writes memory
 * @param mode      the transfer mode, in the data sheet's word
 * @param addressBits how many address bits the engine drives
 */
public record Violation(String rule, String engine, int channel, String device, long dma, long wrappedDma,
                        int bytes, boolean toMemory, String mode, int addressBits) {

    /** Of the DMA controller, with its 24 wires. */
    public Violation(String rule, String engine, int channel, String device, long dma, long wrappedDma, int bytes, boolean toMemory, String mode) {
        this(rule, engine, channel, device, dma, wrappedDma, bytes, toMemory, mode, 24);
    }
}
