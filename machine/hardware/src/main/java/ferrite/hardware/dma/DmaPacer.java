package ferrite.hardware.dma;

import ferrite.hardware.bus.AccessMonitor;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * When bytes move: as long as somebody wants the bus, {@value DmaController#BURST_BYTES} bytes go over it every
 * {@value DmaController#BURST_TICKS} ticks, and the priority encoders decide before each transfer whose.
 *
 * <p>Nobody can tell whether bytes move as time passes or all at once at the end, unless somebody looks in between. So a channel that will have the
 * bus for long is given a <i>plan</i>: it moves everything it can in one event, and the pages that it goes through, as well as the
 * controller's registers, are watched, so that it catches up before anybody sees them. Where channels take turns transfer by transfer,
 * a plan is one burst long and moves nothing before its end.
 */
final class DmaPacer {

    /** Words, as many as the counter can say. */
    private static final int LARGEST_PLAN = 2 << 16;
    /** Two for each channel of memory to memory, whose counters may wrap. */
    private static final int MOST_SPANS = 4;

    private final CascadedPair pair;
    private final PhysicalBus bus;
    private final IsaBus isa;
    private final Clock clock;
    private final ClockEvent planDone;
    private final Consumer<DmaChannel> ended;
    private final AccessMonitor catchUp = (pa, bytes, store) -> catchUp();

    /** The channel that has the bus, since when, and how many bytes it will have moved at the end of its plan, and has now. */
    private DmaChannel active;
    private long since;
    private int planned;
    private int moved;
    /** The first so many of them its device answers. */
    private int answered;
    private final List<DmaChannel.Span> watched = new ArrayList<>();
    /** Between {@link #stop} and {@link #start}: how far into its next burst the bus was. */
    private long pausedTicks;
    private boolean moving;

    /** @param ended is told of every channel that has come to its terminal count, before it is initialised anew */
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

    /** Whether it is calling a device, which may answer at once. */
    boolean isMoving() {
        return moving;
    }

    boolean isActive(DmaChannel channel) {
        return channel == active;
    }

    // ---- plans ----

    /** Something may have changed: gives the bus to whom it belongs now. */
    void start() {
        active = pair.acknowledge();
        since = clock.now() - pausedTicks;
        pausedTicks = 0;
        moved = 0;
        planned = 0;
        answered = 0;
        if (active != null && !active.isCascade()) {
            if (pair.isUndisputed(active)) {
                plan();
            }
            planDone.scheduleAt(since + planTicks());
        }
    }

    private void plan() {
        int transfers = transfersInOneGo();
        planned = transfers * active.width;
        answered = Math.min(planned, active.ready() * active.width);
        if (active.chip.isMemoryToMemory(active)) {
            watched.addAll(active.autoInitialises() ? List.of(active.wholePage()) : active.spans(transfers));
        }
        watched.addAll(active.chip.counting(active).spans(transfers));
        watched.forEach(span -> bus.watch(span.pa(), span.bytes(), catchUp));
    }

    /** Up to terminal count; a channel that heeds its request line goes no further than its device. */
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

    /** Brings memory and registers up to now and puts the plan aside, because something about it may change. */
    void stop() {
        catchUp();
        unwatch();
        planDone.cancel();
        DmaChannel channel = active;
        active = null;
        if (channel != null && !channel.isCascade()) {
            pausedTicks = (clock.now() - since) % DmaController.BURST_TICKS;
            if (moved > 0) {
                served(channel);                       // here and not at the event: whoever stops the plan may be there first, in the same tick
            }
            if (clock.now() - since >= planTicks()) {
                finishBurst((int) (planTicks() / DmaController.BURST_TICKS) * DmaController.BURST_BYTES - planned);
            }
        }
    }

    private void unwatch() {
        watched.forEach(span -> bus.unwatch(span.pa(), span.bytes(), catchUp));
        watched.clear();
    }

    /** What is left of a burst is for whoever is next, transfer by transfer; at its end too the bus goes to somebody. */
    private void finishBurst(int bytes) {
        int left = bytes;
        DmaChannel channel = pair.acknowledge();
        while (channel != null && !channel.isCascade() && channel.width <= left) {
            move(channel, 1, 1);
            served(channel);
            left -= channel.width;
            channel = pair.acknowledge();
        }
    }

    /** Moves the bytes that silicon would have moved by now. */
    void catchUp() {
        if (active == null || moving) {
            return;
        }
        long bursts = (clock.now() - since) / DmaController.BURST_TICKS;
        int due = (int) Math.min(planned, bursts * DmaController.BURST_BYTES);
        if (due > moved) {
            move(active, (due - moved) / active.width, (answered - moved) / active.width);
            moved = due;
        }
    }

    private void move(DmaChannel channel, int transfers, int ofDevice) {
        moving = true;
        if (channel.chip.isMemoryToMemory(channel)) {
            channel.chip.keepTemporary(isa.copy(channel, channel.chip.counting(channel), transfers, channel.chip.holdsAddress()));
        } else {
            isa.transfer(channel, transfers, ofDevice);
        }
        moving = false;
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

    /** The bus has forgotten all watching by now. */
    void restore(StateReader in) {
        int[] words = new int[5];
        in.getInts(words);
        active = words[0] < 0 ? null : pair.channels.get(StateReader.bitsOf(words[0], DmaRegisters.CHANNELS - 1));
        planned = words[1];
        moved = words[2];
        answered = words[3];
        StateReader.requireThat(0 <= moved && moved <= planned && planned <= LARGEST_PLAN && 0 <= answered && answered <= planned,
                "a plan of " + planned + " bytes, " + answered + " of them with a device, of which " + moved + " have moved, cannot be");
        since = in.get64(0, clock.now());
        watched.clear();
        StateReader.requireThat(words[4] <= MOST_SPANS, "it watches " + words[4] + " stretches of memory");
        for (int i = 0; i < words[4]; i++) {
            DmaChannel.Span span = new DmaChannel.Span(in.get64(0, (1L << DmaController.ADDRESS_BITS) - 1), in.get32(0, LARGEST_PLAN));
            watched.add(span);
            bus.watch(span.pa(), span.bytes(), catchUp);
        }
    }
}
