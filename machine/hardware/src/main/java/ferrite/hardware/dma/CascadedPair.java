package ferrite.hardware.dma;

import java.util.List;
import java.util.stream.Stream;

/**
 * The two controllers of the PC/AT. The second one is wired to the processor; channel 4, its first, carries the first controller: HRQ of that is DREQ
 * of channel 4, and DACK of channel 4 its HLDA. So channels 0-3 get the bus only when channel 4 is in cascade mode and not masked.
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

    /** The channel that has the bus now, after everybody who wants it has been heard; or null. */
    DmaChannel acknowledge() {
        if (first.isIdle()) {
            cascade.requested = false;
            if (second.isIdle()) {
                return null;
            }
        }
        first.judge();
        second.judge();
        if (!first.isInService()) {
            second.release(cascade);                   // the first controller's HRQ drops between services
        }
        cascade.requested = first.requestsBus();
        DmaChannel channel = second.acknowledge();
        return channel == cascade ? first.acknowledge() : channel;
    }

    /** Whether the channel would get the bus again and again, as long as nothing changes but its own counters. */
    boolean isUndisputed(DmaChannel channel) {
        return channel.chip.isInService(channel) || !channel.chip.rotates() && !second.rotates() || isAlone();
    }

    private boolean isAlone() {
        int forOthers = second.wantsService(cascade) ? 1 : 0;
        return first.countRequests() + second.countRequests() - forOthers == 1;
    }

    /** The channel has moved something. */
    void served(DmaChannel channel) {
        channel.chip.served(channel);
        if (channel.chip == first) {
            second.served(cascade);
        }
    }
}
