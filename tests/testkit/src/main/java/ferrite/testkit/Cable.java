package ferrite.testkit;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.NetCard;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.hardware.turn.Turn;
import ferrite.peripherals.net.CaptureOutput;
import ferrite.peripherals.net.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A cable between the network cards of two machines in one JVM, which then have one virtual time. A frame arrives after
 * the cable's latency and the time that its bits take at 1 Gbit/s. Once both machines have booted, each call of
 * {@link MachineRun#type} runs both, until both wait for a line and no frame is on its way.
 *
 * <pre>{@code
 * Cable cable = new Cable();
 * MachineRun left = machines.boot(options -> cable.left().plugInto(options, NetCard.NIC));
 * MachineRun right = machines.boot(options -> cable.right().plugInto(options, NetCard.VIRTIO));
 * left.type("ifconfig eth0 10.0.0.1");
 * right.type("ifconfig eth0 10.0.0.2");
 * left.type("ping -c 3 10.0.0.2");
 * assertThat(left.out()).contains("3 received");
 * }</pre>
 *
 * <p>The machines take turns on the caller's thread. The machine that could be the next to send runs, at most until the
 * first moment at which a frame of the other one could reach it. So no frame comes too late, and the same machines with
 * the same lines do the same in each run: same digests, same captures.
 *
 * <p>Only one thread may use a cable and its machines. A cable serves one pair of machines. A snapshot of one machine
 * holds the frames that are on their way to it; a test that returns to it returns the other machine too.
 */
public final class Cable {

    /** The latency of a cable, if the test does not choose another one. */
    public static final long DEFAULT_LATENCY_NANOSECONDS = 10_000;

    /** The most ticks for which a machine runs alone: it may be at rest then. */
    private static final int MAX_TURN = 1000 * Clock.TICKS_PER_MICROSECOND;
    private static final int MAX_FRAMES = 1 << 16;
    private static final long LEFT_MAC = 0x5254_0012_3456L;

    private final long latency;
    private final End left = new End(LEFT_MAC);
    private final End right = new End(LEFT_MAC + 1);
    private boolean pulled;

    /** Creates a cable with a latency of 10 microseconds. */
    public Cable() {
        this(DEFAULT_LATENCY_NANOSECONDS);
    }

    /**
     * Creates a cable.
     *
     * @param latencyNanoseconds the time from one end to the other, in nanoseconds of virtual time; at least 10. A
     *     longer one makes runs with much traffic faster
     * @throws IllegalArgumentException if it is shorter
     */
    public Cable(long latencyNanoseconds) {
        if (latencyNanoseconds < Clock.NANOSECONDS_PER_TICK) {
            throw new IllegalArgumentException("a cable has a latency of " + Clock.NANOSECONDS_PER_TICK
                    + " nanoseconds or more, not " + latencyNanoseconds);
        }
        latency = latencyNanoseconds / Clock.NANOSECONDS_PER_TICK;
    }

    /** Returns one end. Its card has the address 52:54:00:12:34:56. */
    public End left() {
        return left;
    }

    /** Returns the other end. Its card has the address 52:54:00:12:34:57. */
    public End right() {
        return right;
    }

    /**
     * Pulls the cable out: frames that are sent from now on are lost, and both cards notice it. Call it between two
     * calls of {@link MachineRun#type}.
     */
    public void pullOut() {
        setPulled(true);
    }

    /** Plugs the cable in again. */
    public void plugIn() {
        setPulled(false);
    }

    private void setPulled(boolean value) {
        pulled = value;
        left.noticeLink();
        right.noticeLink();
    }

    private boolean isComplete() {
        return left.run != null && right.run != null;
    }

    // ---- both machines in one time ----

    private void run() {
        while (!left.rests() || !right.rests()) {
            step(Long.MAX_VALUE);
        }
        meet();
    }

    /** Lets the machine that is behind come to the time of the other one. */
    private void meet() {
        long end = Math.max(left.now(), right.now());
        while (left.now() < end || right.now() < end) {
            step(end);
        }
    }

    /** Runs the machine that could be the next to send. It stops at {@code end} at the latest. */
    private void step(long end) {
        End next = left.horizon() <= right.horizon() ? left : right;
        next = next.now() < end ? next : other(next);
        long horizon = other(next).horizon();
        if (end == Long.MAX_VALUE && next.horizon() == Long.MAX_VALUE) {
            throw new IllegalStateException("both machines stand still: every hart waits, and nothing is left to "
                    + "happen");
        }
        long most = Math.min(next.horizon(), Clock.LAST_TICK) + MAX_TURN;
        next.runUntil(Math.min(Math.min(end, most), horizon == Long.MAX_VALUE ? horizon : horizon + latency), end);
        other(next).take(next.outgoing);
    }

    private End other(End end) {
        return end == left ? right : left;
    }

    /** A frame on its way. */
    private record Flight(long tick, byte[] frame) { }

    /** An end of a cable. Plug it into the options of one machine before that boots. */
    public final class End implements Wire {

        private final long mac;
        private Path capturePath;
        /** Null without a capture. */
        private CaptureOutput capture;
        private Card card;
        private Clock clock;
        private ClockEvent arrival;
        /** Null while no machine has booted, and after it was closed. */
        private MachineRun run;
        private boolean wantsLine;
        private boolean isOff;
        /** The tick at which the machine stops now. */
        private long limit;
        /** The tick until which the frames that were sent keep the cable busy. */
        private long busyUntil;
        private final List<Flight> outgoing = new ArrayList<>();
        private final Deque<Flight> incoming = new ArrayDeque<>();

        private End(long mac) {
            this.mac = mac;
        }

        /**
         * Has a file take the frames of both directions, as pcap with nanoseconds, with the times at this end.
         *
         * @return this
         */
        public End captureTo(Path path) {
            capturePath = path;
            return this;
        }

        /**
         * Adds a network card at this end to the options of a machine.
         *
         * @return the options
         * @throws UncheckedIOException with a sentence, if the capture's file cannot be written
         */
        public BoardOptions plugInto(BoardOptions options, NetCard kind) {
            if (card != null) {
                throw new IllegalStateException("this end of the cable is plugged into a machine already; a cable "
                        + "serves one pair of machines");
            }
            try {
                capture = capturePath == null ? null : CaptureOutput.create(capturePath);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return options.net(kind, mac, this);
        }

        void booted(MachineRun machine) {
            run = machine;
            wantsLine = true;
            if (isComplete()) {
                left.noticeLink();
                right.noticeLink();
                meet();
            }
        }

        private void noticeLink() {
            if (run != null) {
                card.linkChanged();
            }
        }

        /**
         * Runs both machines until they rest.
         *
         * @param hasLines whether this machine was given lines
         * @return false if there is no other machine
         */
        boolean runWithOther(boolean hasLines) {
            if (!isComplete()) {
                return false;
            }
            wantsLine &= !hasLines;
            Cable.this.run();
            return true;
        }

        // ---- time ----

        private Turn turn() {
            return run.board().machine().turn();
        }

        private long now() {
            return clock.now();
        }

        private boolean isIdle() {
            return isOff || turn().inputs().isEmpty() && turn().harts().stream().noneMatch(Hart::isRunnable);
        }

        /** Tells whether the machine waits for a line or is off, and no frame comes to it. */
        private boolean rests() {
            return isOff || wantsLine && isIdle() && incoming.isEmpty();
        }

        /** Returns the first tick at which the machine could send a frame. */
        private long horizon() {
            return isOff ? Long.MAX_VALUE : isIdle() ? Math.max(now(), clock.nextDue()) : now();
        }

        /**
         * Runs the machine up to a tick. If it sends a frame, it stops before an answer could come.
         *
         * @param end a tick to which the time of a machine passes that has nothing to do
         */
        private void runUntil(long tick, long end) {
            long last = turn().limits().lastTick();
            limit = Math.min(tick, last);
            turn().limits().limitTime(limit);
            Turn.Stop stop = isOff ? Turn.Stop.ALL_WAIT : wantsLine && !isIdle() ? turn().runUntilQuiet()
                    : turn().run();
            turn().limits().limitTime(last);
            switch (stop) {
                case INPUT_WANTED -> wantsLine = true;
                case QUIET -> { }
                case POWERED_OFF -> isOff = true;
                case ALL_WAIT -> clock.jumpTo(end == Long.MAX_VALUE ? now() : end);
                case PANIC -> throw new IllegalStateException("the machine panicked: " + turn().panic().getMessage(),
                        turn().panic());
                default -> {
                    if (stop != Turn.Stop.TIME_LIMIT || now() >= last) {
                        throw new IllegalStateException("the machine stopped before it waited for a line: " + stop);
                    }
                }
            }
        }

        // ---- frames ----

        @Override
        public void plugInto(Card newCard, Clock machineClock) {
            card = newCard;
            clock = machineClock;
            arrival = clock.newEvent("cable", this::arrive);
        }

        @Override
        public boolean isPlugged() {
            return isComplete() && !pulled;
        }

        @Override
        public void send(byte[] frame) {
            capture(frame);
            if (isPlugged()) {
                busyUntil = Math.max(now(), busyUntil) + Wire.ticks(frame.length);
                outgoing.add(new Flight(busyUntil + latency, frame.clone()));
                limit = Math.min(limit, busyUntil + 2 * latency);
                turn().limits().limitTime(limit);
                clock.interruptSoon();
            }
        }

        /** Takes the frames that the other machine has sent. */
        private void take(List<Flight> frames) {
            if (!isOff && !frames.isEmpty() && frames.get(0).tick < now()) {
                throw new IllegalStateException("a frame comes to a machine that is past its time; return both "
                        + "machines to snapshots of the same moment");
            }
            incoming.addAll(isOff ? List.of() : frames);
            frames.clear();
            expect();
        }

        private void expect() {
            if (!incoming.isEmpty()) {
                arrival.scheduleAt(incoming.getFirst().tick);
            }
        }

        private void arrive() {
            byte[] frame = incoming.remove().frame;
            expect();
            capture(frame);
            card.receive(frame);
        }

        private void capture(byte[] frame) {
            if (capture != null) {
                capture.add(now() * Clock.NANOSECONDS_PER_TICK, frame);
            }
        }

        @Override
        public void save(StateWriter out) {
            out.put64(busyUntil);
            out.put32(incoming.size());
            for (Flight flight : incoming) {
                out.put64(flight.tick);
                out.putBytes(flight.frame);
            }
            if (capture != null) {
                capture.save(out);
            }
        }

        @Override
        public void restore(StateReader in) {
            busyUntil = in.get64(0, Clock.LAST_TICK);
            incoming.clear();
            int count = in.get32(0, MAX_FRAMES);
            for (int i = 0; i < count; i++) {
                incoming.add(new Flight(in.get64(0, Clock.LAST_TICK), Wire.requireFrame(in.getBytes())));
            }
            StateReader.requireThat(arrival.isScheduled() != incoming.isEmpty(),
                    "frames are on their way to the network card, and none arrives, or the other way round");
            if (capture != null) {
                capture.restore(in);
            }
        }

        @Override
        public void close() throws IOException {
            run = null;
            if (capture != null) {
                capture.close();
            }
            Cable.this.other(this).noticeLink();
        }
    }
}
