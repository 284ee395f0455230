package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ferrite.board.front.ViolationText;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.Session;
import ferrite.board.wiring.Board;
import ferrite.hardware.bus.BusMaster;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.irq.Interrupts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a run, as scripts see it. */
@Timeout(120)
class ExitStatusTest {

    /** Of the table of interrupts. */
    private static final int FIRST_DESC = 4;
    private static final int DESC_BYTES = 24;

    private static final int ROOT_PAGE = 0x1000;

    @TempDir
    private Path directory;

    private static BoardOptions options() {
        return new BoardOptions().ram(32 << 20);
    }

    @Test
    void aRunInWhichEverythingSucceedsEndsWithZero() throws IOException {
        assertThat(Run.of(options(), "echo fine", "ls", "").status()).isZero();
        assertThat(Run.of(options()).status()).as("nothing to do").isZero();
    }

    @Test
    void aFailedCommandMakesItOneAndTheNextOneRuns() throws IOException {
        Run run = Run.of(options(), "cat /dev/nowhere", "echo next", "nonsense with words", "echo last");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("next\nlast\n");
        assertThat(run.err()).isEqualTo("cat: /dev/nowhere: No such file or directory\nnonsense: command not found; "
                + "'help' lists the commands\n");
    }

    @Test
    void aFailureInTheBackgroundCountsToo() throws IOException {
        Run run = Run.of(options(), "cat /dev/nowhere &", "wait", "echo next");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("next\n");
        assertThat(Run.of(options(), "cat /dev/nowhere &").status()).as("without wait").isEqualTo(1);
    }

    @Test
    void whatRunsInTheBackgroundAtTheEndIsWaitedFor() throws Exception {
        Path disk = Disks.random(directory, 4 * Disks.PIECE);
        Run run = Run.of(options().readOnlyDisk(disk), "sha256sum /dev/disk0 &");
        assertThat(run.status()).isZero();
        assertThat(run.out()).isEqualTo(Tools.sha256(disk) + "  /dev/disk0\n");
    }

    /** Runs the jar in a shell, which redirects its streams to what Java cannot open. */
    private static void says(int status, String message, String redirection, String... words) throws Exception {
        List<String> line = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" " + redirection, "sh"));
        line.addAll(FerriteJar.command(words));
        Process process = new ProcessBuilder(line).start();
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(message);
        assertThat(process.waitFor()).isEqualTo(status);
    }

    @Test
    void aStandardInputThatCannotBeReadIsAnUnusableFile() throws Exception {
        says(3, "ferrite run: standard input cannot be read: Is a directory\n", "< /", "run", "--ram", "32M");
    }

    @Test
    void aStandardOutputThatCannotBeWrittenIsNamed() throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full");
        says(1, "ferrite run: standard output cannot be written: No space left on device\n", "> /dev/full", "run",
                "--ram", "32M", "-c", "echo hi");
    }

    /** Every allocation of pages fails from the one that takes some bytes on. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32})
    void aRunThatFailsForWantOfMemorySaysSo(int pages) throws IOException {
        Run run = Run.of(options().failPageAlloc("1,100," + pages * 4096 + ",-1"), "ls",
                "echo next &", "cat /proc/meminfo", "wait");
        assertThat(run.status() == 0 || !run.err().isEmpty()).as("status %d: %s", run.status(), run.err()).isTrue();
        assertThat(pages > 0 || run.err().startsWith("sh: ls: Cannot allocate memory\n")).as(run.err()).isTrue();
    }

    @Test
    void aLineThatIsTooLongFailsAndTheNextOneRuns() throws IOException {
        Run run = Run.of(options(), "echo " + "x".repeat(5000), "echo next", "echo " + "y".repeat(4000));
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("next\n" + "y".repeat(4000) + "\n");
    }

    @Test
    void aBrokenRuleCountsMoreThanAFailure() throws IOException {
        Path disk = Disks.random(directory, Disks.PIECE);
        Run run = Run.of(options().readOnlyDisk(disk).parameter("disk.gfp", "GFP_KERNEL"), "nonsense",
                "sha256sum /dev/disk0");
        assertThat(run.status()).isEqualTo(4);
    }

    @Test
    void poweroffEndsTheRunAtOnce() throws IOException {
        Run run = Run.of(options(), "echo before", "poweroff", "echo after");
        assertThat(run.status()).isZero();
        assertThat(run.out()).isEqualTo("before\n");
        assertThat(Run.of(options(), "nonsense", "poweroff").status()).isEqualTo(1);
    }

    @Test
    void instructionsThatRunOutMakeItOneHundredAndTwentyFour() throws IOException {
        String[] commands = {"nonsense", "dmesg", "digest"};
        long enough = Run.of(options(), commands).digest().instructions();
        Run run = Run.of(options().maxInstructions(enough - 1), commands);
        assertThat(run.status()).isEqualTo(124);
        assertThat(run.err()).endsWith("--max-instructions ran out after " + (enough - 1) + " instructions\n");
        assertThat(Run.of(options().maxInstructions(enough + 1), commands).status()).as("with enough").isEqualTo(1);
    }

    /**
     * Makes a wild store into the kernel's tables, as a device with a wrong address would. The next interrupt then
     * finds no handler.
     */
    @Test
    void aPanicMakesItFive() throws IOException {
        Broken run = runAndBreak(options(), board -> {
            BusMaster culprit = new BusMaster("culprit", 32);
            long table = board.machine().bus().peek(RootLayout.IRQ_TABLE.at(ROOT_PAGE), 4) & 0xffff_ffffL;
            byte[] rubbish = new byte[4];
            Arrays.fill(rubbish, (byte) 0x41);
            for (int irq = 1; irq < Interrupts.SOURCES; irq++) {
                long action = board.machine().peek(0).loadAddress(table + FIRST_DESC + DESC_BYTES * irq);
                if (action != 0) {                     // the address of the handler stands second in its record
                    long handler = board.machine().peek(0).translate(action + 4);
                    board.machine().bus().write(culprit, handler, rubbish, 0, rubbish.length);
                }
            }
        });
        assertThat(run.err).contains("kernel panic: ").doesNotContain("\tat ");
        assertThat(run.status).isEqualTo(5);
        assertThat(run.out).isEqualTo("before\n");
    }

    private record Broken(int status, String out, String err) { }

    /** Runs {@code echo before}, damages the machine while it waits, and types {@code echo after}. */
    private static Broken runAndBreak(BoardOptions options, Consumer<Board> damage) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Deque<String> lines = new ArrayDeque<>(List.of("echo before", "echo after"));
        Session[] session = new Session[1];
        Session.LineSource source = () -> {
            if (lines.size() == 1) {
                damage.accept(session[0].board());
            }
            return lines.poll();
        };
        session[0] = new Session(options, null, source,
                new Session.Streams(out, new PrintStream(err, true, StandardCharsets.UTF_8),
                        OutputStream.nullOutputStream(), false), new ViolationText("(this test)")::of);
        try (Session running = session[0]) {
            int status = running.run();
            return new Broken(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        }
    }

    // ---- the process ----

    @Test
    void aReaderThatGoesAwayEndsTheRunWithoutAHang() throws Exception {
        Disks.random(directory, "big.img", 8 << 20, 1);
        String ferrite = String.join(" ", FerriteJar.command().stream().map(word -> "'" + word + "'").toList());
        Program.Ended ended = Program.start(directory, List.of("sh", "-c",
                "{ " + ferrite + " run --disk big.img,ro -c 'cat /dev/disk0; hexdump -C /dev/disk0; echo on'; echo "
                        + "\"status $?\" >&2; } | head -c 10 | wc -c")).end();
        assertThat(ended.out().strip()).isEqualTo("10");
        assertThat(ended.err()).contains("status 1\n").contains("cat: write error: Broken pipe\n")
                .doesNotContain("\tat ");
    }

    /** The JVM opens a file of its own at the closed descriptor. Its bytes are no commands. */
    @Test
    void aClosedStandardInputHasNoCommands() throws Exception {
        String ferrite = String.join(" ", FerriteJar.command().stream().map(word -> "'" + word + "'").toList());
        Program.Ended ended = Program.start(directory, List.of("sh", "-c", ferrite + " run --ram 32M <&-")).end();
        assertThat(ended.out() + ended.err()).isEmpty();
        assertThat(ended.status()).isZero();
    }

    @Test
    void commandsComeFromStandardInputWhenNothingElseSaysWhere() throws Exception {
        try (Program ferrite = FerriteJar.start(directory, "run", "--ram", "32M")) {
            ferrite.type("echo one; echo two", "# a remark", "nonsense");
            ferrite.awaitOut("two\n");
            ferrite.type("cat /proc/dma");
            Program.Ended ended = ferrite.end();
            assertThat(ended.out()).isEqualTo("one\ntwo\n 2: disk\n 4: cascade\n");
            assertThat(ended.err()).isEqualTo("nonsense: command not found; 'help' lists the commands\n");
            assertThat(ended.status()).isEqualTo(1);
        }
    }

    @Test
    void theProcessGivesTheStatusOfTheRunAndKeepsItsStreamsApart() throws Exception {
        Program.Ended ended = FerriteJar.run(directory, "run", "--ram", "32M", "--verbose", "--serial", "serial.out",
                "-c", "echo 'a;b'; echo over the line > /dev/ttyS0; nonsense; echo \"c\"");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.out()).isEqualTo("a;b\nc\n");
        assertThat(ended.err()).contains("ready: 4 harts, 32 MiB\n").contains("nonsense: command not found")
                .doesNotContain("WARN", "Warn", "warn");
        assertThat(directory.resolve("serial.out")).hasContent("over the line\n");
    }
}
