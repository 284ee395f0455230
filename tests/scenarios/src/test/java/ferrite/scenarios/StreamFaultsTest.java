package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.layout.FerriteLayout;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.hardware.clock.Clock;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Ioctl;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --fault} of the devices that move bytes and ring: each kind that they have, and how the driver recovers. */
@Machine(ram = "32M", harts = 2)
@Timeout(60)
class StreamFaultsTest {

    private static final long SECOND = 1_000_000L * Clock.TICKS_PER_MICROSECOND;
    private static final int FRAGMENT = 4096;

    @TempDir
    private Path directory;

    private BoardOptions with(BoardOptions options, String fault) {
        MachineOptions.set(options, "--fault", fault);
        return options;
    }

    private static String log(MachineRun run) {
        return run.forgetOutput().type("dmesg").out();
    }

    private static void took(MachineRun run, String fault) {
        assertThat(run.board().machine().clock().now() > SECOND).as("a second more").isEqualTo(fault.contains("slow"));
    }

    // ---- terminals ----

    /** The line "abcdef" at each terminal: the fault is that of its third byte. */
    @ParameterizedTest
    @CsvSource({"uart=error@3, abdef, 'framing 1, parity 1, overrun 0'", "uart=wrong@3, abbdef, serial",
        "uart=overrun@3, abcdef, 'framing 0, parity 0, overrun 1'", "uart=lost@3, abcdef, serial",
        "uart=spurious@1+, abcdef, serial", "uart=slow@3, abcdef, serial",
        "hvc0=short@3, abdef, ready", "hvc0=wrong@3, abbdef, ready", "hvc0=lost@3, abcdef, ready",
        "hvc0=spurious@1+, abcdef, ready", "hvc0=slow@3, abcdef, ready"})
    void aLineIsReadFromATerminal(String fault, String line, String message, Machines machines) throws Exception {
        Path keys = Files.writeString(directory.resolve("keys"), "abcdef\n");
        MachineRun run = machines.boot(options -> with(options.virtio(VirtioKind.CONSOLE).serialInput(keys), fault));
        run.type("head -n 1 /dev/" + (fault.startsWith("uart") ? "ttyS0" : "hvc0"));
        assertThat(run.out()).isEqualTo(line + "\n");
        took(run, fault);
        assertThat(log(run)).contains(message.equals("serial") || message.equals("ready") ? "" : message);
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    /** The write comes between the byte and its interrupt: its loads of the line status clear the chip's error bits. */
    @ParameterizedTest
    @CsvSource({"error, bc, 'framing 1, parity 1, overrun 0'", "overrun, abc, 'framing 0, parity 0, overrun 1'"})
    void aWriteDoesNotHideTheErrorsOfTheNextByte(String fault, String line, String message, Machines machines)
            throws Exception {
        Path keys = Files.writeString(directory.resolve("keys"), "abc\n");
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> with(options.serialInput(keys).driver(test), "uart=" + fault + "@1"));
        StringBuilder got = new StringBuilder();
        test.run(run, kernel -> {
            int file = kernel.files().open("/dev/ttyS0", Fcntl.O_RDWR);
            kernel.calls().disableIrq(FerriteLayout.UART_IRQ);
            kernel.calls().msleep(10);
            long buffer = kernel.calls().kzalloc(16, Gfp.GFP_KERNEL);
            kernel.files().write(file, buffer, 1);
            kernel.calls().enableIrq(FerriteLayout.UART_IRQ);
            for (int i = kernel.files().read(file, buffer, 16); i > 0; i--) {
                got.insert(0, (char) kernel.base().memory().load8(buffer + i - 1));
            }
            kernel.files().close(file);
            kernel.calls().kfree(buffer);
        });
        assertThat(got.toString()).isEqualTo(line + "\n");
        assertThat(log(run)).contains(message);
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    /** The reader finds the end of the file, and two opens fail. */
    @Test
    void aConsoleThatStopsIsHungUp(Machines machines) throws Exception {
        Path keys = Files.writeString(directory.resolve("keys"), "ab\ncd\nef\n");
        MachineRun run = machines.boot(options -> with(options.virtio(VirtioKind.CONSOLE).serialInput(keys),
                "hvc0=error@6"));
        run.type("cat /dev/hvc0", "echo gone > /dev/hvc0", "cat /dev/hvc0");
        assertThat(run.out()).isEqualTo("ab\n");
        assertThat(run.err().split("Input/output error", -1)).hasSize(3);
        assertThat(log(run)).contains("hvc0: the device gave a wrong answer, and was stopped");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    /** The reader finds the end of the file, and a write and an open fail, once the driver has noticed. */
    @Test
    void aConsoleThatIsPulledOutHangsUp(Machines machines) throws Exception {
        Path keys = Files.writeString(directory.resolve("keys"), "ab\ncd\nef\n");
        MachineRun run = machines.boot(options -> with(options.virtio(VirtioKind.CONSOLE).serialInput(keys),
                "hvc0=removed@6"));
        run.type("cat /dev/hvc0 &", "sleep 1", "echo gone > /dev/hvc0", "wait", "cat /dev/hvc0");
        assertThat(run.out()).isEqualTo("ab\n");
        assertThat(run.err().split("Input/output error", -1)).as("the write and the open").hasSize(3);
        assertThat(log(run)).contains("hvc0: the device gave a wrong answer, and was stopped");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    @Test
    void anOverrunOfTheConsoleIsReported(Machines machines) throws Exception {
        Path keys = Files.writeString(directory.resolve("keys"), "ab\n");
        MachineRun run = machines.boot(options -> with(options.virtio(VirtioKind.CONSOLE).serialInput(keys),
                "hvc0=overrun@2"));
        run.type("head -n 1 /dev/hvc0");
        assertThat(run).hasViolation("dma-stray-access");
    }

    // ---- random bytes ----

    @ParameterizedTest
    @CsvSource({"hwrng=short@1, 64, ''", "hwrng=lost@1, 64, hwrng: an interrupt was lost", "hwrng=spurious@1, 64, ''",
        "hwrng=error@1, 0, hwrng: the device was reset", "hwrng=slow@1, 64, ''",
        "hwrng=removed@1, 0, 'hwrng: the device was reset, and does not start again'", "hwrng=overrun@1, 64, ''"})
    void randomBytesAreRead(String fault, int bytes, String message, Machines machines) throws Exception {
        MachineRun run = machines.boot(options -> with(options.virtio(VirtioKind.ENTROPY), fault));
        run.type("dd if=/dev/hwrng bs=64 count=1 iflag=fullblock | wc -c");
        assertThat(run.out()).isEqualTo(bytes + "\n");
        assertThat(run.err().contains("Input/output error")).isEqualTo(bytes == 0);
        if (!fault.contains("lost") && bytes > 0) {
            took(run, fault);
        }
        assertThat(log(run)).contains(message);
        assertThat(run.forgetOutput().type("cat /proc/interrupts").out()).as("a short read is followed by another one")
                .containsPattern(" " + (fault.contains("short") || fault.contains("spur") ? 2 : "[01]")
                        + " +0 .*virtio-rng");
        if (fault.contains("overrun")) {
            assertThat(run).hasViolation("dma-stray-access");
        } else {
            assertThat(run).hasNoViolations().hasNoLeaks();
        }
    }

    @Test
    void aRandomNumberGeneratorInterruptsAgainAfterALostInterrupt(Machines machines) throws Exception {
        MachineRun run = machines.boot(options -> with(options.virtio(VirtioKind.ENTROPY), "hwrng=lost@1"));
        run.type("dd if=/dev/hwrng of=/dev/null bs=64 count=4");
        assertThat(log(run).split("an interrupt was lost", -1)).hasSize(2);
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    // ---- alarms ----

    /** A lost one is found two seconds later, and a spurious interrupt ends no wait. */
    @ParameterizedTest
    @CsvSource({"rtc0=lost@1, 7, rtc0: an interrupt was lost", "rtc0=spurious@1, 5, ''", "rtc0=slow@1, 6, ''"})
    void anAlarmEndsTheWait(String fault, int seconds, String message, Machines machines) throws Exception {
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> with(options.rtc("1970-01-01T00:00:00Z").driver(test), fault));
        test.run(run, StreamFaultsTest::awaitAlarm);
        assertThat(run.board().machine().clock().now() / SECOND).isEqualTo(seconds);
        assertThat(log(run)).contains(message);
        assertThat(run).hasNoViolations();
    }

    /** Waits for five seconds past midnight. */
    private static void awaitAlarm(Kernel kernel) {
        int clock = kernel.files().open("/dev/rtc0", Fcntl.O_RDONLY);
        long time = kernel.calls().kzalloc(36, Gfp.GFP_KERNEL);
        kernel.base().memory().store32(time, 5);
        kernel.base().memory().store32(time + 12, 1);
        kernel.base().memory().store32(time + 20, 70);
        int result = kernel.files().ioctl(clock, Ioctl._IOW('p', 7, 36), time);
        result += kernel.files().ioctl(clock, Ioctl._IO('p', 1), 0);
        result += kernel.files().read(clock, time, 4);
        result += kernel.files().close(clock);
        kernel.calls().kfree(time);
        if (result != 4) {
            throw new AssertionError("the alarm: " + result);
        }
    }

    // ---- sound ----

    private static byte[] samples(int count) {
        byte[] samples = new byte[count];
        for (int i = 0; i < count; i++) {
            samples[i] = (byte) (128 + i % 100);
        }
        return samples;
    }

    private byte[] played(Machines machines, String fault, int bytes, String message) throws Exception {
        Path root = Files.createDirectories(directory.resolve("root"));
        Files.write(root.resolve("samples"), samples(bytes));
        Path out = directory.resolve("out.wav");
        MachineRun run = machines.boot(options -> with(options.sound(null, out).root(root), fault));
        run.type("dd if=/samples of=/dev/dsp bs=4K");
        assertThat(log(run)).contains(message);
        assertThat(run).hasNoViolations().hasNoLeaks();
        run.close();
        byte[] file = Files.readAllBytes(out);
        return Arrays.copyOfRange(file, 44, file.length);
    }

    /** A fragment takes half a second. The last one's interrupt is found late; another's by the next interrupt. */
    @ParameterizedTest
    @CsvSource({"sound=lost@2, 6, sound: an interrupt was lost", "sound=lost@6, 6, sound: an interrupt was lost",
        "sound=lost@1+, 3, sound: an interrupt was lost", "sound=spurious@1+, 6, ''", "sound=slow@3, 6, ''"})
    void eachSampleIsPlayed(String fault, int fragments, String message, Machines machines) throws Exception {
        byte[] samples = samples(fragments * FRAGMENT);
        byte[] played = played(machines, fault, samples.length, message);
        if (!fault.endsWith("+") || fault.contains("spurious")) {
            assertThat(played).isEqualTo(samples);
        } else {
            assertThat(played).startsWith(Arrays.copyOf(samples, FRAGMENT));
        }
    }

    @ParameterizedTest
    @CsvSource("sound=wrong@2")
    void aWrongSampleIsPlayedOnce(String fault, Machines machines) throws Exception {
        byte[] samples = samples(4 * FRAGMENT);
        for (int at = FRAGMENT; at < 2 * FRAGMENT; at += 64) {
            samples[at] ^= 1;
        }
        assertThat(played(machines, fault, samples.length, "")).isEqualTo(samples);
    }

    /** The other channel, of 16 bits: a program records while another one plays. Nothing is lost that it reads. */
    @ParameterizedTest
    @CsvSource({"sound=lost@2, sound: an interrupt was lost", "sound=spurious@1+, ''", "sound=slow@2, ''"})
    void soundIsRecordedOnBothChannels(String fault, String message, Machines machines) throws Exception {
        Path in = Files.write(directory.resolve("in.wav"), SoundTest.wav(8000, 8, 1, samples(8 * FRAGMENT)));
        MachineRun run = machines.boot(options -> with(options.sound(in, directory.resolve("out.wav")), fault));
        run.type("dd if=/dev/zero of=/dev/dsp bs=4K count=4 &", "dd if=/dev/dsp bs=4K count=5 | wc -c", "wait");
        assertThat(run.out()).isEqualTo(5 * FRAGMENT + "\n");
        assertThat(log(run)).contains(message);
        assertThat(run).hasNoViolations().hasNoLeaks();
    }
}
