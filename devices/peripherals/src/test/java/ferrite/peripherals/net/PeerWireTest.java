package ferrite.peripherals.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Seed;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small host at the other end of a cable. */
class PeerWireTest {

    private static final String CARD = "525400123456";
    private static final String PEER = "52550a000002";
    private static final String ARP = "ffffffffffff" + CARD + "0806" + "0001080006040001" + CARD + "0a000001"
            + "000000000000" + "0a000002";
    private static final String ARP_ANSWER = CARD + PEER + "0806" + "0001080006040002" + PEER + "0a000002"
            + CARD + "0a000001";
    /** Identifier 1, sequence 1, four bytes of data, and two bytes of padding that are no part of the packet. */
    private static final String ECHO = PEER + CARD + "0800" + "4500002000014000400126da" + "0a0000010a000002"
            + "0800" + "3337" + "00010001" + "61626364" + "0000";
    private static final String ECHO_ANSWER = CARD + PEER + "0800" + "4500002000014000400126da"
            + "0a0000020a000001" + "0000" + "3b37" + "00010001" + "61626364";

    @TempDir
    private Path directory;
    private final Clock clock = new Clock();
    private final List<String> arrived = new ArrayList<>();

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "none" : HexFormat.of().formatHex(bytes);
    }

    private static String answer(String frame) {
        return hex(new Peer(Peer.DEFAULT_ADDRESS).answer(bytes(frame)));
    }

    private PeerWire wire(Path out) throws IOException {
        PeerWire wire = PeerWire.open(new Peer(Peer.DEFAULT_ADDRESS), out);
        wire.plugInto(frame -> arrived.add(clock.now() + ":" + frame.length), clock);
        return wire;
    }

    private void finish() {
        while (clock.nextDue() != Long.MAX_VALUE) {
            clock.jumpTo(clock.nextDue());
            clock.fireDue();
        }
    }

    // ---- answers ----

    @Test
    void arpAndEchoRequestsAreAnswered() {
        assertThat(answer(ARP)).isEqualTo(ARP_ANSWER);
        assertThat(answer(ARP + "0000")).as("padding").isEqualTo(ARP_ANSWER);
        assertThat(answer(ECHO)).isEqualTo(ECHO_ANSWER);
    }

    /** The checksum of the datagram is 0x229a; one of 0 is none. */
    @ParameterizedTest
    @CsvSource({"229a", "0000"})
    void aDatagramToPortSevenComesBack(String checksum) {
        String ip = "0800" + "4500001f00014000401126cb";
        assertThat(answer(PEER + CARD + ip + "0a0000010a000002" + "04d20007000b" + checksum + "616263"))
                .isEqualTo(CARD + PEER + ip + "0a0000020a000001" + "000704d2000b" + checksum + "616263");
    }

    @Test
    void nothingElseIsAnswered() {
        assertThat(answer(ARP.replace("0a000002", "0a000003"))).as("another host").isEqualTo("none");
        assertThat(answer(ARP.replace("06040001", "06040002"))).as("an answer").isEqualTo("none");
        assertThat(answer(ARP.substring(0, ARP.length() - 2))).as("a short frame").isEqualTo("none");
        assertThat(answer(ECHO.replaceFirst(PEER, "ffffffffffff"))).as("all hosts").isEqualTo("none");
        assertThat(answer(ECHO.replaceFirst("26da", "26db"))).as("a wrong sum").isEqualTo("none");
        assertThat(answer(ECHO.replaceFirst("3337", "3338"))).as("a wrong sum").isEqualTo("none");
        assertThat(answer(ECHO.replaceFirst("08003337", "00003b37"))).as("an answer").isEqualTo("none");
        assertThat(answer(ECHO.substring(0, 2 * 45))).as("a packet that ends early").isEqualTo("none");
        assertThat(answer(ECHO.replaceFirst("4000400126da", "2000400146da"))).as("a piece").isEqualTo("none");
        assertThat(answer(PEER + CARD + "86dd")).as("another protocol").isEqualTo("none");
    }

    @Test
    void anyFrameIsAnsweredWithARightOneOrNotAtAll() {
        Random random = new Random(Seed.fresh().value());
        for (int round = 0; round < 20_000; round++) {
            byte[] frame = bytes(random.nextBoolean() ? ECHO : ARP);
            for (int i = random.nextInt(4); i > 0; i--) {
                frame[12 + random.nextInt(frame.length - 12)] = (byte) random.nextInt();
            }
            byte[] cut = java.util.Arrays.copyOf(frame, random.nextInt(4) == 0
                    ? Wire.HEADER_BYTES + random.nextInt(frame.length - Wire.HEADER_BYTES) : frame.length);
            String answer = hex(new Peer(Peer.DEFAULT_ADDRESS).answer(cut));
            assertThat(answer).matches("none|" + CARD + PEER + "08(06|00).*");
        }
    }

    // ---- times ----

    @Test
    void answersComeInTheirOrderAfterAWhileAndAsFastAsTheCable() throws IOException {
        try (PeerWire wire = wire(directory.resolve("both.pcap"))) {
            wire.send(bytes(ARP));
            wire.send(bytes(ECHO));
            finish();
        }
        assertThat(arrived).containsExactly(1033 + ":42", 1069 + ":46");
        assertThat(CaptureFile.read(directory.resolve("both.pcap")))
                .isEqualTo("a1b23c4d 0:42 0:48 10330:42 10690:46");
    }

    @Test
    void aFloodOfQuestionsHasAFewAnswers() throws IOException {
        PeerWire wire = wire(null);
        for (int i = 0; i < 1000; i++) {
            wire.send(bytes(ECHO));
        }
        finish();
        assertThat(arrived).hasSize(PeerWire.MAX_ANSWERS);
        wire.send(bytes(ECHO));
        finish();
        assertThat(arrived).hasSize(PeerWire.MAX_ANSWERS + 1);
    }

    // ---- state ----

    private void restore(PeerWire wire, byte[] state) {
        StateReader in = new StateReader(state);
        clock.restore(in);
        wire.restore(in);
    }

    private byte[] save(PeerWire wire) {
        StateWriter out = new StateWriter();
        clock.save(out);
        wire.save(out);
        return out.toBytes();
    }

    @Test
    void answersOnTheirWayArePartOfASnapshot() throws IOException {
        PeerWire wire = wire(null);
        byte[] none = save(wire);
        wire.send(bytes(ARP));
        wire.send(bytes(ECHO));
        byte[] two = save(wire);
        finish();
        restore(wire, two);
        finish();
        assertThat(arrived).containsExactly("1033:42", "1069:46", "1033:42", "1069:46");
        restore(wire, none);
        finish();
        assertThat(arrived).hasSize(4);
    }

    @Test
    void aStateThatCannotBeIsRefused() throws IOException {
        PeerWire wire = wire(null);
        byte[] state = save(wire);
        wire.send(bytes(ARP));
        StateWriter late = new StateWriter();
        clock.save(late);
        late.put32(Peer.DEFAULT_ADDRESS);
        late.put32(0);
        late.putBoolean(false);
        assertThatThrownBy(() -> restore(wire, late.toBytes())).isInstanceOf(StateException.class)
                .hasMessageContaining("answers of the network's peer");
        StateWriter large = new StateWriter();
        clock.save(large);
        large.put32(Peer.DEFAULT_ADDRESS);
        large.put32(1);
        large.put64(1);
        large.putBytes(new byte[3]);
        assertThatThrownBy(() -> restore(wire, large.toBytes())).isInstanceOf(StateException.class)
                .hasMessageContaining("has 3 bytes");
        try (PeerWire captured = PeerWire.open(new Peer(Peer.DEFAULT_ADDRESS), directory.resolve("x.pcap"))) {
            Clock other = new Clock();
            captured.plugInto(frame -> { }, other);
            StateReader in = new StateReader(state);
            other.restore(in);
            assertThatThrownBy(() -> captured.restore(in)).isInstanceOf(StateException.class)
                    .hasMessageContaining("not captured");
        }
    }
}
