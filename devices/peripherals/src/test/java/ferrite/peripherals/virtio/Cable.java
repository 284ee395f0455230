package ferrite.peripherals.virtio;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.net.CaptureFile;
import ferrite.peripherals.net.Wire;
import java.util.ArrayList;
import java.util.List;

/** A cable with a test at its other end, which notes the frames that are sent. */
final class Cable implements Wire {

    static final long MAC = 0x0200_0000_00feL;

    private static final int TICKS = 1000;

    final List<byte[]> sent = new ArrayList<>();
    private int left;
    private Card card;
    private ClockEvent arrival;

    /** @param frames the number of frames of growing lengths that arrive by themselves, one after the other */
    Cable(int frames) {
        left = frames;
    }

    @Override
    public void plugInto(Card newCard, Clock clock) {
        card = newCard;
        arrival = clock.newEvent("cable", this::arrive);
        if (left > 0) {
            arrival.scheduleIn(TICKS);
        }
    }

    private void arrive() {
        left--;
        receive(CaptureFile.frame(HEADER_BYTES + 40 * left, left));
        if (left > 0) {
            arrival.scheduleIn(TICKS);
        }
    }

    /** Has a frame arrive. */
    void receive(byte[] frame) {
        card.receive(frame);
    }

    @Override
    public void send(byte[] frame) {
        sent.add(frame);
    }

    @Override
    public void save(StateWriter out) {
        out.put32(sent.size());
        out.put32(left);
    }

    @Override
    public void restore(StateReader in) {
        sent.subList(in.get32(0, sent.size()), sent.size()).clear();
        left = in.get32(0, 1000);
        StateReader.requireThat(arrival.isScheduled() == left > 0, "frames are left, and none arrives");
    }
}
