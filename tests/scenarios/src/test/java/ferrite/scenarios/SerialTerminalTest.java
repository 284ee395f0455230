package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.PollEvents;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A terminal on the serial line: lines that can be edited, bytes, and signals. */
@Machine
@Timeout(60)
class SerialTerminalTest {

    private static final int TCGETS = 0x5401;
    private static final int TCSETS = 0x5402;
    private static final int TCSETSF = 0x5404;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int FIONREAD = 0x541b;
    private static final int ICRNL = 0x100;
    private static final int OPOST_ONLCR = 5;
    private static final int ECHO = 8;
    private static final int LFLAG = 12;
    private static final int VTIME = 17 + 5;

    /** What takes a character off the screen. */
    private static final String RUBOUT = "\b \b";

    @TempDir
    private Path directory;

    private Path typed(String text) throws IOException {
        return Files.write(directory.resolve("typed"), text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Path root() throws IOException {
        Path root = Files.createDirectories(directory.resolve("root"));
        Path program = Files.copy(Path.of("../../firmware-images/user/images/prompt.elf"), root.resolve("prompt"));
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return root;
    }

    /** Backspace, ^W, ^U, a control character, keys one by one, ^D, and ^C, which ends the second program. */
    @Test
    void aProgramHasAPromptOnTheSerialLine() throws Exception {
        Path keys = typed("ecko\177\177ho hello worlds\177\r" + "add 20 30 40\027-8\r" + "nonsense\025keys\r"
                + "a\001\rq" + "echo \001\r" + "\tx\177\177\r" + "\004" + "echo on\r" + "abc\003");
        Path root = root();
        BoardOptions options = new BoardOptions().ram(64 << 20).harts(2).interleaving(Interleavings.RANDOM)
                .serialInput(keys).root(root);
        ferrite.hardware.Machine.Digest first = null;
        for (int time = 0; time < 2; time++) {
            try (MachineRun run = MachineRun.start(options)) {
                run.type("exec /prompt", "exec /prompt", "ps");
                assertThat(run.serial()).isEqualTo("> ecko" + RUBOUT.repeat(2) + "ho hello worlds" + RUBOUT
                        + "\nhello world\n> add 20 30 40" + RUBOUT.repeat(2) + "-8\n42\n> nonsense" + RUBOUT.repeat(8)
                        + "keys\n<97><1><10><113>\n> echo ^A\n\001\n> \tx" + RUBOUT + "\b".repeat(6)
                        + "\n> bye\n> echo on\non\n> abc^C");
                assertThat(run).hasNoViolations();
                first = first == null ? run.digest() : first;
                assertThat(run.digest()).isEqualTo(first);
            }
        }
    }

    private static int ioctl(Kernel kernel, int file, int command, long argument) {
        int result = kernel.files().ioctl(file, command, argument);
        return result < 0 ? result : kernel.base().memory().load32(argument);
    }

    /** Returns the events of the two that have come. */
    private static int poll(Kernel kernel, int file, long fds) {
        kernel.base().memory().store32(fds, file);
        kernel.base().memory().store32(fds + 4, PollEvents.EPOLLIN | PollEvents.EPOLLOUT);
        kernel.files().poll(fds, 1, 0);
        return kernel.base().memory().load32(fds + 4) >>> 16;
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** A program that does not read stops the line, and finds every byte later; then it reads with a time limit. */
    @Test
    void noByteIsLostWhileTheProgramIsBusyAndModesAreThoseOfTermios(Machines machines) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            lines.append("line ").append(i).append(" of what is typed\n");
        }
        Path keys = typed(lines.toString());
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.ram(64 << 20).serialInput(keys).driver(test));
        StringBuilder got = new StringBuilder();
        test.run(run, kernel -> {
            int file = kernel.files().open("/dev/ttyS0", Fcntl.O_RDWR | Fcntl.O_NONBLOCK);
            long buffer = kernel.calls().kzalloc(128, Gfp.GFP_KERNEL);
            check(kernel.files().read(file, buffer, 100) == -Errno.EAGAIN, "there is no line yet");
            check(poll(kernel, file, buffer) == PollEvents.EPOLLOUT, "only a write does not wait");
            check(ioctl(kernel, file, TIOCGWINSZ, buffer) == (80 << 16 | 24), "80 columns of 24 rows");
            check(ioctl(kernel, file, TCGETS, buffer) == ICRNL, "returns become line feeds");
            check(ioctl(kernel, file, 0x5499, buffer) == -Errno.ENOTTY, "no such command");
            kernel.base().memory().store32(buffer + LFLAG, kernel.base().memory().load32(buffer + LFLAG) & ~ECHO);
            kernel.base().memory().store32(buffer + 4, OPOST_ONLCR);
            check(ioctl(kernel, file, TCSETS, buffer) == ICRNL, "without echo");
            kernel.calls().msleep(7000);
            int readable = ioctl(kernel, file, FIONREAD, buffer);
            check(readable > 4000 && readable < 4096, "the ring is nearly full: " + readable);
            check(poll(kernel, file, buffer) == (PollEvents.EPOLLIN | PollEvents.EPOLLOUT), "neither waits");
            int count = kernel.files().read(file, buffer, 4);
            for (int idle = 0; idle < 3; ) {
                for (int i = 0; i < count; i++) {
                    got.append((char) kernel.base().memory().load8(buffer + i));
                }
                count = kernel.files().read(file, buffer, 100);
                if (count < 0) {
                    idle++;
                    kernel.calls().msleep(1000);
                }
            }
            check(kernel.files().write(file, buffer, 0) == 0, "nothing");
            kernel.files().close(file);
            timed(kernel, buffer);
            kernel.calls().kfree(buffer);
        });
        assertThat(got.toString()).isEqualTo(lines.toString());
        assertThat(run.serial()).as("no echo but of the first bytes").hasSizeLessThan(30).endsWith("\r\n");
        assertThat(run).hasNoViolations();
    }

    /** The short line lets the ring stop the line, and then there is no whole line in it. */
    @Test
    void aLongLineAfterAShortOneIsReadToItsEnd(Machines machines) throws Exception {
        String line = "x".repeat(4080);
        Path keys = typed("short\n" + line + "\nlast\n");
        MachineRun run = machines.boot(options -> options.ram(64 << 20).serialInput(keys));
        run.type("sleep 100 < /dev/ttyS0 &", "sleep 9", "head -n 1 /dev/ttyS0", "head -n 2 /dev/ttyS0");
        assertThat(run.out()).contains("short\n" + line + "\nlast\n");
        assertThat(run).hasNoViolations();
    }

    /** The input stops in the long line; after the command, a program finds all that comes then. */
    @ParameterizedTest
    @CsvSource({"TCSETSF, 2, 2", "TCSETS, 0, 2"})
    void theLineGoesOnAfterACommandThatLeavesNoLineToRead(String command, int modeBefore, int modeAfter,
            Machines machines) throws Exception {
        Path keys = typed("short\n" + "x".repeat(4080) + "\nlast\n");
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.ram(64 << 20).serialInput(keys).driver(test));
        StringBuilder got = new StringBuilder();
        test.run(run, kernel -> {
            int file = kernel.files().open("/dev/ttyS0", Fcntl.O_RDWR | Fcntl.O_NONBLOCK);
            long buffer = kernel.calls().kzalloc(128, Gfp.GFP_KERNEL);
            ioctl(kernel, file, TCGETS, buffer);
            kernel.base().memory().store32(buffer + LFLAG, modeBefore);
            ioctl(kernel, file, TCSETS, buffer);
            kernel.calls().msleep(9000);
            kernel.base().memory().store32(buffer + LFLAG, modeAfter);
            ioctl(kernel, file, command.equals("TCSETSF") ? TCSETSF : TCSETS, buffer);
            kernel.calls().msleep(9000);
            for (int count; (count = kernel.files().read(file, buffer, 100)) > 0; ) {
                for (int i = 0; i < count; i++) {
                    got.append((char) kernel.base().memory().load8(buffer + i));
                }
                kernel.calls().msleep(100);
            }
            kernel.files().close(file);
            kernel.calls().kfree(buffer);
        });
        assertThat(got.toString()).endsWith("x\nlast\n");
        assertThat(run).hasNoViolations();
    }

    /** The program waits for a line when another one asks for bytes: a byte is no end of the file. */
    @Test
    void aReadOfALineBecomesOneOfBytesWhenTheModeChanges(Machines machines) throws Exception {
        Path keys = typed("xyz");
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> options.ram(64 << 20).serialInput(keys).driver(test));
        run.type("dd if=/dev/ttyS0 of=/dev/stdout bs=1 count=3 &");
        test.run(run, kernel -> {
            int file = kernel.files().open("/dev/ttyS0", Fcntl.O_WRONLY);
            long buffer = kernel.calls().kzalloc(128, Gfp.GFP_KERNEL);
            ioctl(kernel, file, TCGETS, buffer);
            kernel.base().memory().store32(buffer + LFLAG, 0);
            kernel.base().memory().store8(buffer + VTIME + 1, 1);
            ioctl(kernel, file, TCSETS, buffer);
            check(kernel.files().close(file) == 0, "closed");
            kernel.calls().kfree(buffer);
        });
        run.type("wait");
        assertThat(run.out()).contains("xyz");
        assertThat(run.err()).contains("3+0 records in");
        assertThat(run).hasNoViolations();
    }

    /** Without lines, a read waits for VTIME tenths of a second. */
    private static void timed(Kernel kernel, long buffer) {
        int file = kernel.files().open("/dev/ttyS0", Fcntl.O_RDWR);
        ioctl(kernel, file, TCGETS, buffer);
        kernel.base().memory().store32(buffer + LFLAG, 0);
        kernel.base().memory().store8(buffer + VTIME, 3);
        kernel.base().memory().store8(buffer + VTIME + 1, 0);
        ioctl(kernel, file, TCSETS, buffer);
        int before = kernel.calls().jiffies();
        check(kernel.files().read(file, buffer, 10) == 0, "no byte comes");
        int waited = kernel.calls().jiffies() - before;
        check(waited >= 75 && waited < 85, "three tenths of a second, " + waited + " jiffies");
        kernel.base().memory().store8(buffer, '\n');
        check(kernel.files().write(file, buffer, 1) == 1 && kernel.files().close(file) == 0, "written");
    }
}
