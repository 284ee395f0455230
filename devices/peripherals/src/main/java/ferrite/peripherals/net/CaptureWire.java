package ferrite.peripherals.net;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A wire with captures at its other end. The frames of one arrive at their times, as far as the cable is free then.
 * The frames that the card sends go to the other one.
 */
public final class CaptureWire implements Wire {

    /** Null if nothing arrives. */
    private final CaptureInput in;
    /** Null if the frames that are sent are lost. */
    private final CaptureOutput out;
    private Card card;
    private Clock clock;
    private ClockEvent arrival;

    private CaptureWire(CaptureInput in, CaptureOutput out) {
        this.in = in;
        this.out = out;
    }

    /**
     * Opens the files.
     *
     * @param in    null if nothing arrives
     * @param first the time of the first frame in nanoseconds since power-on, or -1 if the times in the file count from
     *              power-on
     * @param out   null if the frames that are sent are lost
     * @throws IOException with a sentence
     */
    public static CaptureWire open(Path in, long first, Path out) throws IOException {
        if (in != null && out != null && Files.exists(in) && Files.exists(out) && Files.isSameFile(in, out)) {
            throw new IOException(out + " is what the network card receives, and would be overwritten; another file "
                    + "would be right");
        }
        CaptureInput input = in == null ? null : CaptureInput.open(in, first);
        try {
            return new CaptureWire(input, out == null ? null : CaptureOutput.create(out));
        } catch (IOException e) {
            if (input != null) {
                input.close();
            }
            throw e;
        }
    }

    @Override
    public void plugInto(Card newCard, Clock machineClock) {
        card = newCard;
        clock = machineClock;
        arrival = clock.newEvent("capture", this::arrive);
        expect(0);
    }

    /** Schedules the next frame, at its time or at an earliest tick. */
    private void expect(long earliest) {
        long time = in == null ? -1 : in.nextNanoseconds();
        if (time >= 0) {
            long tick = (time + Clock.NANOSECONDS_PER_TICK - 1) / Clock.NANOSECONDS_PER_TICK;
            arrival.scheduleAt(Math.max(tick, earliest));
        }
    }

    private void arrive() {
        byte[] frame = in.take();
        if (frame != null) {
            card.receive(frame);
            expect(clock.now() + Wire.ticks(frame.length));
        }
    }

    @Override
    public void send(byte[] frame) {
        if (out != null) {
            out.add(clock.now() * Clock.NANOSECONDS_PER_TICK, frame);
        }
    }

    @Override
    public void save(StateWriter to) {
        to.putBoolean(in != null);
        if (in != null) {
            in.save(to);
        }
        to.putBoolean(out != null);
        if (out != null) {
            out.save(to);
        }
    }

    @Override
    public void restore(StateReader from) {
        boolean received = from.getBoolean();
        StateReader.requireThat(received == (in != null), "the network card "
                + (received ? "received a capture, and now has none to receive" : "had no capture to receive"));
        if (in != null) {
            in.restore(from);
        }
        boolean sent = from.getBoolean();
        StateReader.requireThat(sent == (out != null), "the network card "
                + (sent ? "sent to a capture, and now has none to send to" : "had no capture to send to"));
        if (out != null) {
            out.restore(from);
        }
        StateReader.requireThat(!arrival.isScheduled() || in != null, "a frame arrives, and there is no capture");
    }

    @Override
    public void close() throws IOException {
        if (in != null) {
            in.close();
        }
        if (out != null) {
            out.close();
        }
    }
}
