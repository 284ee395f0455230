package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.hardware.clock.Clock;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Ioctl;
import ferrite.kernel.fs.PollEvents;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code --fault sound=removed@N}, and the same of {@code uart} and {@code rtc0}: waits end, calls fail from then on,
 * nothing is left when the driver is unloaded, and a restored machine has the device exactly as it was saved.
 */
@Machine(ram = "32M", harts = 2)
@Timeout(60)
class PulledOutDevicesTest {

    private static final long SECOND = 1_000_000L * Clock.TICKS_PER_MICROSECOND;
    private static final int FRAGMENT = 4096;
    private static final int EVENTS = 4;
    private static final int RTC_RD_TIME = Ioctl._IOR('p', 9, 36);
    private static final int RTC_SET_TIME = Ioctl._IOW('p', 10, 36);
    private static final int RTC_ALM_SET = Ioctl._IOW('p', 7, 36);
    private static final int RTC_AIE_ON = Ioctl._IO('p', 1);
    private static final int TCGETS = 0x5401;

    @TempDir
    private Path directory;

    private BoardOptions with(BoardOptions options, String fault) {
        MachineOptions.set(options, "--fault", fault);
        return options;
    }

    private static String log(MachineRun run) {
        return run.forgetOutput().type("dmesg").out();
    }

    private static void isClean(MachineRun run) {
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    private static double seconds(MachineRun run) {
        return (double) run.board().machine().clock().now() / SECOND;
    }

    private static void check(int got, int wanted, String what) {
        if (got != wanted) {
            throw new AssertionError(what + ": " + got + " in place of " + wanted);
        }
    }

    // ---- sound ----

    /** Makes a folder for --root, with a file of samples. */
    private Path samples(int fragments) throws IOException {
        byte[] samples = new byte[fragments * FRAGMENT];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) (128 + i % 100);
        }
        Path root = Files.createDirectories(directory.resolve("root"));
        Files.write(root.resolve("samples"), samples);
        return root;
    }

    private BoardOptions sound(BoardOptions options, Path root, String fault) {
        return with(options.sound(null, directory.resolve("out.wav")).root(root), fault);
    }

    private MachineRun boot(Machines machines, String fault, int fragments) throws IOException {
        Path root = samples(fragments);
        return machines.boot(options -> sound(options, root, fault));
    }

    /** A fragment takes half a second. The third one is never over, and the driver looks for it two seconds later. */
    @Test
    void aWriteThatWaitsForTheSoundCardEnds(Machines machines) throws Exception {
        MachineRun run = boot(machines, "sound=removed@3", 40);
        run.type("dd if=/samples of=/dev/dsp bs=4K");
        assertThat(seconds(run)).isBetween(3.4, 3.7);
        assertThat(run.err()).contains("error writing '/dev/dsp': No such device");
        run.forgetOutput().type("echo x > /dev/dsp", "cat /dev/dsp");
        assertThat(run.err().split("No such device", -1)).as("opens").hasSize(3);
        assertThat(seconds(run)).isLessThan(3.8);
        assertThat(log(run)).contains("sound: the card is gone").doesNotContain("lost", "nobody cared");
        isClean(run);
        run.close();
        byte[] file = Files.readAllBytes(directory.resolve("out.wav"));
        assertThat(Arrays.copyOfRange(file, 44, file.length)).as("what was played before")
                .isEqualTo(Arrays.copyOf(Files.readAllBytes(directory.resolve("root/samples")), 2 * FRAGMENT));
    }

    /** All samples are in the ring: the close finds that they are not played. */
    @Test
    void aCloseSaysThatSamplesWereLost(Machines machines) throws Exception {
        MachineRun run = boot(machines, "sound=removed@3", 8);
        run.type("dd if=/samples of=/dev/dsp bs=4K");
        assertThat(run.err()).contains("error writing '/dev/dsp': No such device").contains("8+0 records out");
        assertThat(seconds(run)).isBetween(3.4, 3.7);
        isClean(run);
    }

    /** Both directions wait, on both channels; the card is pulled out at the third block of either. */
    @Test
    void aReadThatWaitsForTheSoundCardEnds(Machines machines) throws Exception {
        MachineRun run = boot(machines, "sound=removed@3", 40);
        run.type("dd if=/samples of=/dev/dsp bs=4K &", "dd if=/dev/dsp bs=4K | wc -c", "wait");
        assertThat(run.err()).contains("error reading '/dev/dsp': No such device",
                "error writing '/dev/dsp': No such device");
        assertThat(Integer.parseInt(run.out().strip())).isBetween(FRAGMENT, 4 * FRAGMENT);
        assertThat(seconds(run)).isLessThan(4);
        assertThat(log(run)).containsOnlyOnce("sound: the card is gone");
        isClean(run);
    }

    /** No call waits: the next command for the card finds that it is gone. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aCommandFindsThatTheSoundCardIsGone(int number, Machines machines) throws Exception {
        InKernel test = new InKernel();
        Path root = samples(1);
        MachineRun run = machines.boot(options -> sound(options, root, "sound=removed@1").driver(test));
        test.run(run, kernel -> {
            int file = kernel.files().open("/dev/dsp", Fcntl.O_WRONLY);
            long samples = kernel.calls().kzalloc(2 * FRAGMENT, Gfp.GFP_KERNEL);
            check(kernel.files().write(file, samples, 2 * FRAGMENT), 2 * FRAGMENT, "a write that starts to play");
            kernel.calls().msleep(100);
            check(poll(kernel, file, samples) & PollEvents.EPOLLERR, 0, "the card's end has not been noticed");
            check(kernel.files().ioctl(file, Ioctl._IO('P', number), 0), -Errno.ENODEV, "RESET or SYNC");
            check(kernel.files().write(file, samples, FRAGMENT), -Errno.ENODEV, "a write");
            check(poll(kernel, file, samples), PollEvents.EPOLLERR | PollEvents.EPOLLHUP, "poll");
            check(kernel.files().close(file), 0, "the close after an error that was told");
            kernel.calls().kfree(samples);
        });
        assertThat(seconds(run) < 1).isEqualTo(number == 0);
        assertThat(log(run)).contains("sound: the card is gone");
        isClean(run);
    }

    private static int poll(Kernel kernel, int file, long fds) {
        kernel.base().memory().store32(fds, file);
        kernel.base().memory().store32(fds + EVENTS, PollEvents.EPOLLIN | PollEvents.EPOLLOUT);
        kernel.files().poll(fds, 1, 0);
        return kernel.base().memory().load32(fds + EVENTS) >>> 16;
    }

    // ---- the serial line ----

    private Path typed(String text) throws IOException {
        return Files.writeString(directory.resolve("typed"), text);
    }

    /** The interrupt that takes the fifth byte finds no chip at the sixth. */
    @Test
    void aTerminalIsHungUp(Machines machines) throws Exception {
        Path keys = typed("ab\ncd\nef\n");
        MachineRun run = machines.boot(options -> with(options.serialInput(keys), "uart=removed@6"));
        run.type("cat /dev/ttyS0", "echo gone > /dev/ttyS0", "cat /dev/ttyS0");
        assertThat(run.out()).isEqualTo("ab\n");
        assertThat(run.err().split("Input/output error", -1)).as("two opens").hasSize(3);
        assertThat(seconds(run)).isLessThan(1);
        assertThat(log(run)).containsOnlyOnce("ttyS0: the chip is gone").doesNotContain("errors of received bytes");
        isClean(run);
    }

    /** The chip goes before the echo of the eleventh byte. */
    @Test
    void aProgramAtTheSerialLineEnds(Machines machines) throws Exception {
        Path keys = typed("echo one\recho two\r");
        Path root = Files.createDirectories(directory.resolve("root"));
        Path prompt = Files.copy(Path.of("../../firmware-images/user/images/prompt.elf"), root.resolve("prompt"));
        assertThat(prompt.toFile().setExecutable(true)).isTrue();
        MachineRun run = machines.boot(options -> with(options.serialInput(keys).root(root), "uart=removed@12"));
        run.type("exec /prompt", "ps");
        assertThat(run.serial()).isEqualTo("> echo one\none\n> e");
        assertThat(run.out()).doesNotContain("prompt");
        assertThat(seconds(run)).isLessThan(1);
        isClean(run);
    }

    @Test
    void anOpenFindsThatTheChipIsGone(Machines machines) throws Exception {
        Path keys = typed("ab\n");
        MachineRun run = machines.boot(options -> with(options.serialInput(keys), "uart=removed@1"));
        run.type("cat /dev/ttyS0");
        assertThat(run.err()).contains("Input/output error");
        isClean(run);
    }

    /**
     * The chip goes when the full ring lets bytes come again. No interrupt tells of it, so a reader finds no byte, and
     * a write ends its wait.
     */
    @Test
    void aWriteFindsThatTheChipIsGone(Machines machines) throws Exception {
        Path keys = typed("a line of twenty...\n".repeat(250));
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> with(options.serialInput(keys).driver(test), "uart=removed@4067"));
        test.run(run, kernel -> {
            int file = kernel.files().open("/dev/ttyS0", Fcntl.O_RDWR | Fcntl.O_NONBLOCK);
            long buffer = kernel.calls().kzalloc(100, Gfp.GFP_KERNEL);
            kernel.calls().msleep(6000);
            int lines = 0;
            int result = kernel.files().read(file, buffer, 100);
            for (; result > 0; result = kernel.files().read(file, buffer, 100)) {
                lines++;
            }
            check(lines, 203, "lines before the ring was full");
            check(result, -Errno.EAGAIN, "the chip's end has not been noticed");
            check(kernel.files().write(file, buffer, 1), -Errno.EIO, "a write");
            check(kernel.files().read(file, buffer, 100), 0, "a read");
            check(kernel.files().ioctl(file, TCGETS, buffer), -Errno.EIO, "TCGETS");
            check(poll(kernel, file, buffer) & PollEvents.EPOLLHUP, PollEvents.EPOLLHUP, "poll");
            check(kernel.files().open("/dev/ttyS0", Fcntl.O_WRONLY), -Errno.EIO, "an open");
            check(kernel.files().close(file), 0, "the close");
            kernel.calls().kfree(buffer);
        });
        assertThat(log(run)).containsOnlyOnce("ttyS0: the chip is gone");
        isClean(run);
    }

    // ---- the real-time clock ----

    /** Sets an alarm for five seconds past midnight. */
    private static int setAlarm(Kernel kernel, int clock, long time) {
        kernel.base().memory().fill(time, 0, 36);
        kernel.base().memory().store32(time, 5);
        kernel.base().memory().store32(time + 12, 1);
        kernel.base().memory().store32(time + 20, 70);
        int result = kernel.files().ioctl(clock, RTC_ALM_SET, time);
        return result < 0 ? result : kernel.files().ioctl(clock, RTC_AIE_ON, 0);
    }

    /** The clock goes when the alarm should ring. The driver looks for it two seconds later. */
    @Test
    void aWaitForTheAlarmEnds(Machines machines) throws Exception {
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> with(options.rtc("1970-01-01T00:00:00Z").driver(test),
                "rtc0=removed@1"));
        test.run(run, kernel -> {
            int clock = kernel.files().open("/dev/rtc0", Fcntl.O_RDONLY);
            long time = kernel.calls().kzalloc(36, Gfp.GFP_KERNEL);
            check(setAlarm(kernel, clock, time), 0, "the alarm");
            check(kernel.files().read(clock, time, 4), -Errno.ENODEV, "a read that waits");
            check(kernel.files().read(clock, time, 4), -Errno.ENODEV, "a read");
            check(kernel.files().ioctl(clock, RTC_RD_TIME, time), -Errno.ENODEV, "RTC_RD_TIME");
            check(poll(kernel, clock, time), PollEvents.EPOLLERR | PollEvents.EPOLLHUP, "poll");
            check(kernel.files().close(clock), 0, "the close");
            kernel.calls().kfree(time);
        });
        assertThat(seconds(run)).isBetween(7.0, 7.1);
        run.type("date");
        assertThat(run.err()).contains("cannot read /dev/rtc0: No such device");
        assertThat(log(run)).containsOnlyOnce("rtc0: the clock is gone").doesNotContain("lost");
        isClean(run);
    }

    /** Any call that needs the clock finds that it is gone, before the driver looks for it. */
    @ParameterizedTest
    @CsvSource({"date", "set", "alarm"})
    void aCallFindsThatTheClockIsGone(String call, Machines machines) throws Exception {
        InKernel test = new InKernel();
        MachineRun run = machines.boot(options -> with(options.rtc("1970-01-01T00:00:00Z").driver(test),
                "rtc0=removed@1"));
        test.run(run, kernel -> {
            int clock = kernel.files().open("/dev/rtc0", Fcntl.O_RDONLY);
            long time = kernel.calls().kzalloc(36, Gfp.GFP_KERNEL);
            check(setAlarm(kernel, clock, time), 0, "the alarm");
            kernel.calls().msleep(5010);
            int result = call.equals("alarm") ? setAlarm(kernel, clock, time)
                    : kernel.files().ioctl(clock, call.equals("date") ? RTC_RD_TIME : RTC_SET_TIME, time);
            check(result, -Errno.ENODEV, call);
            check(kernel.files().read(clock, time, 4), -Errno.ENODEV, "a read");
            check(kernel.files().close(clock), 0, "the close");
            kernel.calls().kfree(time);
        });
        assertThat(seconds(run)).isLessThan(5.1);
        isClean(run);
    }

    // ---- unloading ----

    /** Passes a driver of the tree on as a loaded one, which users may bind and unload. */
    private static final String LOADED = """
            import ferrite.kernel.base.*;
            import ferrite.kernel.driver.*;
            import java.util.List;

            public final class Loaded implements Driver {
                private final Driver driver = new DRIVER();

                public String name() { return "loaded"; }
                public List<String> compatible() { return driver.compatible(); }
                public void link(KernelCalls kernel, TextTable.Module text) { driver.link(kernel, text); }
                public int probe(Device device) { return driver.probe(device); }
                public void remove(Device device) { driver.remove(device); }
            }
            """;

    /** Uses the device until it is gone, and tells how that looks. */
    private enum Gone {
        SOUND("sound", "sound.SoundDriver", "removed@3", "dd if=/samples of=/dev/dsp bs=4K", "the card is gone"),
        UART("uart", "uart.UartDriver", "removed@6", "cat /dev/ttyS0", "the chip is gone"),
        RTC("rtc0", "rtc.RtcDriver", "removed@1", "cat /dev/test", "the clock is gone");

        private final String device;
        private final String driver;
        private final String fault;
        private final String use;
        private final String message;

        Gone(String device, String driver, String fault, String use, String message) {
            this.device = device;
            this.driver = driver;
            this.fault = device + "=" + fault;
            this.use = use;
            this.message = message;
        }

        private void use(MachineRun run, InKernel test) {
            if (this == RTC) {
                test.run(run, kernel -> {
                    int clock = kernel.files().open("/dev/rtc0", Fcntl.O_RDONLY);
                    long time = kernel.calls().kzalloc(36, Gfp.GFP_KERNEL);
                    int result = clock < 0 ? clock : setAlarm(kernel, clock, time);
                    result = result < 0 ? result : kernel.files().read(clock, time, 4);
                    kernel.files().close(clock);
                    kernel.calls().kfree(time);
                    check(result, -Errno.ENODEV, "the read");
                });
            } else {
                run.type(use);
            }
        }
    }

    private MachineRun boot(Machines machines, Gone gone, InKernel test, String... parameter) throws IOException {
        Path keys = typed("ab\ncd\nef\n");
        Path root = samples(40);
        return machines.boot(options -> {
            sound(options, root, gone.fault).rtc("1970-01-01T00:00:00Z").serialInput(keys).driver(test);
            return parameter.length == 0 ? options : options.parameter(parameter[0], parameter[1]);
        });
    }

    @ParameterizedTest
    @CsvSource({"SOUND, sound@f00a0000", "UART, serial@f0070000", "RTC, rtc@f00b0000"})
    void theDriverOfADeviceThatIsGoneIsUnboundAndUnloaded(Gone gone, String device, Machines machines)
            throws Exception {
        InKernel test = new InKernel();
        String name = gone.driver.substring(0, gone.driver.indexOf('.'));
        MachineRun run = boot(machines, gone, test, name + ".driver", "none");
        Path jar = DriverJar.build(directory, "Loaded", LOADED.replace("DRIVER", "ferrite.peripherals." + gone.driver),
                "Loaded");
        run.type("insmod " + jar, "rmmod loaded");
        List<String> kept = run.leaks();
        run.type("insmod " + jar);
        gone.use(run, test);
        assertThat(log(run)).contains(gone.message);
        run.forgetOutput().type("ls /sys/bus/platform/drivers/loaded", "echo " + device
                + " > /sys/bus/platform/drivers/loaded/unbind", "ls /sys/bus/platform/drivers/loaded");
        assertThat(run.out()).isEqualTo("bind\n" + device + "\nunbind\nbind\nunbind\n");
        run.type("rmmod loaded", "cat /proc/interrupts /proc/dma /proc/iomem", "ls /dev");
        assertThat(run.err()).doesNotContain("rmmod");
        assertThat(run.out()).doesNotContain(gone == Gone.SOUND ? "dsp\n" : gone == Gone.UART ? "ttyS0\n" : "rtc0\n",
                "loaded\n");
        assertThat(run.leaks()).as("what the kernel keeps since the first insmod").isEqualTo(kept);
        assertThat(run).hasNoViolations();
    }

    // ---- snapshots ----

    @ParameterizedTest
    @CsvSource({"SOUND", "UART", "RTC"})
    void aRestoredMachineHasTheDeviceAsItWasSaved(Gone gone, Machines machines) throws Exception {
        InKernel test = new InKernel();
        MachineRun run = boot(machines, gone, test);
        ferrite.hardware.Machine.Snapshot present = run.board().snapshot();
        gone.use(run, test);
        ferrite.hardware.Machine.Snapshot absent = run.board().snapshot();
        ferrite.hardware.Machine.Digest end = run.digest();
        assertThat(log(run)).contains(gone.message);
        run.board().restore(absent);
        run.board().reattach();
        long before = run.board().machine().clock().now();
        gone.use(run.forgetOutput(), test);
        assertThat(run.board().machine().clock().now() - before).as("no wait").isLessThan(SECOND / 10);
        assertThat(log(run)).containsOnlyOnce(gone.message);
        run.board().restore(present);
        assertThat(log(run)).doesNotContain(gone.message);
        run.board().restore(present);
        gone.use(run.forgetOutput(), test);
        assertThat(run.digest()).isEqualTo(end);
        isClean(run);
    }
}
