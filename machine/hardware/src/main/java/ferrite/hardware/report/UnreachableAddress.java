package ferrite.hardware.report;

import ferrite.hardware.bus.BusMaster;

/**
 * A transfer to an address that its bus master cannot drive, as the hardware sees it. Software that knows the owner of
 * the memory adds more before a person reads it.
 *
 * @param master     the bus master
 * @param channel    the channel of a DMA controller; null for a device that masters the bus itself
 * @param device     the device that takes part in the transfer
 * @param dma        the requested address
 * @param wrappedDma the address that the master's wires can carry
 * @param bytes      the number of bytes to transfer
 * @param toMemory   whether the device writes memory
 */
public record UnreachableAddress(BusMaster master, Channel channel, String device, long dma, long wrappedDma,
        int bytes, boolean toMemory) {

    /** The rule's name. */
    public static final String RULE = "dma-above-reach";

    /**
     * A channel of a DMA controller.
     *
     * @param number counts from 0
     * @param mode   the transfer mode, as the data sheet names it
     */
    public record Channel(int number, String mode) { }

    /** Begins the violation: the summary, and the line {@code what}. */
    public Violation.Builder begin() {
        Violation.Builder violation = new Violation.Builder(RULE, summary());
        violation.line("what", device + (toMemory ? " tried to write " : " tried to read ") + bytes
                + " bytes" + (toMemory ? " to" : " from") + " memory at "
                + Hex.grouped(dma) + "; " + (channel == null ? "it" : "the controller")
                + " drives " + master.addressBits() + " bits (below " + Hex.grouped(1L << master.addressBits()) + ")");
        if (channel == null) {
            violation.facts().text("channel", null);
        } else {
            violation.facts().number("channel", channel.number);
        }
        violation.facts().text("device", device);
        return violation;
    }

    private String summary() {
        return channel == null
                ? master.name() + " was given an address that its " + master.addressBits() + " bits cannot drive"
                : "channel " + channel.number + " was given a buffer that a " + master
                .addressBits() + "-bit DMA controller cannot address";
    }

    /** Describes the channel and the transfer, for the line {@code channel}; null without a channel. */
    public String transfer() {
        return channel == null ? null : channel.number + " of " + master.name() + ", " + channel.mode + " mode, "
                + (toMemory ? "device to memory" : "memory to device") + ", count " + bytes;
    }

    /** Describes the culprit, as the begin of what makes two violations the same mistake. */
    public String culprit() {
        return RULE + (channel == null ? " by " + master.name() : " on channel " + channel.number);
    }

    /** Says what real hardware would do with the address. */
    public String onSilicon() {
        return "Silicon would drop the upper bits and " + (toMemory ? "write to " : "read from ")
                + Hex.grouped(wrappedDma);
    }

    /** Completes the violation with the hardware's knowledge alone, for a machine whose software is not known. */
    public Violation alone(Violation.Moment when) {
        Violation.Builder violation = begin();
        violation.facts().address("pa", dma).address("wrapped_pa", wrappedDma);
        if (channel != null) {
            violation.line("channel", transfer());
        }
        return violation.line("why",
                "the address has bits above the " + master.addressBits() + " wires of " + master.name() + ".")
                .line("", onSilicon() + ".")
                .line("instead", "give it memory below " + Hex.grouped(1L << master.addressBits()))
                .build(culprit(), when);
    }
}
