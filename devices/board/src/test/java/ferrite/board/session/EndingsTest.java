package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.front.ViolationText;
import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.layout.FerriteLayout;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.model.RegisterAccess;
import ferrite.hardware.report.Durations;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every way in which a run of {@code ferrite run} and {@code ferrite boot} ends badly: none is silent. The ends before
 * a machine runs, with status 2 and 3, are those of {@code CommandLineErrorsTest}, whose sentences are compared too.
 */
class EndingsTest {

    private static final Set<Integer> BEFORE_THE_RUN = new TreeSet<>(List.of(ExitStatus.WRONG_USAGE,
            ExitStatus.UNUSABLE_INPUT));

    @TempDir
    private Path directory;

    /**
     * A way to end.
     *
     * @param status   the exit status
     * @param sentence part of standard error
     */
    private record Way(String name, int status, String sentence, Run run) { }

    private interface Run {
        /** Runs a machine to its end. Returns the exit status. */
        int run(ByteArrayOutputStream err) throws IOException;

        /** Runs a machine as the command does, which prints the message of an exception. */
        default int asCommand(ByteArrayOutputStream err) {
            try {
                return run(err);
            } catch (IOException lost) {
                stream(err).println(lost.getMessage());
                return ExitStatus.FAILED;
            }
        }
    }

    private static PrintStream stream(ByteArrayOutputStream err) {
        return new PrintStream(err, true, StandardCharsets.UTF_8);
    }

    private static OutputStream full() {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("No space left on device");
            }
        };
    }

    // ---- ferrite run ----

    private static BoardOptions options() {
        return new BoardOptions().ram(32 << 20).harts(2);
    }

    private static Run kernel(BoardOptions options, String... lines) {
        return err -> session(options, err, OutputStream.nullOutputStream(), session -> { }, lines);
    }

    /** @param change what happens to the machine when it wants its first line */
    private static int session(BoardOptions options, ByteArrayOutputStream err, OutputStream out,
            Consumer<Session> change, String... lines) throws IOException {
        Iterator<String> left = Arrays.asList(lines).iterator();
        Session[] opened = new Session[1];
        boolean[] changed = new boolean[1];
        Session.LineSource source = () -> {
            if (!changed[0]) {
                changed[0] = true;
                change.accept(opened[0]);
            }
            return left.hasNext() ? left.next() : null;
        };
        opened[0] = new Session(options, null, source, new Session.Streams(out, stream(err), out, false),
                new ViolationText("")::of);
        try (Session session = opened[0]) {
            return session.run();
        }
    }

    private static Run changed(Consumer<Session> change, String... lines) {
        return err -> session(options(), err, OutputStream.nullOutputStream(), change, lines);
    }

    /** A driver that fails in its link. */
    private static final class FailingDriver implements Driver {

        @Override
        public String name() {
            return "failing";
        }

        @Override
        public void link(KernelCalls kernel, TextTable.Module text) {
            throw new IllegalStateException("on purpose");
        }
    }

    private static void reportFailure(Session session) {
        Machine machine = session.machine();
        Runnable store = () -> machine.bus().store(new BusMaster("guest", 32), FerriteLayout.FINISHER, 4,
                7 << 16 | 0x3333);
        machine.control().post(() -> machine.turn().inputs().at(machine.turn().eventNumber() + 1, 0, store));
    }

    private BoardOptions aboveReach() throws IOException {
        Path disk = Files.write(directory.resolve("disk.img"), new byte[4096]);
        return new BoardOptions().readOnlyDisk(disk).parameter("disk.gfp", "GFP_KERNEL");
    }

    // ---- ferrite boot ----

    private static final int LUI_A0_UART = 0x1000_0537;
    private static final int LUI_A0_FINISHER = 0x0010_0537;
    private static final int LUI_A0_PLUG = 0x0400_0537;
    private static final int LUI_A1_7 = 0x0007_35b7;
    private static final int ADDI_A1_333 = 0x3335_8593;
    private static final int SW_A1_A0 = 0x00b5_2023;
    private static final int SB_ZERO_A0 = 0x0005_0023;
    private static final int LUI_A0_MTIMECMP = 0x0200_4537;
    private static final int LUI_A1_LATER = 0x0010_05b7;
    /** The finisher's code of a reset, and of a reset after a failure. */
    private static final int LUI_A1_RESET = 0x0000_75b7;
    private static final int LUI_A1_RESET_2 = 0x0002_75b7;
    private static final int ADDI_A1_777 = 0x7775_8593;
    private static final int ILLEGAL = 0;
    private static final int WFI = 0x1050_0073;
    private static final int LOOP = 0x0000_006f;
    private static final int LOOP_TO_WFI = 0xffdf_f06f;

    private Run bare(int... program) {
        return bare(OutputStream.nullOutputStream(), session -> { }, false, program);
    }

    private Run bare(OutputStream out, Consumer<BareSession> change, boolean quits, int... program) {
        return err -> {
            ByteBuffer image = ByteBuffer.allocate(4 * program.length).order(ByteOrder.LITTLE_ENDIAN);
            image.asIntBuffer().put(program);
            Path file = Files.write(directory.resolve("program" + err.hashCode()), image.array());
            BoardOptions options = BoardOptions.ofBoot().kind(BoardKind.VIRT).ram(8 << 20).harts(1)
                    .maxInstructions(20_000).maxTicks(30_000).endsAtReboot(true).device(device -> {
                        device.name("fuse").compatible("example,fuse");
                        device.register("BLOW", 0, 4, RegisterAccess.WO).onWrite(value -> {
                            throw new IllegalStateException("blown");
                        });
                    });
            try (BareSession session = new BareSession(options, new GuestProgram(file, null, ""),
                    control -> new Person(quits), out, stream(err))) {
                change.accept(session);
                return session.run();
            }
        };
    }

    /** A person who types nothing. */
    private record Person(boolean isQuitting) implements SerialInput {

        @Override
        public boolean isPerson() {
            return true;
        }

        @Override
        public int take() {
            return END;
        }

        @Override
        public long await(long nanoseconds) {
            return nanoseconds;
        }
    }

    private static void timeOut(Machine machine) {
        TimeLimitReached.post(machine, new TimeLimitReached(3));
    }

    // ---- all ways ----

    private List<Way> ways() throws IOException {
        return List.of(
                new Way("run: a command fails", ExitStatus.FAILED, "cat: /none: No such file", kernel(options(),
                        "cat /none", "ls")),
                new Way("run: an unknown command", ExitStatus.FAILED, "nonsense: command not found", kernel(options(),
                        "nonsense")),
                new Way("run: the guest reports failure", ExitStatus.FAILED, "the guest reported failure, with code 7",
                        changed(EndingsTest::reportFailure, "ls")),
                new Way("run: everything waits", ExitStatus.FAILED, "the machine stands still: every hart waits",
                        kernel(options(), "cat /dev/kmsg")),
                new Way("run: output is lost", ExitStatus.FAILED, "No space left on device", err -> session(options(),
                        err, new BufferedOutputStream(full()), session -> { }, "echo hello")),
                new Way("run: the serial line's output is lost", ExitStatus.FAILED, "output of the serial line was "
                        + "lost: No space", err -> session(options(), err, full(), session -> { },
                        "echo hello > /dev/ttyS0")),
                new Way("run: no memory", ExitStatus.FAILED, "Cannot allocate memory", kernel(options()
                        .failPageAlloc("1,100,0,-1"), "ls")),
                new Way("run: a broken rule", ExitStatus.VIOLATION, "violation dma-above-reach: ", kernel(aboveReach(),
                        "sha256sum /dev/disk0")),
                new Way("run: a panic at boot", ExitStatus.PANIC, "kernel panic: ", kernel(options()
                        .driver(new FailingDriver()), "ls")),
                new Way("run: a failure of ours", ExitStatus.PANIC, "kernel panic: java.lang.ArithmeticException",
                        changed(session -> session.machine().control().post(() -> session.machine().turn()
                                .fail(new ArithmeticException())), "ls")),
                new Way("run: the instructions run out", ExitStatus.NOT_FINISHED, "--max-instructions ran out after ",
                        kernel(options().maxInstructions(1000), "ls")),
                new Way("run: the machine's time runs out", ExitStatus.NOT_FINISHED, "--max-time ran out after 1m",
                        kernel(options().maxTicks(Durations.parse("60")), "sleep 100")),
                new Way("run: the time runs out", ExitStatus.NOT_FINISHED, "--timeout ran out after 3 seconds",
                        changed(session -> timeOut(session.machine()), "ls")),

                new Way("boot: the program reports failure", ExitStatus.FAILED, "the program reported failure, with "
                        + "code 7", bare(LUI_A0_FINISHER, LUI_A1_7, ADDI_A1_333, SW_A1_A0, LOOP)),
                new Way("boot: a crash", ExitStatus.FAILED, "hart 0 crashed: illegal instruction", bare(ILLEGAL)),
                new Way("boot: output is lost", ExitStatus.FAILED, "standard output cannot be written any more",
                        bare(full(), session -> { }, false, LUI_A0_UART, SB_ZERO_A0, LOOP)),
                new Way("boot: a model fails", ExitStatus.PANIC, "the model of fuse0 failed when software wrote 0x0 to "
                        + "BLOW", bare(LUI_A0_PLUG, 0x0005_2023, LOOP)),
                new Way("boot: every hart waits", ExitStatus.NOT_FINISHED, "every hart waits, and nothing is left",
                        bare(WFI, LOOP_TO_WFI)),
                new Way("boot: the instructions run out", ExitStatus.NOT_FINISHED, "--max-instructions ran out after ",
                        bare(LOOP)),
                new Way("boot: the machine's time runs out", ExitStatus.NOT_FINISHED, "--max-time ran out after 300us",
                        bare(LUI_A0_MTIMECMP, LUI_A1_LATER, SW_A1_A0, WFI, LOOP_TO_WFI)),
                new Way("boot: a reboot after a failure", ExitStatus.FAILED, "the program asked for a reboot, with "
                        + "code 2, which --no-reboot makes", bare(LUI_A0_FINISHER, LUI_A1_RESET_2, ADDI_A1_777,
                        SW_A1_A0, LOOP)),
                new Way("boot: the time runs out", ExitStatus.NOT_FINISHED, "--timeout ran out after 3 seconds",
                        bare(OutputStream.nullOutputStream(), session -> timeOut(session.machine()), false, LOOP)),
                new Way("boot: the person leaves", ExitStatus.LEFT, "left from the console",
                        bare(OutputStream.nullOutputStream(), session -> { }, true, LOOP)),
                new Way("boot: a debugger kills it", ExitStatus.LEFT, "killed by the debugger",
                        bare(OutputStream.nullOutputStream(), session -> session.machine().control().kill(), false,
                                LOOP)));
    }

    @TestFactory
    Stream<DynamicTest> noRunThatEndsBadlySaysNothing() throws IOException {
        return ways().stream().map(way -> DynamicTest.dynamicTest(way.name(), () -> {
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int status = way.run().asCommand(err);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains(way.sentence()).endsWith("\n")
                    .doesNotContain("\tat ");
            assertThat(status).as(err.toString(StandardCharsets.UTF_8)).isEqualTo(way.status());
        }));
    }

    /** The program waits for the receiver's interrupt alone. */
    @Test
    void theMachinesTimeRunsOutWhileAPersonTypesNothing() throws IOException {
        ByteBuffer image = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        image.asIntBuffer().put(new int[] {LUI_A0_UART, 0x0010_0593, 0x00b5_00a3, WFI, LOOP_TO_WFI});
        SerialInput idle = new SerialInput() {
            @Override
            public boolean isPerson() {
                return true;
            }

            @Override
            public boolean isQuitting() {
                return false;
            }

            @Override
            public int take() {
                return NOT_YET;
            }

            @Override
            public long await(long nanoseconds) {
                assertThat(nanoseconds).isLessThanOrEqualTo(300_000);
                return nanoseconds;
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (BareSession session = new BareSession(BoardOptions.ofBoot().ram(8 << 20).harts(1).maxTicks(30_000),
                new GuestProgram(Files.write(directory.resolve("idle"), image.array()), null, ""), control -> idle,
                OutputStream.nullOutputStream(), stream(err))) {
            assertThat(session.run()).isEqualTo(ExitStatus.NOT_FINISHED);
        }
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("--max-time ran out after 300us");
    }

    @Test
    void everyExitStatusIsThatOfAWay() throws IOException, IllegalAccessException {
        Set<Integer> statuses = new TreeSet<>(BEFORE_THE_RUN);
        ways().forEach(way -> statuses.add(way.status()));
        Set<Integer> all = new TreeSet<>();
        for (Field constant : ExitStatus.class.getDeclaredFields()) {
            if (Modifier.isPublic(constant.getModifiers()) && constant.getInt(null) != ExitStatus.SUCCESS) {
                all.add(constant.getInt(null));
            }
        }
        assertThat(statuses).isEqualTo(all);
    }
}
