package ferrite.peripherals.sound;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.dma.DmaBytes;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream that is paused while it waits for the request line. */
class DspStreamTest {

    private static final int SAMPLES = 1000;

    private final Clock clock = new Clock();
    private int recorded;
    private int played;
    private final DspStream stream = new DspStream("stream", 1, clock, new DspStream.End() {
        @Override
        public void play(PcmFormat format, byte[] samples, int length) {
            played++;
        }

        @Override
        public void record(PcmFormat format, byte[] samples, int length) {
            recorded++;
        }

        @Override
        public void lose(PcmFormat format, int frames) { }

        @Override
        public void blockEnded() { }
    });

    /** The bus, whose bytes do not matter here. */
    private static final DmaBytes BUS = new DmaBytes() {
        @Override
        public void put(byte[] from, int at, int length) { }

        @Override
        public void get(byte[] into, int at, int length) { }
    };

    /** Starts, and lets the first piece end. */
    private void startAndWait(boolean records) {
        stream.start(new PcmFormat(8000, 8, 1, false), records, true, SAMPLES);
        nextEvent();
    }

    private void nextEvent() {
        clock.jumpTo(clock.nextDue());
        clock.fireDue();
    }

    @Test
    void aRecordedPieceThatHasHalfGoneOverTheLineIsStillThereAfterAPause() {
        startAndWait(true);
        stream.supply(BUS, 10);
        stream.pause();
        stream.goOn();
        assertThat(stream.ready()).isEqualTo(DspStream.PIECE_FRAMES - 10);
        assertThat(clock.nextDue()).as("nothing is recorded before the piece has gone").isEqualTo(Long.MAX_VALUE);
        stream.supply(BUS, DspStream.PIECE_FRAMES - 10);
        nextEvent();
        assertThat(recorded).isEqualTo(2);
        assertThat(stream.lost()).isZero();
    }

    @Test
    void aPieceThatWasNotFetchedIsLostOnceOnly() {
        startAndWait(false);
        stream.pause();
        stream.goOn();
        assertThat(clock.nextDue()).isEqualTo(Long.MAX_VALUE);
        stream.accept(BUS, DspStream.PIECE_FRAMES);
        assertThat(played).isEqualTo(1);
        assertThat(stream.lost()).isEqualTo(1);
    }

    /** Near miss: a piece that is being recorded, or was fetched, does end in time after a pause. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPieceThatDoesNotWaitEndsAfterAPause(boolean records) {
        stream.start(new PcmFormat(8000, 8, 1, false), records, true, SAMPLES);
        if (!records) {
            stream.accept(BUS, DspStream.PIECE_FRAMES);
        }
        stream.pause();
        assertThat(clock.nextDue()).isEqualTo(Long.MAX_VALUE);
        stream.goOn();
        nextEvent();
        assertThat(played + recorded).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStreamThatWentOnWhileItWaitedCanBeRestored(boolean records) {
        startAndWait(records);
        stream.pause();
        stream.goOn();
        StateWriter out = new StateWriter();
        clock.save(out);
        stream.save(out);
        StateReader in = new StateReader(out.toBytes());
        clock.restore(in);
        stream.restore(in);
        assertThat(stream.ready()).isEqualTo(DspStream.PIECE_FRAMES);
    }
}
