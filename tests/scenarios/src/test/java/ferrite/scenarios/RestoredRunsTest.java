package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.Translation;
import ferrite.board.session.BareSession;
import ferrite.board.session.SerialInput;
import ferrite.board.snapshot.SnapshotFile;
import ferrite.board.snapshot.SnapshotPlan;
import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.ReportText;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.RunControl;
import ferrite.hardware.turn.Turn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bare machines saved to a file at any instruction, ended and restored. The restored run is the same as the
 * uninterrupted one, and saving changes nothing.
 */
@Timeout(120)
class RestoredRunsTest {

    private static final String INPUT = "typed while it polls\nand while it sleeps\nk";
    private static final long MAX_INSTRUCTIONS = 20_000_000;
    private static final int MOMENTS = 3;
    private static final Pattern IN_FLIGHT = Pattern.compile("in flight +(\\d+)");

    @TempDir
    private Path directory;

    /** The observations at the end of a run; {@code taken} is the number of input characters that the program took. */
    private record Ending(int status, String out, String err, int taken, Machine.Digest digest, int inFlight) { }

    private static BoardOptions options(BoardKind board, Random random) {
        Interleavings[] interleavings = Interleavings.values();
        return new BoardOptions().kind(board).ram(64 << 20).harts(1 + random.nextInt(8)).seed(random.nextLong())
                .interleaving(interleavings[random.nextInt(interleavings.length)]).maxInstructions(MAX_INSTRUCTIONS);
    }

    private interface Builder {
        BareSession build(GuestRun.Typed input, ByteArrayOutputStream out, PrintStream err) throws IOException;
    }

    private static Ending run(String input, List<SnapshotPlan.Moment> moments, Builder builder) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (BareSession session = builder.build(new GuestRun.Typed(input), out,
                new PrintStream(err, true, StandardCharsets.UTF_8))) {
            session.takeSnapshots(new SnapshotPlan(null, moments));
            int status = session.run();
            return new Ending(status, out.toString(StandardCharsets.ISO_8859_1), err.toString(StandardCharsets.UTF_8),
                    (int) session.bytesReceived(), session.machine().digest(), inFlight(session));
        }
    }

    /** Returns the number of requests in flight in virtio devices, from the monitor. */
    private static int inFlight(BareSession session) {
        try {
            return IN_FLIGHT.matcher(ReportText.of(session.monitor().execute("virtio")))
                    .results().mapToInt(found -> Integer.parseInt(found.group(1))).sum();
        } catch (MonitorException otherBoard) {
            return 0;
        }
    }

    private static Ending run(GuestProgram program, BoardOptions options, List<SnapshotPlan.Moment> moments)
            throws IOException {
        return run(INPUT, moments, (input, out, err) -> new BareSession(options, program, turn -> input, out, err));
    }

    private static Ending restore(Path file, BoardOptions given, String input, List<SnapshotPlan.Moment> moments)
            throws IOException {
        try (SnapshotFile snapshot = SnapshotFile.open(file)) {
            BoardOptions options = snapshot.machine().complete(given, option -> false);
            return run(input, moments,
                    (typed, out, err) -> new BareSession(options, snapshot, turn -> typed, out, err));
        }
    }

    static Stream<Arguments> programsAndBoards() {
        return Stream.of("instructions", "privilege", "sv32", "serial", "smp", "hosted", "htif", "sswi")
                .flatMap(name -> Stream.of(BoardKind.values())
                        .filter(board -> board == BoardKind.FERRITE || !name.equals("sswi"))
                        .map(board -> Arguments.of(name, board)));
    }

    @ParameterizedTest
    @MethodSource("programsAndBoards")
    void aProgramGoesOnFromAnyInstruction(String name, BoardKind board) throws IOException {
        Seed seed = Seed.fresh();
        GuestProgram program = new GuestProgram(GuestRun.program(name, board), null, "arguments");
        for (int round = 0; round < MOMENTS; round++) {
            Random random = seed.random(round);
            requireTheSame(anywhere(random), program, options(board, random), new BoardOptions(),
                    seed.replay(name + ", round " + round), () -> { });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sv32", "smp", "serial"})
    void aTranslatedProgramGoesOnFromAnyInstruction(String name) throws IOException {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        GuestProgram program = new GuestProgram(GuestRun.program(name, BoardKind.VIRT), null, "arguments");
        BoardOptions options = options(BoardKind.VIRT, random).harts(1 + random.nextInt(2))
                .translation(Translation.EAGER);
        requireTheSame(anywhere(random), program, options, new BoardOptions(), seed.replay(name), () -> { });
    }

    private interface Preparation {
        void prepare() throws IOException;
    }

    private static ToLongFunction<Ending> anywhere(Random random) {
        return undisturbed -> random.nextLong(undisturbed.digest.instructions());
    }

    /**
     * Saves at an instruction, ends, restores, and compares with an undisturbed run.
     *
     * @param chosen chooses the instruction, given the end of the undisturbed run
     * @param given  the options of the command line that restores
     * @param disks  resets the disks before a run
     * @return the number of virtio requests in flight at that instruction
     */
    private int requireTheSame(ToLongFunction<Ending> chosen, GuestProgram program, BoardOptions options,
            BoardOptions given, String replay, Preparation disks) throws IOException {
        disks.prepare();
        Ending undisturbed = run(program, options, List.of());
        long moment = chosen.applyAsLong(undisturbed);
        String where = replay + ", instruction " + moment;

        disks.prepare();
        Path looked = directory.resolve("looked.snap");
        assertThat(run(program, options, List.of(new SnapshotPlan.Moment(moment, looked)))).as(where)
                .isEqualTo(undisturbed);

        disks.prepare();
        Path file = directory.resolve("ended.snap");
        Ending first = run(program, options.maxInstructions(moment), List.of(new SnapshotPlan.Moment(moment, file)));
        options.maxInstructions(MAX_INSTRUCTIONS);
        assertThat(file).as(where).hasSameBinaryContentAs(looked);
        Ending second = restore(file, given.maxInstructions(MAX_INSTRUCTIONS), INPUT.substring(first.taken), List.of());
        assertThat(first.out + second.out).as(where).isEqualTo(undisturbed.out);
        assertThat(second.digest).as(where).isEqualTo(undisturbed.digest);
        assertThat(second.status).as(where).isEqualTo(undisturbed.status);
        assertThat(second.err).as(where).isEqualTo(undisturbed.err);
        assertThat(first.taken + second.taken).as(where).isEqualTo(undisturbed.taken);
        return first.inFlight;
    }

    @Test
    void aProgramWithVirtioDevicesGoesOnWithItsRequestsInFlight() throws IOException {
        Seed seed = Seed.fresh();
        GuestProgram program = new GuestProgram(GuestRun.program("virtio", BoardKind.VIRT), null, "");
        Path disk = Disks.random(directory, "disk0.img", 100 * Disks.SECTOR, 1);
        Path secondDisk = Disks.random(directory, "disk1.img", 20 * Disks.SECTOR, 2);
        byte[] before = Files.readAllBytes(disk);
        BoardOptions given = new BoardOptions().disk(disk).readOnlyDisk(secondDisk);
        for (int round = 0; round < 2 * MOMENTS; round++) {
            Random random = seed.random(round);
            BoardOptions options = options(BoardKind.VIRT, random).disk(disk).readOnlyDisk(secondDisk)
                    .virtio(VirtioKind.CONSOLE).virtio(VirtioKind.ENTROPY);
            String replay = seed.replay("round " + round);
            if (round % 2 == 0) {
                requireTheSame(anywhere(random), program, options, given, replay, () -> Files.write(disk, before));
                continue;
            }
            List<Long> busy = busyMoments(random, program, options);
            assertThat(busy).as(replay).hasSizeGreaterThan(10);
            long moment = busy.get(random.nextInt(busy.size()));
            assertThat(requireTheSame(undisturbed -> moment, program, options, given, replay,
                    () -> Files.write(disk, before))).as(replay).isPositive();
        }
    }

    /** Returns instructions at which virtio devices are busy, up to the program's first wait for input. */
    private static List<Long> busyMoments(Random random, GuestProgram program, BoardOptions options)
            throws IOException {
        List<Long> moments = new ArrayList<>();
        try (BareSession session = new BareSession(options, program, control -> new GuestRun.Typed(""),
                OutputStream.nullOutputStream(), System.err)) {
            Turn turn = session.machine().turn();
            Clock clock = session.machine().clock();
            for (;;) {
                turn.limitInstructions(clock.instructions() + 1 + random.nextInt(5000));
                Turn.Stop stop = turn.runUntilQuiet();
                if (stop != Turn.Stop.QUIET && stop != Turn.Stop.INSTRUCTION_LIMIT) {
                    return moments;
                }
                if (clock.instructions() >= MAX_INSTRUCTIONS) {
                    return moments;
                }
                if (inFlight(session) > 0) {
                    moments.add(clock.instructions());
                }
                if (stop == Turn.Stop.QUIET) {
                    clock.jumpTo(clock.nextDue());
                    clock.fireDue();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(BoardKind.class)
    void aPayloadOfTheFirmwareGoesOnFromAnyInstruction(BoardKind board) throws IOException {
        Seed seed = Seed.fresh();
        for (String name : List.of("supervisor", "hostile")) {
            for (int round = 0; round < MOMENTS; round++) {
                Random random = seed.random(round);
                GuestProgram program = new GuestProgram(GuestRun.program(name, board), null,
                        "" + (1 + random.nextInt(1000)), GuestProgram.FIRMWARE_OF_OURS);
                BoardOptions options = options(board, random).harts(2 + random.nextInt(7));
                requireTheSame(anywhere(random), program, options, new BoardOptions(),
                        seed.replay(name + ", round " + round), () -> { });
            }
        }
    }

    @Test
    void aRunThatIsSavedOverAndOverIsTheSameToTheLastByte() throws IOException {
        Seed seed = Seed.fresh();
        for (BoardKind board : BoardKind.values()) {
            Random random = seed.random(board.ordinal());
            GuestProgram program = new GuestProgram(GuestRun.program("smp", board), null, "");
            BoardOptions options = options(board, random).harts(4).maxInstructions(400_000);
            Path end = directory.resolve("end.snap");
            run(program, options, List.of(new SnapshotPlan.Moment(400_000, end)));
            Path file = directory.resolve("next.snap");
            long moment = random.nextInt(30_000);
            run(program, options.maxInstructions(moment), List.of(new SnapshotPlan.Moment(moment, file)));
            while (moment < 400_000) {
                moment = Math.min(400_000, moment + 1 + random.nextInt(60_000));
                restore(file, new BoardOptions().maxInstructions(moment), "",
                        List.of(new SnapshotPlan.Moment(moment, file)));
            }
            assertThat(file).as(seed.replay(board)).hasSameBinaryContentAs(end);
        }
    }

    @Test
    void aRestoredMachineThatIsResetBeginsAsItDidAtPowerOn() throws IOException {
        Seed seed = Seed.fresh();
        GuestProgram program = new GuestProgram(GuestRun.program("reboot", BoardKind.VIRT), null, "");
        for (int round = 0; round < 10; round++) {
            Random random = seed.random(round);
            BoardOptions options = options(BoardKind.VIRT, random).maxInstructions(5000);
            Ending undisturbed = run(program, options, List.of());
            long moment = random.nextInt(5000);
            Path file = directory.resolve("reboot.snap");
            Ending first = run(program, options.maxInstructions(moment),
                    List.of(new SnapshotPlan.Moment(moment, file)));
            Ending second = restore(file, new BoardOptions().maxInstructions(5000), "", List.of());
            assertThat(first.out + second.out).as(seed.replay(round)).isEqualTo(undisturbed.out)
                    .contains("started\nstarted\n");
            assertThat(second.digest).as(seed.replay(round)).isEqualTo(undisturbed.digest);
            assertThat(second.err).isEqualTo("--max-instructions ran out after 5000 instructions\n");
        }
    }

    @Test
    void theTimeCountsFromPowerOnThroughResetsAndARestore() throws IOException {
        GuestProgram program = new GuestProgram(GuestRun.program("reboot", BoardKind.VIRT), null, "");
        BoardOptions options = new BoardOptions().kind(BoardKind.VIRT).ram(64 << 20).harts(2).maxTicks(5000);
        Ending undisturbed = run(program, options, List.of());
        Path file = directory.resolve("late.snap");
        run(program, options.maxInstructions(4500), List.of(new SnapshotPlan.Moment(4500, file)));
        Ending restored = restore(file, new BoardOptions().maxTicks(5000), "", List.of());
        assertThat(restored.digest).isEqualTo(undisturbed.digest);
        assertThat(restored.err).isEqualTo(undisturbed.err).isEqualTo("--max-time ran out after 50us\n");
        Path reset = directory.resolve("reset.snap");
        run(program, options.maxInstructions(10), List.of(new SnapshotPlan.Moment(10, reset)));
        assertThat(restore(reset, new BoardOptions().maxTicks(5000), "", List.of()).digest)
                .isEqualTo(undisturbed.digest);
    }

    @Test
    void aCrashAfterARestoreIsToldWithTheProgramsNames() throws IOException {
        GuestProgram program = new GuestProgram(GuestRun.program("crash", BoardKind.VIRT), null, "");
        BoardOptions options = new BoardOptions().kind(BoardKind.VIRT).ram(64 << 20).harts(2);
        Ending undisturbed = run(program, options, List.of());
        Path file = directory.resolve("crash.snap");
        run(program, options.maxInstructions(5), List.of(new SnapshotPlan.Moment(5, file)));
        assertThat(restore(file, new BoardOptions(), "", List.of()).err).isEqualTo(undisturbed.err)
                .contains("<stumble+0x8>");
    }

    @Test
    void aMomentThatDoesNotComeIsToldOf() throws IOException {
        GuestProgram program = new GuestProgram(GuestRun.program("hosted", BoardKind.VIRT), null, "");
        Path file = directory.resolve("never.snap");
        Ending ending = run(program, new BoardOptions().kind(BoardKind.VIRT),
                List.of(new SnapshotPlan.Moment(MAX_INSTRUCTIONS, file)));
        assertThat(ending.err).startsWith("--snapshot-at 20000000," + file + ": the run has ended after ")
                .endsWith(" there is no such snapshot\n");
        assertThat(file).doesNotExist();
    }

    /** A pipe that is empty at first. Meanwhile the machine is halted, inspected and continued. */
    private static final class Interrupted implements SerialInput {

        private final RunControl control;
        private final GuestRun.Typed typed = new GuestRun.Typed(INPUT);
        private int looks;

        Interrupted(RunControl control) {
            this.control = control;
        }

        @Override
        public boolean isPerson() {
            return false;
        }

        @Override
        public boolean isQuitting() {
            return false;
        }

        @Override
        public int take() {
            return looks < 20 ? NOT_YET : typed.take();
        }

        @Override
        public long await(long nanoseconds) {
            looks++;
            control.halt();
            control.post(control::resume);
            return 0;
        }
    }

    @Test
    void haltingAProgramThatWaitsForInputChangesNothing() throws IOException {
        GuestProgram program = new GuestProgram(GuestRun.program("serial", BoardKind.VIRT), null, "");
        BoardOptions options = options(BoardKind.VIRT, new Random(1)).harts(1);
        Ending undisturbed = run(program, options, List.of());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (BareSession interrupted = new BareSession(options, program, Interrupted::new, out,
                new PrintStream(OutputStream.nullOutputStream()))) {
            assertThat(interrupted.run()).isEqualTo(undisturbed.status).isZero();
            assertThat(interrupted.machine().digest()).isEqualTo(undisturbed.digest);
            assertThat(out.toString(StandardCharsets.ISO_8859_1)).isEqualTo(undisturbed.out);
        }
    }

    // ---- disks ----

    private Ending endedAtOnce(Path disk, Path snapshot, boolean readOnly) throws IOException {
        BoardOptions options = new BoardOptions().kind(BoardKind.FERRITE).ram(8 << 20).harts(1).maxInstructions(100);
        return run(new GuestProgram(GuestRun.program("serial", BoardKind.FERRITE), null, ""),
                readOnly ? options.readOnlyDisk(disk) : options.disk(disk),
                List.of(new SnapshotPlan.Moment(100, snapshot)));
    }

    @Test
    void aDiskThatIsNotWhatItWasIsRefused() throws IOException {
        Path disk = Files.write(directory.resolve("disk.img"), new byte[4096]);
        Path file = directory.resolve("disk.snap");
        endedAtOnce(disk, file, false);
        BoardOptions given = new BoardOptions().maxInstructions(200);
        assertThat(problem(file, given)).isEqualTo(
                "the machine in the snapshot has 1 disks, and --disk is given 0 times; its disks are not in the file, "
                        + "and were called disk.img");
        Path copy = Files.copy(disk, directory.resolve("copy.img"));
        assertThat(problem(file, new BoardOptions().maxInstructions(200).disk(copy))).isNull();
        assertThat(problem(file, new BoardOptions().maxInstructions(200).readOnlyDisk(copy)))
                .isEqualTo("disk0 could be written when " + file + " was made, and " + copy + " cannot");
        byte[] changed = new byte[4096];
        changed[4095] = 1;
        Files.write(disk, changed);
        assertThat(problem(file, new BoardOptions().maxInstructions(200).disk(disk)))
                .startsWith(disk + " does not hold what disk0 held when " + file
                        + " was made: 4096 bytes with the SHA-256 ad7facb2586fc6e9");
        endedAtOnce(copy, file, true);
        assertThat(problem(file, new BoardOptions().maxInstructions(200).disk(copy)))
                .contains("'--disk " + copy + ",ro' would be right");
    }

    private static String problem(Path file, BoardOptions given) {
        try {
            restore(file, given, "", List.of());
            return null;
        } catch (IOException | IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    // ---- the process ----

    @Test
    void aSnapshotThatTheMonitorTookIsRestoredInAnotherProcess() throws Exception {
        Tools.need("nc");
        Path image = GuestRun.program("serial", BoardKind.VIRT).toRealPath();
        try (Program ferrite = FerriteJar.start(directory, "boot", image.toString(), "--harts", "1", "--ram", "64M",
                "--debug", "0", "--snapshots", ".")) {
            String address = ferrite.awaitErrLine("debug port ");
            ferrite.type("first");
            ferrite.awaitOut("polled: first\n");
            try (Program nc = Program.start(directory,
                    List.of("nc", "-N", "127.0.0.1", address.substring(address.indexOf(':') + 1)))) {
                List<String> said = nc.type("halt", "digest", "snapshot waits", "snapshot ../waits",
                        "snapshot /tmp/waits", "snapshot", "digest", "continue")
                        .end().out().lines().toList();
                assertThat(said.toString()).contains("saved to ").contains("'../waits' is no name for a snapshot")
                        .contains("'/tmp/waits' is no name for a snapshot");
                assertThat(said.stream().filter(line -> line.startsWith("memory ")).distinct()).hasSize(1);
            }
            ferrite.type("second");
            ferrite.awaitOut("by interrupts: second\n");
            assertThat(ferrite.end().status()).isZero();
        }
        try (Program restored = FerriteJar.start(directory, "boot", "--restore", "waits")) {
            restored.type("another");
            restored.awaitOut("by interrupts: another\n");
            Program.Ended ended = restored.end();
            assertThat(ended.status()).as(ended.err()).isZero();
            assertThat(ended.out()).doesNotContain("polled: ");
        }
    }

    @Test
    void aMonitorWithoutADirectoryWritesNothing() throws Exception {
        Tools.need("nc");
        Path image = GuestRun.program("serial", BoardKind.VIRT).toRealPath();
        try (Program ferrite = FerriteJar.start(directory, "boot", image.toString(), "--debug", "0", "--halt")) {
            String address = ferrite.awaitErrLine("debug port ");
            try (Program nc = Program.start(directory,
                    List.of("nc", "-N", "127.0.0.1", address.substring(address.indexOf(':') + 1)))) {
                assertThat(nc.type("snapshot waits").end().out()).contains("'ferrite boot --snapshots DIR' gives one");
            }
        }
        assertThat(directory.resolve("waits")).doesNotExist();
    }
}
