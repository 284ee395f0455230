package ferrite.hardware.dma;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.report.UnreachableAddress;
import ferrite.hardware.report.ViolationSink;

/**
 * Ferrite's central check: whether a channel may start with its address. The controller has 24 address wires, and none
 * for the high page register. The address is checked when the channel is unmasked, and again if it changes afterwards.
 */
final class DmaReach {

    private final BusMaster controller;
    private final DmaPolicy policy;
    private final ViolationSink violations;
    /** Refusals since software last cleared them, a bit for each channel. */
    private int errors;

    DmaReach(BusMaster controller, DmaPolicy policy, ViolationSink violations) {
        this.controller = controller;
        this.policy = policy;
        this.violations = violations;
    }

    /** Returns the bus master of a channel's transfers. */
    BusMaster channelMaster(int number) {
        return new BusMaster(controller.name() + " channel " + number, controller.addressBits());
    }

    /** Checks a channel that has been unmasked or requested, even if its address was checked before. */
    void recheck(DmaChannel channel) {
        forget(channel);
        reaches(channel);
    }

    /** Forgets the result of the check, because the channel's address has changed. */
    void forget(DmaChannel channel) {
        channel.checked = false;
        channel.refused = false;
    }

    /** Tells whether the channel may start. Each address is checked once. Only the address counts, not its origin. */
    boolean reaches(DmaChannel channel) {
        if (!channel.checked && !channel.isCascade()) {
            channel.checked = true;
            if (channel.highPage != 0) {
                report(channel);
                refuseUnderFault(channel);
            }
        }
        return !channel.refused;
    }

    private void refuseUnderFault(DmaChannel channel) {
        if (policy == DmaPolicy.FAULT) {
            errors |= 1 << channel.number;
            channel.chip.refuse(channel);
        }
    }

    private void report(DmaChannel channel) {
        violations.report(new UnreachableAddress(controller,
                new UnreachableAddress.Channel(channel.number, channel.chip.modeWord(channel)), otherEnd(channel),
                channel.askedDma(), channel.drivenDma(), channel.remaining() * channel.width, channel.toMemory()));
    }

    private static String otherEnd(DmaChannel channel) {
        if (channel.chip.isMemoryToMemory(channel)) {
            return "memory";
        }
        return channel.deviceName() == null ? "nothing" : channel.deviceName();
    }

    int errors() {
        return errors;
    }

    void clearErrors(int channels) {
        errors &= ~channels;
    }

    void restoreErrors(int saved) {
        errors = saved;
    }
}
