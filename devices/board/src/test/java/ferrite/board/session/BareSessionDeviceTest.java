package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.Json;
import ferrite.board.JsonSchema;
import ferrite.board.front.JsonLines;
import ferrite.board.front.JsonSchemas;
import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.board.plug.DeviceJar;
import ferrite.board.snapshot.SnapshotFile;
import ferrite.board.snapshot.SnapshotPlan;
import ferrite.board.stdio.PipedInput;
import ferrite.hardware.Machine;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.model.DeviceModel;
import ferrite.hardware.model.RegisterAccess;
import ferrite.hardware.model.TimedEvent;
import ferrite.hardware.report.ReportText;
import ferrite.hardware.turn.RunControl;
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
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A bare program with a device of a user's: it runs, is saved to a file, and ends if the model fails. */
class BareSessionDeviceTest {

    /** In the loop, with the event of the device pending. */
    private static final long MOMENT = 300;

    /**
     * <pre>
     *       lui  t0, 0xf0100; addi t1, zero, 1000
     *       sw   t1, 4(t0)               DELAY
     * loop: lw   t2, 0(t0)               RINGS
     *       beq  t2, zero, loop
     *       lui  s0, 0xf0030; lui s1, 5; addi s1, s1, 0x555
     *       sw   s1, 0(s0)               the finisher switches the machine off
     *       j    .
     * </pre>
     */
    private static int[] program(BoardKind board) {
        boolean isVirt = board == BoardKind.VIRT;
        return new int[] {isVirt ? 0x0400_02b7 : 0xf010_02b7, 0x3e80_0313, 0x0062_a223, 0x0002_a383, 0xfe03_8ee3,
            isVirt ? 0x0010_0437 : 0xf003_0437, 0x0000_54b7, 0x5554_8493, 0x0094_2023, 0x0000_006f};
    }

    private record Ending(int status, String err, Machine.Digest digest, String device) { }

    @TempDir
    private Path directory;
    private Path image;
    private String timer;

    private void write(BoardKind board) throws IOException {
        write(program(board));
        timer = DeviceJar.ofTimer(directory).toString();
    }

    private void write(int... program) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * program.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(program);
        image = Files.write(directory.resolve("program.bin"), bytes.array());
    }

    private static BoardOptions options(String... devices) {
        return options(BoardKind.FERRITE, devices);
    }

    private static BoardOptions options(BoardKind board, String... devices) {
        BoardOptions options = new BoardOptions().kind(board).ram(8 << 20).harts(1).maxInstructions(5000);
        List.of(devices).forEach(device -> MachineOptions.set(options, "--device", device));
        return options;
    }

    private interface Builder {
        BareSession build(PrintStream err) throws IOException;
    }

    private Ending run(BoardOptions options, SnapshotPlan plan) throws IOException {
        return end(err -> new BareSession(options, new GuestProgram(image, null, ""), BareSessionDeviceTest::input,
                OutputStream.nullOutputStream(), err), plan);
    }

    private Ending restore(Path file, BoardOptions given) throws IOException {
        try (SnapshotFile snapshot = SnapshotFile.open(file)) {
            BoardOptions options = snapshot.machine().complete(given, option -> false);
            return end(err -> new BareSession(options, snapshot, BareSessionDeviceTest::input,
                    OutputStream.nullOutputStream(), err), SnapshotPlan.none());
        }
    }

    private static SerialInput input(ferrite.hardware.turn.RunControl control) {
        return new PipedInput(InputStream.nullInputStream(), true, control);
    }

    private static Ending end(Builder builder, SnapshotPlan plan) throws IOException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (BareSession session = builder.build(new PrintStream(err, true, StandardCharsets.UTF_8))) {
            session.takeSnapshots(plan);
            int status = session.run();
            return new Ending(status, err.toString(StandardCharsets.UTF_8), session.machine().digest(),
                    ReportText.of(session.monitor().execute("device")));
        } catch (ferrite.hardware.monitor.MonitorException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(BoardKind.class)
    void aSnapshotWithAPendingEventGoesOnAsTheRunWould(BoardKind board) throws IOException {
        write(board);
        Path file = directory.resolve("pending.snap");
        Ending undisturbed = run(options(board, timer), SnapshotPlan.none());
        assertThat(undisturbed.err()).isEmpty();
        assertThat(undisturbed.status()).isZero();
        assertThat(undisturbed.device()).contains("0x00000001").contains("raised");
        assertThat(undisturbed.digest().instructions()).isGreaterThan(1000);
        assertThat(run(options(board, timer), new SnapshotPlan(null, List.of(new SnapshotPlan.Moment(MOMENT, file)))))
                .isEqualTo(undisturbed);
        assertThat(restore(file, options(timer))).isEqualTo(undisturbed);
    }

    @Test
    void aSnapshotIsRestoredWithTheSameDevices() throws IOException {
        write(BoardKind.FERRITE);
        Path file = directory.resolve("pending.snap");
        run(options(timer), new SnapshotPlan(null, List.of(new SnapshotPlan.Moment(MOMENT, file))));
        assertThatThrownBy(() -> restore(file, options())).hasMessageStartingWith("the machine in the snapshot has 1 "
                + "devices of --device, which is given 0 times")
                .hasMessageContaining("timer0 (org.example.timer.Timer) at 0xf0100000");
        assertThatThrownBy(() -> restore(file, options(timer + ",irq=9"))).isInstanceOf(IOException.class)
                .hasMessageContaining("irq [9], and the machine in " + file + " has timer0").hasMessageEndingWith(
                "irq [5]");
        assertThatThrownBy(() -> restore(file, options(timer + ",limit=4"))).hasMessageContaining("with limit=4");
    }

    @Test
    void aRunForProgramsHasItsViolationsAndItsSummaryAsLinesOfJson() throws IOException {
        write(BoardKind.FERRITE);
        DeviceModel scolds = device -> {
            device.name("scold").compatible("example,scold");
            device.register("DELAY", 4, 4, RegisterAccess.WO).onWrite(value ->
                    device.host().misuse("DELAY is written", "leave it alone"));
        };
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (BareSession session = new BareSession(options().device(scolds), new GuestProgram(image, null, ""),
                BareSessionDeviceTest::input, OutputStream.nullOutputStream(),
                new PrintStream(err, true, StandardCharsets.UTF_8))) {
            session.reportTo(new JsonLines(json, session::replay));
            int status = session.run();
            List<Map<String, Object>> lines = json.toString(StandardCharsets.UTF_8).lines().map(Json::object).toList();
            lines.forEach(line -> assertThat(JsonSchema.of(JsonSchemas.BOOT).mistakes(line)).isEmpty());
            assertThat(lines).hasSizeGreaterThan(1);
            assertThat(lines.get(0).get("violation")).asString().contains("rule=device-misuse", "device=scold0",
                    "instead=leave it alone", "again=ferrite boot " + image + " --board ferrite");
            Machine.Digest digest = session.machine().digest();
            assertThat(lines.get(lines.size() - 1).get("end")).asString().isEqualTo("{status=" + status + ", reason="
                    + err.toString(StandardCharsets.UTF_8).strip() + ", instructions=" + digest.instructions()
                    + ", tick=" + session.machine().clock().now() + ", events=" + digest.events() + ", memory="
                    + digest.memory() + ", schedule=" + digest.schedule() + ", again=" + session.replay() + "}");
        }
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aMachineAnswersWhileADeviceKeepsTimeAndNoHartWakes() throws Exception {
        try (BareSession session = metronome(BareSessionDeviceTest::input)) {
            RunControl control = session.machine().control();
            CompletableFuture<Void> answer = CompletableFuture.runAsync(() -> {
                while (control.ask(session.machine().clock()::firedEvents).join() < 10) {
                    Thread.onSpinWait();
                }
                control.post(control::kill);
            });
            assertThat(session.run()).isEqualTo(ExitStatus.LEFT);
            answer.join();
        }
    }

    /** Returns a machine that waits for ever, while events are due for ever that wake no hart. */
    private BareSession metronome(Function<RunControl, SerialInput> input) throws IOException {
        int[] program = program(BoardKind.FERRITE);
        write(program[0], program[1], program[2], 0x1050_0073, 0xffdf_f06f);      // wfi; j -4
        DeviceModel metronome = device -> {
            device.name("metronome").compatible("example,metronome");
            TimedEvent[] beat = new TimedEvent[1];
            beat[0] = device.event("beat", () -> beat[0].scheduleIn(1000));
            device.register("DELAY", 4, 4, RegisterAccess.WO).onWrite(beat[0]::scheduleIn);
        };
        return new BareSession(options().device(metronome), new GuestProgram(image, null, ""), input,
                OutputStream.nullOutputStream(),
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    }

    /** A person who leaves at the next request, and whose wait only a request ends. */
    private record Leaver(RunControl control, AtomicBoolean leaves) implements SerialInput {

        @Override
        public boolean isPerson() {
            return true;
        }

        @Override
        public boolean isQuitting() {
            return leaves.get();
        }

        @Override
        public int take() {
            return NOT_YET;
        }

        @Override
        public long await(long nanoseconds) throws IOException {
            control.serve();
            return 0;
        }
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aKeyJustBeforeTheMachineWaitsEndsTheWait() throws Exception {
        AtomicBoolean leaves = new AtomicBoolean();
        try (BareSession session = metronome(control -> new Leaver(control, leaves))) {
            Integer status = session.runUntil(() -> {
                if (session.machine().harts().stream().noneMatch(Hart::isRunnable) && !leaves.get()) {
                    session.machine().control().post(() -> {
                        leaves.set(true);
                        session.inputArrived();
                    });
                }
                return false;
            });
            assertThat(status).isEqualTo(ExitStatus.LEFT);
        }
    }

    @Test
    void aModelThatFailsEndsTheRunWithASentence() throws IOException {
        write(BoardKind.FERRITE);
        Ending failed = run(options().device(device -> {
            device.name("fuse").compatible("example,fuse");
            device.register("DELAY", 4, 4, RegisterAccess.WO).onWrite(value -> {
                device.host().misuse("DELAY is written", "leave it alone");
                throw new IllegalStateException("blown");
            });
        }), SnapshotPlan.none());
        assertThat(failed.err()).startsWith("violation device-misuse: fuse0: DELAY is written\n")
                .contains("\n  instead   leave it alone\n", "\nthe model of fuse0 failed when software wrote 0x3e8 to "
                        + "DELAY: java.lang.IllegalStateException: blown, in ferrite.board.session.BareSession",
                        "(BareSessionDeviceTest.java:", "\n  at ");
        assertThat(failed.status()).isEqualTo(ExitStatus.PANIC);
        assertThat(failed.digest().instructions()).as("with those of the boot ROM").isEqualTo(10);
    }
}
