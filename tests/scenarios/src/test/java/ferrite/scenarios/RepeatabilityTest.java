package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.debugport.DebugPort;
import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.ReportText;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.Turn;
import ferrite.testkit.MachineRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The same seed and inputs give the same run, bit for bit. Inspection changes nothing. */
@Timeout(120)
class RepeatabilityTest {

    /** Lines typed at once, step by step. The machine is quiescent after each step. */
    private static final List<List<String>> STEPS = List.of(
            List.of("sha256sum /dev/disk0 &", "sha256sum /dev/disk1 &", "cat /proc/meminfo &", "wait"),
            List.of("sha256sum -j 3 /dev/disk0"), List.of("cat /proc/interrupts /proc/buddyinfo"),
            List.of("ps", "dmesg"), List.of("digest"));
    private static final String[] BUSY = STEPS.stream().flatMap(List::stream).toArray(String[]::new);
    private static final List<String> LOOKS = List.of("x/64xw 0xc0001000",
            "xp/64xw 0x1000", "x/16i 0xf0000000", "zones", "dma",
            "info registers", "help", "x/s 0xc0000000", "xp/4xb 0xf0050000", "xp 0xefffffff", "nonsense");

    @TempDir
    private static Path directory;
    private static Path disk0;
    private static Path disk1;
    private static String[] sums;

    @BeforeAll
    static void makeDisks() throws Exception {
        disk0 = Disks.random(directory, 5 * Disks.PIECE + Disks.SECTOR);
        disk1 = Disks.random(directory, 3 * Disks.PIECE - Disks.SECTOR);
        sums = new String[] {Tools.sha256(disk0), Tools.sha256(disk1)};
    }

    private static BoardOptions options(Interleavings interleaving, int harts, long seed) {
        return new BoardOptions().ram(64 << 20).readOnlyDisk(disk0).readOnlyDisk(disk1).interleaving(interleaving)
                .harts(harts).seed(seed);
    }

    static Stream<Arguments> machines() {
        return Stream.of(Interleavings.values())
                .flatMap(interleaving -> Stream.of(1, 4, 8).map(harts -> Arguments.of(interleaving, harts)));
    }

    @ParameterizedTest
    @MethodSource("machines")
    void twoRunsWithTheSameSeedAreTheSameBitForBit(Interleavings interleaving, int harts) throws IOException {
        Run first = Run.of(options(interleaving, harts, 5), BUSY);
        Run second = Run.of(options(interleaving, harts, 5), BUSY);
        assertThat(first.status()).as(first.err()).isZero();
        assertThat(second.out()).isEqualTo(first.out())
                .contains(sums[0] + "  /dev/disk0\n", sums[1] + "  /dev/disk1\n", "ready: " + harts + " harts");
        assertThat(second.err()).isEqualTo(first.err());
        assertThat(second.digest()).isEqualTo(first.digest());
    }

    @ParameterizedTest
    @EnumSource(names = {"RANDOM", "PCT"})
    void anotherSeedIsAnotherScheduleThatReadsTheSameBytes(Interleavings interleaving) throws IOException {
        Run first = Run.of(options(interleaving, 4, 5), BUSY);
        for (long seed : new long[] {0, 6, -1, Long.MIN_VALUE}) {
            Run other = Run.of(options(interleaving, 4, seed), BUSY);
            assertThat(other.status()).isZero();
            assertThat(other.digest().schedule()).isNotEqualTo(first.digest().schedule());
            assertThat(other.out()).contains(sums[0] + "  /dev/disk0\n", sums[1] + "  /dev/disk1\n");
        }
    }

    @Test
    void theSeedItselfEntersNoFingerprint() throws IOException {
        assertThat(Run.of(options(Interleavings.RR, 4, 6), BUSY))
                .usingRecursiveComparison().isEqualTo(Run.of(options(Interleavings.RR, 4, 5), BUSY));
    }

    @Test
    void theKernelLogOnTheTerminalChangesNothing() throws IOException {
        Run quiet = Run.of(options(Interleavings.RANDOM, 4, 5), BUSY);
        Run verbose = Run.of(options(Interleavings.RANDOM, 4, 5), true, BUSY);
        assertThat(verbose.err()).contains("mini-kernel, boot hart").contains("disk1: " + (3 * 128 - 1) + " sectors");
        assertThat(verbose.out()).isEqualTo(quiet.out());
        assertThat(verbose.digest()).isEqualTo(quiet.digest());
    }

    @Test
    void twoMachinesInOneJvmDoNotMeet() throws Exception {
        Run alone = Run.of(options(Interleavings.RANDOM, 4, 5), BUSY);
        Run[] together = new Run[2];
        Thread[] threads = new Thread[2];
        for (int i = 0; i < 2; i++) {
            int index = i;
            threads[i] = new Thread(() -> {
                try {
                    together[index] = Run.of(options(Interleavings.RANDOM, 4, 5), BUSY);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(together[0]).usingRecursiveComparison().isEqualTo(alone);
        assertThat(together[1]).usingRecursiveComparison().isEqualTo(alone);
    }

    // ---- inspection ----

    @ParameterizedTest
    @EnumSource
    void looksAtRandomMomentsChangeNothing(Interleavings interleaving) throws Exception {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        disturb(interleaving, seed, run -> {
            try {
                ReportText.of(run.board().monitor().execute(LOOKS.get(random.nextInt(LOOKS.size()))));
            } catch (MonitorException answeredWithASentence) {
                assertThat(answeredWithASentence.getMessage()).isNotBlank();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void stopsAtRandomMomentsChangeNothing(Interleavings interleaving) throws Exception {
        disturb(interleaving, Seed.fresh(), run -> run.board().machine().turn().stop(Turn.Stop.HALTED));
    }

    /** Repeats the run until enough disturbances have happened, because one run is too short for many. */
    private static void disturb(Interleavings interleaving, Seed seed, Consumer<MachineRun> disturbance)
            throws Exception {
        String[] quiet = busyRun(interleaving, null);
        AtomicInteger inTheMiddle = new AtomicInteger();
        for (int runs = 0; inTheMiddle.get() < 50; runs++) {
            String[] disturbed = busyRun(interleaving, run -> {
                inTheMiddle.addAndGet(run.board().machine().turn().hart() == null ? 0 : 1);
                disturbance.accept(run);
            });
            assertThat(disturbed).as(seed.replay(interleaving)).isEqualTo(quiet);
            assertThat(runs).as("runs until there were enough disturbances").isLessThan(100);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRunCutAtRandomInstructionsIsTheSameRun(Interleavings interleaving) throws Exception {
        Seed seed = Seed.fresh();
        Random random = seed.random(1);
        String[] whole = busyRun(interleaving, null);
        try (MachineRun run = MachineRun.start(options(interleaving, 4, 5))) {
            int cuts = 0;
            for (List<String> step : STEPS) {
                step.forEach(run.board().console()::input);
                cuts += runToQuiet(run, () -> 1 + random.nextInt(4000));
            }
            assertThat(cuts).isGreaterThan(20);
            assertThat(what(run)).as(seed.replay(interleaving)).isEqualTo(whole);
        }
    }

    @Test
    void anInstructionLimitIsExact() throws IOException {
        for (long limit : new long[] {0, 1, 2, 999, 20_000, 33_333}) {
            Run run = Run.of(options(Interleavings.RANDOM, 4, 5).maxInstructions(limit), BUSY);
            assertThat(run.status()).isEqualTo(124);
            assertThat(run.err()).isEqualTo("--max-instructions ran out after " + limit + " instructions\n");
            assertThat(run.digest().instructions()).isEqualTo(limit);
        }
    }

    @Test
    void anOpenDebugPortChangesNothingWhateverItIsAsked() throws Exception {
        String[] quiet = busyRun(Interleavings.PCT, null);
        AtomicInteger inTheMiddle = new AtomicInteger();
        for (int runs = 0; inTheMiddle.get() < 20; runs++) {
            assertThat(busyRunWithPort(inTheMiddle)).isEqualTo(quiet);
            assertThat(runs).as("runs until enough questions came in the middle of one").isLessThan(200);
        }
    }

    private static String[] busyRunWithPort(AtomicInteger askedInTheMiddle) throws Exception {
        try (MachineRun run = MachineRun.start(options(Interleavings.PCT, 4, 5))) {
            Turn turn = run.board().machine().turn();
            try (DebugPort port = DebugPort.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null,
                    run.board().monitor(), command -> turn.posts().add(() -> {
                        askedInTheMiddle.addAndGet(turn.hart() == null ? 0 : 1);
                        command.run();
                    }));
                    Socket socket = new Socket(port.address().getAddress(), port.address().getPort())) {
                AtomicInteger answers = new AtomicInteger();
                Thread client = new Thread(() -> ask(socket, answers), "client");
                client.setDaemon(true);
                client.start();
                while (answers.get() < 5) {                        // warms up the inspectors
                    turn.posts().serveOne();
                }
                STEPS.forEach(step -> run.type(step.toArray(String[]::new)));
                return what(run);
            }
        }
    }

    /** Sends commands and reads answers until the socket is closed. */
    private static void ask(Socket socket, AtomicInteger answers) {
        try {
            OutputStream out = socket.getOutputStream();
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            for (int i = 0;; i++) {
                out.write((LOOKS.get(i % LOOKS.size()) + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
                assertThat(in.readLine()).isNotNull();
                answers.incrementAndGet();
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    /**
     * Runs the busy commands. If {@code look} is not null, the thread that has the turn calls it again and again
     * meanwhile.
     */
    private static String[] busyRun(Interleavings interleaving, Consumer<MachineRun> look) throws Exception {
        try (MachineRun run = MachineRun.start(options(interleaving, 4, 5))) {
            AtomicBoolean over = new AtomicBoolean();
            Thread poster = new Thread(() -> postAgainAndAgain(run, look, over), "poster");
            if (look != null) {
                poster.start();
            }
            for (List<String> step : STEPS) {
                step.forEach(run.board().console()::input);
                runToQuiet(run, () -> Long.MAX_VALUE / 2);
            }
            over.set(true);
            poster.join();
            return what(run);
        }
    }

    /**
     * Continues after every stop until the machine waits for a line and every hart waits. Returns the number of cuts.
     */
    private static int runToQuiet(MachineRun run, LongSupplier instructionsToTheNextCut) {
        Turn turn = run.board().machine().turn();
        boolean wanted = false;
        int cuts = 0;
        for (Turn.Stop stop = Turn.Stop.INSTRUCTION_LIMIT; stop != Turn.Stop.QUIET; ) {
            if (stop == Turn.Stop.INSTRUCTION_LIMIT) {
                turn.limitInstructions(run.board().machine().clock().instructions()
                        + instructionsToTheNextCut.getAsLong());
                cuts++;
            }
            stop = wanted ? turn.runUntilQuiet() : turn.run();
            assertThat(stop)
                    .isIn(Turn.Stop.INSTRUCTION_LIMIT, Turn.Stop.INPUT_WANTED, Turn.Stop.HALTED, Turn.Stop.QUIET);
            wanted |= stop == Turn.Stop.INPUT_WANTED;
        }
        return cuts;
    }

    private static void postAgainAndAgain(MachineRun run, Consumer<MachineRun> look, AtomicBoolean over) {
        Semaphore answered = new Semaphore(1);
        while (!over.get()) {
            if (answered.tryAcquire()) {
                run.board().machine().turn().posts().add(() -> {
                    try {
                        look.accept(run);
                    } finally {
                        answered.release();
                    }
                });
            }
            Thread.onSpinWait();
        }
    }

    /** Returns everything visible of a run. */
    private static String[] what(MachineRun run) {
        return new String[] {run.digest().toString(), run.out(), run.err(), run.serial()};
    }

    // ---- amnesia and snapshots ----

    @ParameterizedTest
    @MethodSource("machines")
    void aKernelThatLosesItsMindBetweenCommandsGoesOnAsIfNothingHadHappened(Interleavings interleaving, int harts)
            throws IOException {
        try (MachineRun sane = MachineRun.start(options(interleaving, harts, 5));
                MachineRun amnesiac = MachineRun.start(options(interleaving, harts, 5))) {
            for (List<String> step : STEPS) {
                sane.type(step.toArray(String[]::new));
                amnesiac.board().reattach();
                amnesiac.type(step.toArray(String[]::new));
                assertThat(amnesiac.digest()).as("after " + step).isEqualTo(sane.digest());
            }
            assertThat(what(amnesiac)).isEqualTo(what(sane));
        }
    }

    @ParameterizedTest
    @MethodSource("machines")
    void aRestoredMachineDoesTheSameRunAgainAndAgain(Interleavings interleaving, int harts) throws IOException {
        try (MachineRun run = MachineRun.start(options(interleaving, harts, 5))) {
            run.type("sha256sum /dev/disk1");
            Machine.Digest before = run.digest();
            Machine.Snapshot snapshot = run.board().snapshot();
            String[] first = whatFollows(run);
            run.board().restore(snapshot);
            assertThat(run.digest()).isEqualTo(before);
            assertThat(whatFollows(run)).isEqualTo(first);
            run.board().restore(snapshot);
            run.board().restore(snapshot);
            assertThat(whatFollows(run)).isEqualTo(first);
            try (MachineRun fresh = MachineRun.start(options(interleaving, harts, 5))) {
                fresh.type("sha256sum /dev/disk1");
                assertThat(fresh.digest()).isEqualTo(before);
                assertThat(whatFollows(fresh)).as("a machine that was never snapshot").isEqualTo(first);
            }
        }
    }

    private static String[] whatFollows(MachineRun run) {
        run.forgetOutput();
        STEPS.forEach(step -> run.type(step.toArray(String[]::new)));
        return what(run);
    }

    @Test
    void onlyTheCommandsSincePowerOnMatterHoweverAMachineCameThere() throws IOException {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 6; round++) {
            new Wanderer(seed.random(round)).wander(seed.replay("round " + round));
        }
    }

    /**
     * Runs commands, snapshots, restores and amnesias in random order, and keeps the history of commands that still
     * count.
     */
    private static final class Wanderer {

        private static final List<String> COMMANDS = List.of("sha256sum /dev/disk0",
                "cat /proc/zoneinfo", "dmesg", "ps", "dd if=/dev/disk0 bs=1000 count=3 skip=7", "nonsense",
                "dd if=/dev/disk0 of=/dev/disk1 bs=700 count=5 skip=3 seek=8",
                "dd if=/dev/disk1 of=/dev/disk0 bs=64K count=2 seek=1", "echo written > /dev/disk1",
                "sha256sum /dev/disk0 /dev/disk1", "sha256sum -j 8 /dev/disk1", "echo hello > /dev/ttyS0", "",
                "cat /dev/nowhere");

        private final Random random;
        private final Interleavings interleaving;
        private final int harts;
        private final long seed;

        private record Moment(Machine.Snapshot snapshot, List<String> history) { }

        Wanderer(Random random) {
            this.random = random;
            this.interleaving = Interleavings.values()[random.nextInt(3)];
            this.harts = 1 + random.nextInt(8);
            this.seed = random.nextLong();
        }

        /** Starts a machine with its own copies of the disks, because commands write to them. */
        private MachineRun start() throws IOException {
            BoardOptions options = new BoardOptions().ram(64 << 20).interleaving(interleaving).harts(harts).seed(seed);
            for (Path disk : List.of(disk0, disk1)) {
                options.disk(Files.copy(disk, Files.createTempFile(directory, "copy", ".img"),
                        StandardCopyOption.REPLACE_EXISTING));
            }
            return MachineRun.start(options);
        }

        void wander(String replay) throws IOException {
            List<String> history = new ArrayList<>();
            List<Moment> moments = new ArrayList<>();
            try (MachineRun run = start()) {
                for (int step = 0; step < 20; step++) {
                    int choice = random.nextInt(10);
                    if (choice < 6) {
                        String command = COMMANDS.get(random.nextInt(COMMANDS.size()));
                        run.type(command);
                        history.add(command);
                    } else if (choice == 6) {
                        run.board().reattach();
                    } else if (choice == 7) {
                        moments.add(new Moment(run.board().snapshot(), List.copyOf(history)));
                    } else if (!moments.isEmpty()) {
                        int back = random.nextInt(moments.size());
                        moments.subList(back + 1, moments.size()).clear();
                        run.board().restore(moments.get(back).snapshot());
                        history = new ArrayList<>(moments.get(back).history());
                    }
                }
                try (MachineRun fresh = start()) {
                    for (String command : history) {
                        fresh.type(command);
                    }
                    assertThat(run.digest()).as(replay + ", after " + history).isEqualTo(fresh.digest());
                    run.forgetOutput().type(BUSY);
                    fresh.forgetOutput().type(BUSY);
                    assertThat(run.out()).as(replay).isEqualTo(fresh.out());
                    assertThat(run.digest()).as(replay).isEqualTo(fresh.digest());
                }
            }
        }
    }
}
