package ferrite.hardware.dma;

import ferrite.hardware.report.Violation;
import ferrite.hardware.report.ViolationSink;

/**
 * The check that Ferrite is about: may a channel start with the address that it was given? The controller has 24 address wires; what
 * software wrote to the high page register has none. A channel is judged when it is let loose, and again when its address is changed behind that.
 */
final class DmaReach {

    private final String controller;
    private final DmaPolicy policy;
    private final ViolationSink violations;
    /** Refusals since software last cleared them, a bit for each channel. */
    private int errors;

    DmaReach(String controller, DmaPolicy policy, ViolationSink violations) {
        this.controller = controller;
        this.policy = policy;
        this.violations = violations;
    }

    /** Judges a channel that has been let loose, however it was judged before. */
    void letLoose(DmaChannel channel) {
        forget(channel);
        reaches(channel);
    }

    /** What was found is no longer true: the channel's address has changed. */
    void forget(DmaChannel channel) {
        channel.judged = false;
        channel.refused = false;
    }

    /** Whether the channel may start; found out once for each address. It is the address that is judged, never where it came from. */
    boolean reaches(DmaChannel channel) {
        if (!channel.judged && !channel.isCascade()) {
            channel.judged = true;
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
        violations.report(new Violation(DmaController.ABOVE_REACH, controller, channel.number, otherEnd(channel), channel.askedDma(),
                channel.drivenDma(), channel.remaining() * channel.width, channel.toMemory(), channel.chip.modeWord(channel)));
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
