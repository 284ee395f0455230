package ferrite.peripherals.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Seed;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateMedia;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Captures at the other end of a cable. The card of this test notes the time of each frame, and its last byte. */
class CaptureWireTest {

    private static final long AS_CAPTURED = -1;
    private static final byte[] FRAME = CaptureFile.frame(60, 7);
    /** The time of a frame of 60 bytes on the cable, in ticks of 10 ns. */
    private static final int FRAMES = 200;
    private static final int FRAME_TICKS = 48;

    @TempDir
    private Path directory;
    private final Clock clock = new Clock();
    private final StringBuilder arrived = new StringBuilder();

    private Path in(CaptureFile capture) throws IOException {
        return capture.write(directory.resolve("in.pcap"));
    }

    private Path out() {
        return directory.resolve("out.pcap");
    }

    private CaptureWire wire(Path in, long first, Path out) throws IOException {
        CaptureWire wire = CaptureWire.open(in, first, out);
        wire.plugInto(frame -> arrived.append(clock.now()).append(':').append(frame[frame.length - 1]).append(' '),
                clock);
        return wire;
    }

    private void finish() {
        while (clock.nextDue() != Long.MAX_VALUE) {
            clock.jumpTo(clock.nextDue());
            clock.fireDue();
        }
    }

    private String arrivals(CaptureFile capture, long first) throws IOException {
        CaptureWire wire = wire(in(capture), first, null);
        finish();
        wire.close();
        return arrived.toString();
    }

    // ---- times ----

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void framesArriveAtTheirTimesInEitherUnitAndOrder(boolean nanoseconds, boolean big) throws IOException {
        CaptureFile capture = new CaptureFile(nanoseconds, big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
                .add(2_000, FRAME).add(1_000_003_000L, CaptureFile.frame(70, 8));
        assertThat(arrivals(capture, AS_CAPTURED)).isEqualTo("200:7 100000300:8 ");
    }

    @Test
    void aFractionOfATickIsRoundedUp() throws IOException {
        assertThat(arrivals(new CaptureFile(true, ByteOrder.LITTLE_ENDIAN).add(2_001, FRAME), AS_CAPTURED))
                .isEqualTo("201:7 ");
    }

    @Test
    void theCableCarriesOneFrameAfterTheOtherAlsoIfTimesGoBack() throws IOException {
        CaptureFile capture = CaptureFile.usual().add(5_000, FRAME).add(5_000, FRAME).add(1_000, FRAME)
                .add(9_000, FRAME);
        assertThat(arrivals(capture, AS_CAPTURED)).isEqualTo("500:7 " + (500 + FRAME_TICKS) + ":7 "
                + (500 + 2 * FRAME_TICKS) + ":7 900:7 ");
    }

    @Test
    void theFirstFrameOfARealNetworkComesWhenTheUserSays() throws IOException {
        long year2024 = 1_720_000_000_000_000_000L;
        CaptureFile capture = CaptureFile.usual().add(year2024, FRAME).add(year2024 + 3_000, FRAME);
        assertThat(arrivals(capture, 1_500_000_000)).isEqualTo("150000000:7 150000300:7 ");
        assertThatThrownBy(() -> wire(in(capture), AS_CAPTURED, null)).isInstanceOf(IOException.class)
                .hasMessageContaining("1720000000 seconds after power-on; with 'first=1' it comes after one second");
    }

    @Test
    void aCaptureWithoutFramesIsRight() throws IOException {
        assertThat(arrivals(CaptureFile.usual(), AS_CAPTURED)).isEmpty();
        assertThat(arrivals(CaptureFile.usual(), 0)).isEmpty();
    }

    // ---- hostile files ----

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0 | 0xa1b2c3d5 | it begins with neither",
        "0 | 0x0a0d0d0a | it is a pcapng file; 'tcpdump -r",
        "4 | 0x00040003 | its format has version 3, and not 2",
        "20 | 101 | its frames have link type 101, and not 1",
        "28 | 1000000 | the time of frame 1 has 1000000000 nanoseconds",
        "28 | -1 | the time of frame 1 has",
        "32 | 13 | frame 1 has 13 bytes; 14 to 65553 are possible",
        "32 | 65554 | frame 1 has 65554 bytes",
        "32 | -1 | frame 1 has 4294967295 bytes",
        "36 | 1500 | of the 1500 bytes of frame 1 it holds 60; 'tcpdump -s 0'",
        "32 | 61 | of the 60 bytes of frame 1 it holds 61"})
    void aFileThatIsNoCaptureOfWholeFramesIsRefused(int at, String value, String why) throws IOException {
        Path file = in(CaptureFile.usual().add(0, FRAME).word(at, Long.decode(value).intValue()));
        assertThatThrownBy(() -> CaptureInput.open(file, AS_CAPTURED)).isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + " is no capture whose frames a network card can receive: ")
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 59, 60, 61, 75, 80, 99})
    void aFileThatEndsTooEarlyIsRefused(int missing) throws IOException {
        byte[] bytes = CaptureFile.usual().add(0, FRAME).bytes();
        Path file = Files.write(directory.resolve("short"), java.util.Arrays.copyOf(bytes, bytes.length - missing));
        if (missing == FRAME.length + Capture.FRAME_HEADER_BYTES) {
            return;
        }
        assertThatThrownBy(() -> CaptureInput.open(file, AS_CAPTURED)).isInstanceOf(IOException.class)
                .hasMessageContaining("it ends in ");
    }

    @Test
    void theHighBitsOfTheLinkTypeAreNoPartOfIt() throws IOException {
        assertThatCode(() -> arrivals(CaptureFile.usual().word(20, 0x1400_0001), AS_CAPTURED))
                .doesNotThrowAnyException();
    }

    @Test
    void aDirectoryAndAMissingFileAreRefused() {
        assertThatThrownBy(() -> CaptureInput.open(directory, AS_CAPTURED)).hasMessageContaining("no file that may be");
        assertThatThrownBy(() -> CaptureInput.open(directory.resolve("x"), AS_CAPTURED))
                .hasMessageContaining("there is no such file");
        assertThatThrownBy(() -> CaptureOutput.create(directory.resolve("x/y"))).hasMessageContaining("cannot be");
    }

    @Test
    void anyBytesAreRefusedOrAreFrames() throws IOException {
        Random random = new Random(Seed.fresh().value());
        for (int round = 0; round < 300; round++) {
            byte[] bytes = CaptureFile.usual().add(0, FRAME).add(1000, FRAME).bytes();
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Path file = Files.write(directory.resolve("any"), bytes);
            try {
                CaptureWire wire = wire(file, 0, null);
                finish();
                wire.close();
            } catch (IOException refused) {
                assertThat(refused).hasMessageStartingWith(file.toString());
            }
        }
    }

    @Test
    void aFileThatShrinksDuringTheRunHasNoMoreFrames() throws IOException {
        Path file = in(CaptureFile.usual().add(1_000, FRAME).add(2_000, FRAME));
        CaptureWire wire = wire(file, AS_CAPTURED, null);
        Files.write(file, new byte[30]);
        finish();
        wire.close();
        assertThat(arrived).isEmpty();
    }

    @Test
    void theCaptureThatIsReceivedIsNotOverwritten() throws IOException {
        Path file = in(CaptureFile.usual().add(0, FRAME));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        assertThatThrownBy(() -> CaptureWire.open(file, AS_CAPTURED, link))
                .hasMessageContaining("would be overwritten");
        assertThat(file).hasSize(100);
    }

    // ---- writing ----

    @Test
    void framesThatAreSentHaveTheirTimes() throws IOException {
        try (CaptureWire wire = wire(null, AS_CAPTURED, out())) {
            clock.jumpTo(150_000_000_123L / 10);
            wire.send(FRAME);
        }
        assertThat(CaptureFile.read(out())).isEqualTo("a1b23c4d 150000000120:60");
    }

    @Test
    void whatWasSentCanBeReceivedAndRead() throws IOException {
        try (CaptureWire wire = wire(null, AS_CAPTURED, out())) {
            clock.jumpTo(1000);
            wire.send(FRAME);
            wire.send(CaptureFile.frame(Wire.MAX_FRAME_BYTES, 9));
        }
        Clock later = new Clock();
        try (CaptureWire wire = CaptureWire.open(out(), AS_CAPTURED, null)) {
            wire.plugInto(frame -> arrived.append(later.now()).append(':').append(frame.length).append(' '), later);
            while (later.nextDue() != Long.MAX_VALUE) {
                later.jumpTo(later.nextDue());
                later.fireDue();
            }
        }
        assertThat(arrived).hasToString("1000:60 " + (1000 + FRAME_TICKS) + ":" + Wire.MAX_FRAME_BYTES + " ");
    }

    // ---- state ----

    private byte[] save(CaptureWire wire, StateMedia media) {
        StateWriter state = new StateWriter(media);
        List.<Saveable>of(clock, wire).forEach(part -> part.save(state));
        return state.toBytes();
    }

    private void restore(CaptureWire wire, byte[] bytes, StateMedia media) {
        StateReader state = new StateReader(bytes, media);
        List.<Saveable>of(clock, wire).forEach(part -> part.restore(state));
    }

    private void step() {
        clock.jumpTo(clock.nextDue());
        clock.fireDue();
    }

    @Test
    void aMachineThatGoesBackReceivesAndSendsAgain() throws IOException {
        CaptureFile capture = CaptureFile.usual().add(1_000, FRAME).add(2_000, CaptureFile.frame(60, 8));
        try (CaptureWire wire = wire(in(capture), AS_CAPTURED, out())) {
            wire.send(FRAME);
            step();
            byte[] state = save(wire, StateMedia.GO_BACK);
            step();
            wire.send(FRAME);
            wire.send(FRAME);
            restore(wire, state, StateMedia.GO_BACK);
            step();
            wire.send(FRAME);
        }
        assertThat(arrived).hasToString("100:7 200:8 200:8 ");
        assertThat(CaptureFile.read(out())).isEqualTo("a1b23c4d 0:60 2000:60");
    }

    @Test
    void aResetKeepsWhatWasSentAndTheFramesComeAnew() throws IOException {
        try (CaptureWire wire = wire(in(CaptureFile.usual().add(1_000, FRAME)), AS_CAPTURED, out())) {
            byte[] powerOn = save(wire, StateMedia.STAY);
            step();
            wire.send(FRAME);
            restore(wire, powerOn, StateMedia.STAY);
            step();
            wire.send(FRAME);
        }
        assertThat(arrived).hasToString("100:7 100:7 ");
        assertThat(CaptureFile.read(out())).isEqualTo("a1b23c4d 1000:60 1000:60");
    }

    @Test
    void anotherProcessGoesOnWithTheSameCaptureAndAnEmptyFile() throws IOException {
        Path file = in(CaptureFile.usual().add(1_000, FRAME).add(2_000, CaptureFile.frame(60, 8)));
        byte[] state;
        try (CaptureWire wire = wire(file, AS_CAPTURED, out())) {
            step();
            wire.send(FRAME);
            state = save(wire, StateMedia.KEPT_BESIDE);
        }
        try (CaptureWire wire = CaptureWire.open(file, AS_CAPTURED, directory.resolve("rest.pcap"))) {
            Clock again = new Clock();
            wire.plugInto(frame -> arrived.append("then ").append(frame[59]), again);
            StateReader in = new StateReader(state, StateMedia.KEPT_BESIDE);
            again.restore(in);
            wire.restore(in);
            again.jumpTo(again.nextDue());
            again.fireDue();
            wire.send(FRAME);
        }
        assertThat(arrived).hasToString("100:7 then 8");
        assertThat(CaptureFile.read(directory.resolve("rest.pcap"))).isEqualTo("a1b23c4d 2000:60");
    }

    @Test
    void anotherCaptureIsRefused() throws IOException {
        byte[] state;
        try (CaptureWire wire = wire(in(CaptureFile.usual().add(1_000, FRAME)), AS_CAPTURED, null)) {
            state = save(wire, StateMedia.KEPT_BESIDE);
        }
        refuses(state, CaptureFile.usual().add(2_000, FRAME), "not the capture");
        refuses(state, CaptureFile.usual().add(1_000, CaptureFile.frame(60, 8)), "the same header, another last byte");
    }

    /** The capture is larger than what is read at once, which ends in frame 172. */
    @Test
    void aCaptureWithOneOtherByteIsRefused() throws IOException {
        CaptureFile capture = CaptureFile.usual();
        for (int i = 0; i < FRAMES; i++) {
            capture.add(1_000 * (i + 1), CaptureFile.frame(1500, i));
        }
        byte[] state;
        try (CaptureWire wire = wire(in(capture), AS_CAPTURED, null)) {
            state = save(wire, StateMedia.KEPT_BESIDE);
        }
        int record = Capture.FRAME_HEADER_BYTES + 1500;
        for (int i = 0; i < FRAMES; i += 4) {
            int at = Capture.FILE_HEADER_BYTES + i * record + Capture.FRAME_HEADER_BYTES + 500 + i;
            capture.word(at, 1);
            refuses(state, capture, "frame " + i);
            capture.word(at, 0);
        }
    }

    private void refuses(byte[] state, CaptureFile capture, String what) throws IOException {
        Path other = capture.write(directory.resolve("other"));
        try (CaptureWire wire = CaptureWire.open(other, AS_CAPTURED, null)) {
            wire.plugInto(frame -> { }, clock);
            StateReader in = new StateReader(state, StateMedia.KEPT_BESIDE);
            assertThatThrownBy(() -> {
                Clock again = new Clock();
                again.newEvent("capture", () -> { });
                again.restore(in);
                wire.restore(in);
            }).as(what).isInstanceOf(StateException.class)
                    .hasMessageContaining("is not the capture that the network card");
        }
    }
}
