package ferrite.hardware.dma;

import java.util.List;
import java.util.stream.Stream;

/**
 * The two controllers of the PC/AT. The second one is wired to the processor. Channel 4, its first, carries the first
 * controller: the HRQ of the first controller is DREQ of channel 4, and DACK of channel 4 is the first controller's
 * HLDA. Channels 0-3 therefore get the bus only while channel 4 is in cascade mode and not masked.
 *
 * <pre>
 *  channels 0-3        channel 4
 *  +---------+  HRQ     +----------+  HRQ
 *  |  first  | -------> |  second  | -------> the bus
 *  |         | <------- |          | <-------
 *  +---------+  HLDA    +----------+  HLDA
 *                       channels 5-7
 * </pre>
 */
final class CascadedPair {

    private static final int WORD = 2;

    final Dma8237 first;
    final Dma8237 second;
    final List<DmaChannel> channels;
    private final DmaChannel cascade;

    CascadedPair(DmaReach reach) {
        first = new Dma8237(0, 1, reach);
        second = new Dma8237(DmaRegisters.CASCADE, WORD, reach);
        channels = Stream.of(first, second).flatMap(chip -> chip.channels().stream()).toList();
        cascade = channels.get(DmaRegisters.CASCADE);
    }

    /** Grants the bus among all requests. Returns the channel that has it now, or null. */
    DmaChannel acknowledge() {
        if (first.isIdle()) {
            cascade.setRequested(false);
            if (second.isIdle()) {
                return null;
            }
        }
        return acknowledgeRequests();
    }

    private DmaChannel acknowledgeRequests() {
        first.checkAddresses();
        second.checkAddresses();
        if (!first.isInService()) {
            second.release(cascade);                   // the first controller's HRQ drops between services
        }
        cascade.setRequested(first.requestsBus());
        DmaChannel channel = second.acknowledge();
        return channel == cascade ? first.acknowledge() : channel;
    }

    /** Tells whether the channel keeps winning the bus as long as nothing changes except its own counters. */
    boolean isUndisputed(DmaChannel channel) {
        return channel.chip.isInService(channel) || !channel.chip.rotates() && !second.rotates() || isAlone();
    }

    private boolean isAlone() {
        int forOthers = second.wantsService(cascade) ? 1 : 0;
        return first.countRequests() + second.countRequests() - forOthers == 1;
    }

    /** Notes that the channel has transferred something. */
    void served(DmaChannel channel) {
        channel.chip.served(channel);
        if (channel.chip == first) {
            second.served(cascade);
        }
    }
}
