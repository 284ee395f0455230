package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.Tools;
import ferrite.board.image.GuestProgram;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.board.snapshot.SnapshotFile;
import ferrite.board.snapshot.SnapshotPlan;
import ferrite.board.stdio.PipedInput;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.ReportText;
import ferrite.hardware.turn.RunControl;
import ferrite.peripherals.net.CaptureWire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bare program on a machine with a network card: {@code --net}. The program has no driver, so frames are lost. */
class BareSessionNetTest {

    private static final int FRAMES = 5;
    private static final int FRAME_BYTES = 60;
    /** The instruction of the snapshot; the fourth frame has not come. */
    private static final long MOMENT = 350;

    private record Ending(int status, String memory, String card) { }

    @TempDir
    private Path directory;
    private Path image;
    private Path in;

    /** Writes a program that loops, and a capture with a frame each microsecond. */
    @BeforeEach
    void makeFiles() throws IOException {
        image = Files.write(directory.resolve("program.bin"), new byte[] {0x6f, 0, 0, 0});
        ByteBuffer capture = ByteBuffer.allocate(24 + FRAMES * (16 + FRAME_BYTES)).order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0xa1b2_c3d4).putShort((short) 2).putShort((short) 4).putLong(0).putInt(65_535).putInt(1);
        for (int frame = 1; frame <= FRAMES; frame++) {
            capture.putInt(0).putInt(frame).putInt(FRAME_BYTES).putInt(FRAME_BYTES).put(new byte[FRAME_BYTES]);
        }
        in = Files.write(directory.resolve("in.pcap"), capture.array());
    }

    private static BoardOptions options(String net) {
        BoardOptions options = BoardOptions.ofBoot().ram(8 << 20).harts(1).maxInstructions(1000);
        if (!net.isEmpty()) {
            MachineOptions.set(options, "--net", net);
        }
        return options;
    }

    private static PipedInput input(RunControl control) {
        return new PipedInput(InputStream.nullInputStream(), true, control);
    }

    private interface Builder {
        BareSession build(PrintStream err) throws IOException;
    }

    private static Ending end(Builder builder, SnapshotPlan plan) throws IOException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (BareSession session = builder.build(new PrintStream(err, true, StandardCharsets.UTF_8))) {
            session.takeSnapshots(plan);
            return new Ending(session.run(), session.machine().digest().toString(),
                    ReportText.of(session.monitor().execute("virtio")));
        } catch (MonitorException e) {
            throw new IllegalStateException(e);
        }
    }

    private Ending run(BoardOptions options, SnapshotPlan plan) throws IOException {
        return end(err -> new BareSession(options, new GuestProgram(image, null, ""), BareSessionNetTest::input,
                OutputStream.nullOutputStream(), err), plan);
    }

    private Ending restore(Path file, BoardOptions given) throws IOException {
        try (SnapshotFile snapshot = SnapshotFile.open(file)) {
            BoardOptions options = snapshot.machine().complete(given, option -> false);
            return end(err -> new BareSession(options, snapshot, BareSessionNetTest::input,
                    OutputStream.nullOutputStream(), err), SnapshotPlan.none());
        }
    }

    private SnapshotPlan plan(String name) {
        return new SnapshotPlan(null, List.of(new SnapshotPlan.Moment(MOMENT, directory.resolve(name))));
    }

    @Test
    void framesComeAtTheirTimesToTheCardInTheNextSlot() throws IOException {
        String slots = run(options("in=" + in), SnapshotPlan.none()).card();
        assertThat(slots).contains("frames lost      " + FRAMES);
        assertThat(slots.indexOf("device           net")).isBetween(0, slots.indexOf("device     none"));
        assertThat(run(options("in=" + in + ",first=0.000007"), SnapshotPlan.none()).card())
                .contains("frames lost      4");
    }

    @Test
    void aRestoredMachineReceivesTheOtherFrames() throws IOException {
        Path out = directory.resolve("out.pcap");
        String net = "in=" + in + ",out=" + out;
        Ending undisturbed = run(options(net), plan("net.snap"));
        assertThat(restore(directory.resolve("net.snap"), options(net))).isEqualTo(undisturbed);
        assertThat(out).hasSize(24);
        assertThatThrownBy(() -> restore(directory.resolve("net.snap"), options("in=" + in)))
                .hasMessageContaining("the network card sent to a capture, and now has none to send to");
    }

    @Test
    void aSnapshotTellsWhetherThereIsACard() throws IOException {
        run(options("in=" + in), plan("with.snap"));
        run(options(""), plan("without.snap"));
        assertThatThrownBy(() -> restore(directory.resolve("with.snap"), options("")))
                .hasMessageStartingWith("the machine in the snapshot has a network card; '--net in=PCAP,out=PCAP'");
        assertThatThrownBy(() -> restore(directory.resolve("without.snap"), options("in=" + in)))
                .hasMessage("--net in=" + in + ": the machine in the snapshot has no network card");
    }

    @Test
    void aRestoredMachineHasTheSamePeer() throws IOException {
        Ending undisturbed = run(options("peer"), plan("peer.snap"));
        Path file = directory.resolve("peer.snap");
        assertThat(restore(file, options("peer"))).isEqualTo(undisturbed);
        for (String other : List.of("peer=10.0.0.3", "in=" + in, "out=" + directory.resolve("x"))) {
            assertThatThrownBy(() -> restore(file, options(other))).as(other)
                    .hasMessageStartingWith(file + " is no snapshot that can be restored: ");
        }
        run(options("in=" + in), plan("in.snap"));
        assertThatThrownBy(() -> restore(directory.resolve("in.snap"), options("peer")))
                .hasMessageContaining("the network card had another peer at its cable, or a capture");
    }

    @Test
    void anUnusableCaptureIsNamedWithItsOption() {
        assertThatThrownBy(() -> run(options("in=" + image), SnapshotPlan.none())).isInstanceOf(IOException.class)
                .hasMessageStartingWith("--net: " + image + " is no capture");
    }

    @Test
    void tcpdumpReadsWhatWasSent() throws Exception {
        byte[] arp = new byte[42];
        byte[] body = {8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 10, 0, 2, 15, 0, 0, 0, 0, 0, 0,
            10, 0, 2, 2};
        System.arraycopy(body, 0, arp, 12, body.length);
        Path out = directory.resolve("sent.pcap");
        Clock clock = new Clock();
        try (CaptureWire wire = CaptureWire.open(null, -1, out)) {
            wire.plugInto(frame -> { }, clock);
            clock.jumpTo(1_234_567_890L / Clock.NANOSECONDS_PER_TICK);
            wire.send(arp);
        }
        assertThat(Tools.run(directory, "tcpdump", "-n", "-tt", "--nano", "-r", out.toString()))
                .contains("1.234567890 ARP, Request who-has 10.0.2.2 tell 10.0.2.15, length 28");
    }
}
