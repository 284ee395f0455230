package ferrite.hardware.dma;

import ferrite.hardware.bus.AccessWatch;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The timing of DMA. While any channel requests the bus, {@value DmaController#BURST_BYTES} bytes move every {@value
 * DmaController#BURST_TICKS} ticks. The priority encoders choose the channel before each transfer.
 *
 * <p>Bytes that move all at once at the end cannot be told from bytes that move as time passes, unless something reads
 * memory or registers in between. A channel that will have the bus for long therefore gets a <i>plan</i>: it moves as
 * many bytes as it can in one event. The pages of the plan and the controller's registers are watched, so that the
 * channel catches up before any access sees them. Where channels alternate from transfer to transfer, a plan is one
 * burst long and moves nothing before its end.
 */
final class DmaPacer {

    /** Maximum size of a plan: 65536 words, the range of the counter. */
    private static final int MAX_PLAN_BYTES = 2 << 16;
    /**
     * Maximum number of watched ranges: two for each channel of a memory-to-memory transfer, because its counter may
     * wrap.
     */
    private static final int MAX_SPANS = 4;

    private final CascadedPair pair;
    private final PhysicalBus bus;
    private final IsaBus isa;
    private final Clock clock;
    private final ClockEvent planDone;
    private final Consumer<DmaChannel> ended;
    private final AccessWatch catchUp = (master, va, pa, bytes, access) -> catchUp();

    /**
     * The channel that has the bus. The next fields hold the start of its plan, the plan's bytes, and the bytes moved
     * so far.
     */
    private DmaChannel active;
    private long since;
    private int planned;
    private int moved;
    /** The number of planned bytes, from the first on, for which the device is ready. */
    private int answered;
    private final List<DmaChannel.Span> watched = new ArrayList<>();
    /** Between {@link #stop} and {@link #start}: the ticks already spent on the next burst. */
    private long pausedTicks;
    private boolean moving;

    /**
     * Creates a pacer.
     *
     * @param ended is called with each channel at its terminal count, before the channel is initialised again
     */
    DmaPacer(String name, CascadedPair pair, PhysicalBus bus, IsaBus isa, Clock clock, Consumer<DmaChannel> ended) {
        this.pair = pair;
        this.bus = bus;
        this.isa = isa;
        this.clock = clock;
        this.ended = ended;
        this.planDone = clock.newEvent(name, () -> {
            stop();
            start();
        });
    }

    /** Tells whether a device is being called. The device may set its request line meanwhile. */
    boolean isMoving() {
        return moving;
    }

    boolean isActive(DmaChannel channel) {
        return channel == active;
    }

    // ---- plans ----

    /** Grants the bus and starts a plan, after a possible change. */
    void start() {
        active = pair.acknowledge();
        if (active != null && !active.isCascade()) {
            startPlan();
        }
        pausedTicks = 0;
    }

    private void startPlan() {
        since = clock.now() - pausedTicks;
        if (pair.isUndisputed(active)) {
            plan();
        }
        planDone.scheduleAt(since + planTicks());
    }

    private void plan() {
        int transfers = transfersInOneGo();
        planned = transfers * active.width;
        answered = Math.min(planned, active.ready() * active.width);
        if (active.chip.isMemoryToMemory(active)) {
            if (active.autoInitialises()) {
                watched.add(active.wholePage());
            } else {
                active.addSpans(transfers, watched);
            }
        }
        active.chip.counting(active).addSpans(transfers, watched);
        for (DmaChannel.Span span : watched) {
            bus.watch(span.pa(), span.bytes(), catchUp);
        }
    }

    /**
     * Returns the transfers until terminal count. A channel that obeys its request line stops where its device does.
     */
    private int transfersInOneGo() {
        int remaining = active.chip.counting(active).remaining();
        boolean heedsDevice = active.mode() != DmaMode.BLOCK && active.transferType() != DmaRegisters.MODE_VERIFY
                && !active.chip.isMemoryToMemory(active);
        return heedsDevice ? Math.min(remaining, active.ready()) : remaining;
    }

    private long planTicks() {
        int bursts = (Math.max(1, planned) + DmaController.BURST_BYTES - 1) / DmaController.BURST_BYTES;
        return (long) bursts * DmaController.BURST_TICKS;
    }

    /** Brings memory and registers up to date and drops the plan, before a possible change. */
    void stop() {
        if (active == null) {
            return;
        }
        unwatch();                                     // first, so that the move does not announce itself
        catchUp();
        planDone.cancel();
        DmaChannel channel = active;
        active = null;
        if (!channel.isCascade()) {
            pausedTicks = (clock.now() - since) % DmaController.BURST_TICKS;
            if (moved > 0) {
                served(channel); // here and not in the event: another cause may stop the plan first, in the same tick
            }
            if (clock.now() - since >= planTicks()) {
                finishBurst((int) (planTicks() / DmaController.BURST_TICKS) * DmaController.BURST_BYTES - planned);
            }
        }
        since = 0;
        planned = 0;
        moved = 0;
        answered = 0;
    }

    private void unwatch() {
        for (DmaChannel.Span span : watched) {
            bus.unwatch(span.pa(), span.bytes(), catchUp);
        }
        watched.clear();
    }

    /**
     * Uses the rest of a burst, transfer by transfer, for the channels that come next. The bus is granted again after
     * the last one.
     */
    private void finishBurst(int bytes) {
        int left = bytes;
        DmaChannel channel = pair.acknowledge();
        while (channel != null && !channel.isCascade() && channel.width <= left) {
            moving = true;
            isa.transfer(channel, 1, 1);
            moving = false;
            served(channel);
            left -= channel.width;
            channel = pair.acknowledge();
        }
    }

    /** Moves the bytes that the hardware would have moved by now. */
    void catchUp() {
        if (active == null || moving) {
            return;
        }
        long bursts = (clock.now() - since) / DmaController.BURST_TICKS;
        int due = (int) Math.min(planned, bursts * DmaController.BURST_BYTES);
        if (due > moved) {
            moving = true;
            isa.transfer(active, active.transfers(due - moved), active.transfers(answered - moved));
            moving = false;
            moved = due;
        }
    }

    private void served(DmaChannel channel) {
        pair.served(channel);
        if (channel.chip.counting(channel).hasRunOut()) {
            reachTerminalCount(channel);
        }
    }

    private void reachTerminalCount(DmaChannel channel) {
        boolean memoryToMemory = channel.chip.isMemoryToMemory(channel);
        ended.accept(channel.chip.counting(channel));
        channel.chip.terminalCount(channel);
        if (channel.requester != null && !memoryToMemory) {
            moving = true;
            channel.requester.terminalCount();
            moving = false;
        }
    }

    // ---- state ----

    void save(StateWriter out) {
        out.putInts(new int[] {active == null ? -1 : active.number, planned, moved, answered, watched.size()});
        out.put64(since);
        for (DmaChannel.Span span : watched) {
            out.put64(span.pa());
            out.put32(span.bytes());
        }
    }

    /** Restores the plan. The bus has already dropped all watches. */
    void restore(StateReader in) {
        int[] words = new int[5];
        in.getInts(words);
        active = words[0] < 0 ? null : pair.channels.get(StateReader.bitsOf(words[0], DmaRegisters.CHANNELS - 1));
        planned = words[1];
        moved = words[2];
        answered = words[3];
        StateReader.requireThat(0 <= moved && moved <= planned && planned <= MAX_PLAN_BYTES
                && 0 <= answered && answered <= planned, "it holds a plan of " + planned + " bytes, " + answered
                        + " of them with a device and " + moved + " moved, which is impossible");
        since = in.get64(0, clock.now());
        watched.clear();
        StateReader.requireThat(words[4] <= MAX_SPANS,
                "it watches " + words[4] + " ranges of memory, more than " + MAX_SPANS);
        for (int i = 0; i < words[4]; i++) {
            DmaChannel.Span span = new DmaChannel.Span(in.get64(0, (1L << DmaController.ADDRESS_BITS) - 1),
                    in.get32(0, MAX_PLAN_BYTES));
            watched.add(span);
            bus.watch(span.pa(), span.bytes(), catchUp);
        }
    }
}
