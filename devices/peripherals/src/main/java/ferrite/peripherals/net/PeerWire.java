package ferrite.peripherals.net;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A wire with a {@link Peer} at its other end. An answer comes 10 microseconds after its question, as far as the cable
 * is free then. Questions that come while 64 answers are on their way have none. A capture may hold the frames of both
 * directions.
 */
public final class PeerWire implements Wire {

    static final int MAX_ANSWERS = 64;
    static final int DELAY_TICKS = 10 * Clock.TICKS_PER_MICROSECOND;

    private final Peer peer;
    /** Null without a capture. */
    private final CaptureOutput out;
    private final Deque<Answer> answers = new ArrayDeque<>();
    private Card card;
    private Clock clock;
    private ClockEvent arrival;

    private PeerWire(Peer peer, CaptureOutput out) {
        this.peer = peer;
        this.out = out;
    }

    /** An answer on its way. */
    private record Answer(long tick, byte[] frame) { }

    /**
     * Opens the capture.
     *
     * @param out null for none
     * @throws IOException with a sentence
     */
    public static PeerWire open(Peer peer, Path out) throws IOException {
        return new PeerWire(peer, out == null ? null : CaptureOutput.create(out));
    }

    @Override
    public void plugInto(Card newCard, Clock machineClock) {
        card = newCard;
        clock = machineClock;
        arrival = clock.newEvent("peer", this::arrive);
    }

    @Override
    public void send(byte[] frame) {
        capture(frame);
        byte[] answer = answers.size() < MAX_ANSWERS ? peer.answer(frame) : null;
        if (answer != null) {
            long free = answers.isEmpty() ? 0 : answers.getLast().tick;
            answers.add(new Answer(Math.max(clock.now() + DELAY_TICKS, free) + Wire.ticks(answer.length), answer));
            expect();
        }
    }

    private void expect() {
        if (!answers.isEmpty()) {
            arrival.scheduleAt(answers.getFirst().tick);
        }
    }

    private void arrive() {
        byte[] frame = answers.remove().frame;
        expect();
        capture(frame);
        card.receive(frame);
    }

    private void capture(byte[] frame) {
        if (out != null) {
            out.add(clock.now() * Clock.NANOSECONDS_PER_TICK, frame);
        }
    }

    @Override
    public void save(StateWriter to) {
        to.put32(peer.address());
        to.put32(answers.size());
        for (Answer answer : answers) {
            to.put64(answer.tick);
            to.putBytes(answer.frame);
        }
        to.putBoolean(out != null);
        if (out != null) {
            out.save(to);
        }
    }

    @Override
    public void restore(StateReader from) {
        StateReader.requireThat(from.get32() == peer.address(),
                "the network card had another peer at its cable, or a capture");
        answers.clear();
        int count = from.get32(0, MAX_ANSWERS);
        for (int i = 0; i < count; i++) {
            Answer answer = new Answer(from.get64(0, Long.MAX_VALUE / 2), from.getBytes());
            StateReader.requireThat(answer.frame.length >= HEADER_BYTES && answer.frame.length <= MAX_FRAME_BYTES,
                    "an answer of the network's peer has " + answer.frame.length + " bytes");
            answers.add(answer);
        }
        StateReader.requireThat(arrival.isScheduled() != answers.isEmpty(),
                "answers of the network's peer are on their way, and none arrives, or the other way round");
        boolean captured = from.getBoolean();
        StateReader.requireThat(captured == (out != null), "the network card's frames were "
                + (captured ? "captured, and now there is no file for them" : "not captured"));
        if (out != null) {
            out.restore(from);
        }
    }

    @Override
    public void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }
}
