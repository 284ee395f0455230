package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.turn.Interleavings;
import ferrite.testkit.MachineAssertions;
import ferrite.testkit.MachineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines of the shell with several commands, and the commands that such lines are made of. */
class ShellTest {

    private static final Path HELLO = Path.of("../../firmware-images/user/images/hello.elf");

    @TempDir
    private Path directory;

    private static BoardOptions options() {
        return new BoardOptions().ram(32 << 20);
    }

    private static String out(String... lines) throws IOException {
        Run run = Run.of(options(), lines);
        assertThat(run.err()).isEmpty();
        return run.out();
    }

    private Path disk() throws IOException {
        StringBuilder text = new StringBuilder();
        IntStream.rangeClosed(1, 1000).forEach(i -> text.append("line ").append(i).append('\n'));
        text.setLength(text.length() / 512 * 512);
        return Files.writeString(directory.resolve("disk"), text);
    }

    @Test
    void aPipeCarriesTheOutputOfEveryKindOfCommand() throws IOException {
        assertThat(out("echo a | cat", "echo b | cat | cat - | cat", "dma | head -n 1 | wc -l", "help | grep -c wc",
                "ls /dev | grep '^std'", "echo abc | hexdump -C | head -n 1", "echo x | dd bs=1 count=1 2> /dev/null"))
                .isEqualTo("a\nb\n1\n1\nstderr\nstdout\n00000000  61 62 63 0a      "
                        + "                                 |abc.|\nx");
    }

    @Test
    void aPipeCarriesTheOutputOfPrograms() throws IOException {
        Path program = Files.copy(HELLO, directory.resolve("hello"));
        assertThat(program.toFile().setExecutable(true)).isTrue();
        Run run = Run.of(options().root(directory), "exec /hello big world | grep argument",
                "/hello x | cat | wc -l", "exec /hello a > /dev/null && echo done", "! /hello > /dev/null || echo ran");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("argument 1: big\nargument 2: world\n4\ndone\nran\n");
    }

    @Test
    void aStatusDecidesWhatRunsNext() throws IOException {
        Run run = Run.of(options(), "true && echo 1", "false || echo 2", "false && echo no", "true || echo no",
                "false && echo no || echo 3", "! true || echo 4", "! false && echo 5", "false | true && echo 6",
                "nonsense && ls", "false; echo 7", "true && true; echo 8");
        assertThat(run.out()).isEqualTo("1\n2\n3\n4\n5\n6\n7\n8\n");
        assertThat(run.err()).isEqualTo("nonsense: command not found; 'help' lists the commands\n");
    }

    @Test
    void theStatusOfTheCommandBeforeIsKept() throws IOException {
        Run silent = Run.of(options(), "false", "echo $?", "echo $?", "false || echo $? \"$?\" '$?'", "! true",
                "echo a$?", "false | true", "echo $?", "true | false", "echo $?");
        assertThat(silent.out()).isEqualTo("1\n0\n1 1 $?\na1\n0\n1\n");
        assertThat(silent.err()).isEqualTo("'false' ended with status 1 and no message\n");
        Run run = Run.of(options(), "nonsense 2> /dev/null", "echo $?", "echo 'x", "echo $?",
                "cat /none 2> /dev/null &",
                "echo $?", "wait");
        assertThat(run.out()).isEqualTo("127\n2\n0\n");
    }

    @Test
    void filesAreWrittenAppendedToAndRead() throws IOException {
        Run run = Run.of(options().disk(disk()).link("scull"), "echo 'a  b' > /dev/scull0",
                "echo c >> /dev/scull0", "cat < /dev/scull0", "wc < /dev/scull0 > /dev/scull1", "cat /dev/scull1",
                "cat /none > /dev/scull1 2>&1", "cat /dev/scull1", "cat /none 2>&1 | wc -w", "echo x 2> /none",
                "echo '>' /dev/null", "cat < /none && echo no", "head -n 1 < /dev/disk0", "echo lost > /none");
        assertThat(run.out()).isEqualTo("a  b\nc\n      2       3       7\ncat: /none: No such file or directory\n7\n"
                + "> /dev/null\nline 1\n");
        assertThat(run.err())
                .isEqualTo("echo: /none: No such file or directory\ncat: /none: No such file or directory\n"
                + "echo: /none: No such file or directory\n");
    }

    @Test
    void aFullPipeMakesItsWriterWaitAndAClosedOneEndsIt() throws IOException {
        Path disk = disk();
        BoardOptions options = options().disk(disk);
        String[] lines = {"cat /dev/disk0 /dev/disk0 /dev/disk0 /dev/disk0 /dev/disk0 /dev/disk0 /dev/disk0 /dev/disk0 "
                + "/dev/disk0 /dev/disk0 /dev/disk0 /dev/disk0 | sha256sum", "cat /dev/zero | head -c 70000 | wc -c",
                "cat /dev/zero | true", "cat /dev/urandom | head -c 9 | wc -c", "cat /dev/zero | head -n 0", "digest"};
        Run run = Run.of(options, lines);
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("  -\n70000\n9\nevents ");
        assertThat(run.out()).as("the same run").isEqualTo(Run.of(options().disk(disk), lines).out());
    }

    /** A pipe has 64 KiB, and so has each of its commands; slabs may keep some objects. */
    @Test
    void pipesAndListsGiveAllMemoryBack() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            lines.addAll(List.of("echo a | cat | wc && cat /none 2>&1 | head -c 1 > /dev/null || true",
                    "cat /dev/zero | true | head", "sleep 0.001 | wc &", "wait"));
            if (i == 2 || i == 11) {
                lines.add("grep MemFree /proc/meminfo");
            }
        }
        List<Integer> free = out(lines.toArray(String[]::new)).lines().filter(line -> line.startsWith("MemFree"))
                .map(line -> Integer.parseInt(line.replaceAll("[^0-9]", ""))).toList();
        assertThat(free).hasSize(2);
        assertThat(free.get(1)).isGreaterThan(free.get(0) - 64);
    }

    /** The one that closes its end last frees the pipe, when the other one is done with it too. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void bothEndsOfAPipeAreClosedAtTheSameTime(long seed) throws IOException {
        try (MachineRun run = MachineRun.start(options().harts(4).interleaving(Interleavings.RANDOM).seed(seed))) {
            run.type(Collections.nCopies(40, "true | true | true | true").toArray(String[]::new));
            assertThat(run.err()).isEmpty();
            MachineAssertions.assertThat(run).hasNoViolations();
        }
    }

    @Test
    void theInterruptKeyEndsAllCommandsOfALine() throws IOException {
        try (MachineRun run = MachineRun.start(options())) {
            run.interruptAfter(3000).type("cat /dev/zero | cat | wc -c && echo no || echo no", "echo $?", "ps");
            assertThat(run.out()).startsWith("130\n").doesNotContain(" cat\n");
        }
    }

    @Test
    void aListRunsInTheBackground() throws IOException {
        assertThat(out("sleep 0.01 && echo later | cat &", "echo now", "wait")).isEqualTo("now\nlater\n");
    }

    @Test
    void patternsStandForPaths() throws IOException {
        assertThat(out("echo /dev/std* /dev/std[!o]* /none* '/dev/std*'", "cat /proc/buddy* | wc -l"))
                .isEqualTo("/dev/stderr /dev/stdout /dev/stderr /none* /dev/std*\n2\n");
    }

    @Test
    void whatIsNotThereIsRefusedAndTheNextLineRuns() throws IOException {
        Run run = Run.of(options(), "echo $(ls)", "for i in a", "echo a | ; echo no", "sleep 1 & echo no", "echo yes");
        assertThat(run.out()).isEqualTo("yes\n");
        assertThat(run.err().lines()).hasSize(4).allMatch(line -> line.startsWith("sh: "));
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void exitEndsTheShellWithItsLine() throws IOException {
        Run run = Run.of(options(), "exit x", "echo 1 && exit 0 && echo no | cat", "echo no");
        assertThat(run.out()).isEqualTo("1\n");
        assertThat(run.err()).startsWith("exit: Illegal number: x");
        assertThat(Run.of(options(), "exit 3", "echo no").status()).as("a failed command").isEqualTo(1);
        assertThat(Run.of(options(), "exit", "echo no").status()).isZero();
        Run inside = Run.of(options(), "exit 1 | cat", "exit 1 &", "wait", "echo goes on");
        assertThat(inside.out()).as("in a pipeline and in the background it ends itself alone").isEqualTo("goes on\n");
    }

    @Test
    void linesAreChosenAsGnuGrepChoosesThem() throws IOException {
        Run run = Run.of(options().disk(disk()), "grep -n 'line 1$' /dev/disk0", "grep -c 'e [12]\\{0,1\\}' /dev/disk0",
                "grep -c '0\\|99' /dev/disk0", "grep -cE '^line (1|2)?7$' /dev/disk0", "grep -ic LINE /dev/disk0",
                "grep -vc '[1-8]' /dev/disk0", "grep -F '.' /dev/disk0 || echo none",
                "grep -q line /dev/disk0 && echo q",
                "grep x /none", "grep -nE '^(a*)*b' /dev/disk0 || echo fast", "echo 'a*b' | grep '^a*b' || echo star",
                "grep -c . /dev/disk0 /dev/disk0", "grep '[' /dev/disk0", "grep");
        assertThat(run.out()).isEqualTo("1:line 1\n" + count("0|99") + "\n3\n" + count("line") + "\n"
                + count("^[^1-8]*$")
                + "\nnone\nq\nfast\nstar\n/dev/disk0:" + count("") + "\n/dev/disk0:" + count("") + "\n");
        assertThat(run.err()).contains("grep: there are no intervals")
                .contains("grep: /none: No such file or directory")
                .contains("grep: Unmatched [");
    }

    private long count(String expression) throws IOException {
        return Files.readAllLines(directory.resolve("disk")).stream()
                .filter(line -> Pattern.compile(expression).matcher(line).find()).count();
    }

    @Test
    void headTailWcAndCmpPrintWhatCoreutilsPrint() throws IOException {
        Path disk = disk();
        Path other = directory.resolve("other");
        byte[] bytes = Files.readAllBytes(disk);
        bytes[600] ^= 1;
        Files.write(other, bytes);
        Path shorter = Files.write(directory.resolve("short"), Arrays.copyOf(Files.readAllBytes(disk), 512));
        Run run = Run.of(options().disk(disk).disk(other).disk(shorter), "head -n 2 /dev/disk0", "head -c 3 /dev/disk0",
                "echo", "head -2 /dev/disk0 | tail -n 1", "tail -n 2 /dev/disk0", "tail -c 4 /dev/disk0",
                "echo", "head -n 1 /dev/disk0 /dev/disk1", "wc -c /dev/disk2", "cat /dev/disk2 | wc -lc",
                "cmp /dev/disk0 /dev/disk0", "cmp /dev/disk0 /dev/disk1", "cmp -s /dev/disk0 /dev/disk1 || echo differ",
                "cmp /dev/disk0 /dev/disk2", "cmp /dev/disk0 /dev/null",
                "cat /dev/disk0 | cmp - /dev/disk0 && echo same",
                "head /none", "tail -n x /dev/disk0", "wc /none", "cmp /none /dev/disk0");
        List<String> lines = Files.readAllLines(disk);
        String last = lines.get(lines.size() - 1);
        assertThat(run.out()).isEqualTo("line 1\nline 2\nlin\nline 2\n" + lines.get(lines.size() - 2) + "\n" + last
                + tail(disk) + "\n==> /dev/disk0 <==\nline 1\n\n==> /dev/disk1 <==\nline 1\n"
                + "512 /dev/disk2\n     65     512\n/dev/disk0 /dev/disk1 differ: byte 601, line 77\ndiffer\nsame\n");
        assertThat(run.err()).isEqualTo("cmp: EOF on /dev/disk2 after byte 512, in line 66\n"
                + "cmp: EOF on /dev/null which is empty\nhead: cannot open '/none' for reading: "
                + "No such file or directory\n"
                + "tail: invalid number of lines: 'x'\nwc: /none: No such file or directory\n"
                + "cmp: /none: No such file or directory\n");
    }

    @Test
    void headAndTailCountFromTheOtherEndAsCoreutilsDo() throws IOException {
        Path disk = disk();
        byte[] bytes = Files.readAllBytes(disk);
        List<String> lines = Files.readAllLines(disk);
        String[] commands = {
            "tail -n +" + (lines.size() - 1) + " dev/disk0 | head -n 1",
            "head -n -" + (lines.size() - 2) + " dev/disk0",
            "tail -c +" + (bytes.length - 1) + " /dev/disk0", "echo",
            "head -c -" + (bytes.length - 6) + " /dev/disk0", "echo",
            "head -n -0 /dev/disk0 | cmp - dev/disk0", "tail -n +0 /dev/disk0 | cmp - dev/disk0",
            "head -n -99999 /dev/disk0 /dev/disk0", "tail -n +99999 /dev/disk0", "cat ''"};
        Run run = Run.of(options().disk(disk), commands);
        assertThat(run.out()).isEqualTo(lines.get(lines.size() - 2) + "\nline 1\nline 2\n"
                + Files.readString(disk).substring(bytes.length - 2) + "\nline 1\n"
                + "==> /dev/disk0 <==\n\n==> /dev/disk0 <==\n");
        assertThat(run.err()).isEqualTo("cat: : No such file or directory\n");
    }

    private static String tail(Path disk) throws IOException {
        String text = Files.readString(disk);
        return text.substring(text.length() - 4);
    }

    @Test
    void freeDateAndUptimeHaveTheFormsOfLinux() throws IOException {
        String out = out("free", "free -m", "date", "uptime", "sleep 100000", "date", "uptime");
        assertThat(out).matches("(?s) +total +used +free +shared +buff/cache +available\n"
                + "Mem: +\\d{5} +\\d+ +\\d{5} +0 +0 +\\d{5}\nSwap: +0 +0 +0\n.*Mem: +\\d\\d +\\d +\\d\\d .*"
                + "Thu Jan  1 00:00:00 UTC 1970\n 00:00:00 up 0 min,  0 user,  load average: 0.00, 0.00, 0.00\n"
                + "Fri Jan  2 03:46:40 UTC 1970\n 03:46:40 up 1 day,  3:46,  0 user,  "
                + "load average: 0.00, 0.00, 0.00\n");
        assertThat(out.lines().toList()).startsWith(
                "               total        used        free      shared  buff/cache   available")
                .element(1).asString().hasSize(80);
    }

    @Test
    void datesAreThoseOfTheHostsDate() throws Exception {
        List<Long> moments = List.of(5_097_600L, 31_535_999L, 31_536_000L, 68_169_600L, 951_782_400L, 4_107_542_399L);
        List<String> lines = new ArrayList<>();
        StringBuilder expected = new StringBuilder();
        long before = 0;
        for (long moment : moments) {
            lines.addAll(List.of("sleep " + (moment - before), "date"));
            before = moment;
            expected.append(Tools.text(directory, "env", "LC_ALL=C", "date", "-u", "-d", "@" + moment));
        }
        assertThat(out(lines.toArray(String[]::new))).isEqualTo(expected.toString());
    }

    @Test
    void theHistoryListsTheLinesOfTheRun() throws IOException {
        assertThat(out("echo a", "true", "history", "history 1", "history | grep -c a"))
                .isEqualTo("a\n    1  echo a\n    2  true\n    3  history\n    4  history 1\n"
                        + "    5  history | grep -c a\n"
                        + "    5  history | grep -c a\n2\n");
    }

    @Test
    void helpExplainsEachCommandWithAnExampleInEightyColumns() throws IOException {
        Run run = Run.of(options(), "help", "help dd", "help 'A | B'", "help zones", "hlep", "help zonse");
        assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(run.out()).contains("for example: dd if=/dev/disk0").contains("for example: dmesg | grep dma");
        assertThat(run.err()).contains("hlep: command not found; did you mean help").contains("did you mean zones?");
    }
}
