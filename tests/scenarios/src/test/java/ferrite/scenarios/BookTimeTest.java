package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Signal;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.irq.IrqFlags;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sleepy jit jiq short} (LDD3 chapters 6, 7, 9 and 10): sleeps, time, deferred work, interrupts. */
@Machine(ram = "64M", harts = 2)
class BookTimeTest {

    private static final Pattern LINE =
            Pattern.compile(" *(\\d+) +(\\d+) +([01]) +(\\d+) +(\\d) +(\\S+)\n");

    private static void ends(MachineRun machine, String driver) {
        machine.forgetOutput().type("rmmod " + driver, "ls /dev /proc");
        assertThat(machine.err()).isEmpty();
        assertThat(machine.out()).doesNotContain(driver);
        assertThat(machine).hasNoViolations();
    }

    // ---- sleepy ----

    @Test
    @Machine(ram = "32M", harts = 3, interleavings = 4)
    void aWriteWakesAReaderAndASignalDoesToo(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, "insmod sleepy");
        List<String> results = new ArrayList<>();
        book.run(() -> {
            long reader = book.start(() -> results.add(book.read(book.open("/dev/sleepy", Fcntl.O_RDONLY), 9)));
            book.calls().msleep(8);
            assertThat(results).as("it sleeps").isEmpty();
            assertThat(book.write(book.open("/dev/sleepy", Fcntl.O_WRONLY), "wake")).isEqualTo(4);
            book.join(reader);
            reader = book.start(() -> results.add(book.read(book.open("/dev/sleepy", Fcntl.O_RDONLY), 9)));
            book.calls().msleep(8);
            book.calls().killPid(book.calls().taskPidNr(reader), Signal.SIGTERM);
            book.join(reader);
        });
        assertThat(results).containsExactly("", "" + -Errno.EINTR);
        book.machine().forgetOutput().type("dmesg");
        assertThat(book.machine().out()).containsPattern("process \\d+ \\(program\\) going to sleep")
                .containsPattern("process \\d+ \\(cat\\) awakening the readers...")
                .containsPattern("awoken \\d+ \\(program\\)");
        ends(book.machine(), "sleepy");
    }

    // ---- jit and jiq ----

    @ParameterizedTest
    @ValueSource(strings = {"jitbusy", "jitsched", "jitqueue", "jitschedto"})
    void aDelayLastsItsJiffies(String file, MachineRun machine) {
        machine.type("insmod jit delay=1", "dd if=/proc/" + file + " bs=20 count=1");
        List<String> lines = machine.out().lines().toList();
        assertThat(lines).hasSize(1);
        for (String line : lines) {
            assertThat(line).matches("\\d{9} \\d{9}");
            long delay = Long.parseLong(line.substring(10)) - Long.parseLong(line.substring(0, 9));
            assertThat(delay).isBetween(1L, 2L);
        }
        machine.forgetOutput().type("dd if=/proc/" + file + " bs=19 count=1");
        assertThat(machine.err()).contains("Invalid argument");
        ends(machine, "jit");
    }

    @ParameterizedTest
    @CsvSource({"jit tdelay=4, jitimer, 4, 1", "jit, jitasklet, 0, 1", "jit, jitasklethi, 0, 1", "jiq, jiqwq, 0, 0",
            "jiq delay=2, jiqwqdelay, 2, 0", "jiq delay=2, jiqtimer, 2, 1", "jiq, jiqtasklet, 0, 1"})
    void deferredLinesTellTheirContext(String driver, String file, int delta, int inInterrupt, MachineRun machine) {
        machine.type("insmod " + driver, "cat /proc/" + file);
        List<MatchResult> lines = LINE.matcher(machine.out()).results().toList();
        assertThat(machine.out()).startsWith("      time  delta inirq     pid cpu   command\n");
        assertThat(lines).hasSize(6);
        assertThat(lines.get(0).group(3) + lines.get(0).group(6)).as("the reader").isEqualTo("0cat");
        for (MatchResult line : lines.subList(1, 6)) {
            assertThat(Integer.parseInt(line.group(2))).as(line.group()).isBetween(delta, delta + 1);
            assertThat(Integer.parseInt(line.group(3))).isEqualTo(inInterrupt);
            assertThat(line.group(6)).matches(inInterrupt == 1 ? "swapper/\\d|ksoftirqd/\\d|cat" : "kworker.*");
        }
        ends(machine, driver.substring(0, 3));
    }

    /** The reader stops the lines before it frees them. */
    @Test
    @Machine(ram = "32M", harts = 2, interleavings = 3)
    void aSignalEndsADelayAndStopsTheLines(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, "insmod jit delay=100000 tdelay=50", "insmod jiq delay=50");
        List<String> results = new ArrayList<>();
        book.run(() -> {
            for (String file : List.of("jitschedto", "jitqueue", "jitimer", "jiqwqdelay", "jiqtimer")) {
                long reader = book.start(() -> results.add(book.read(book.open("/proc/" + file, Fcntl.O_RDONLY), 600)));
                book.calls().msleep(300);
                book.calls().killPid(book.calls().taskPidNr(reader), Signal.SIGTERM);
                book.join(reader);
            }
            book.calls().msleep(600);
        });
        assertThat(results).hasSize(5).containsOnly("" + -Errno.EINTR);
        book.machine().type("rmmod jit");
        ends(book.machine(), "jiq");
    }

    @Test
    void theTimeIsToldInEachForm(MachineRun machine) {
        machine.type("insmod jit", "cat /proc/currentime");
        assertThat(machine.out()).matches("0x[0-9a-f]{8} 0x[0-9a-f]{16} +\\d+\\.\\d{6}\n {38,39}\\d+\\.\\d{9}\n");
        ends(machine, "jit");
    }

    // ---- short ----

    @ParameterizedTest
    @CsvSource({"irq=3, 0", "how=1 share=1 irq=3, 1", "how=2 irq=3 use_mem=1 base=0xf0070000, 1"})
    void eachByteRaisesAnInterruptWhoseTimeIsRead(String parameters, int bottomHalves, MachineRun machine) {
        machine.type("insmod short " + parameters, "echo abc > /dev/shortint", "cat /proc/interrupts",
                "dd if=/dev/shortint bs=16 count=" + (4 + bottomHalves));
        assertThat(machine.out()).containsPattern(" 3: +[0-9 ]*4 .*short\n");
        List<String> lines = machine.out().lines().filter(line -> line.matches("\\d{8}\\.\\d{6}|bh after +\\d+"))
                .toList();
        assertThat(lines.stream().filter(line -> line.startsWith("0")).toList()).isSorted()
                .hasSizeGreaterThanOrEqualTo(4 - 3 * bottomHalves);
        assertThat(lines.get(0).startsWith("bh after")).isEqualTo(bottomHalves > 0);
        ends(machine, "short");
    }

    @Test
    void theInterruptIsFoundByProbing(MachineRun machine) {
        machine.type("insmod short base=0 2> /dev/null", "insmod short", "cat /proc/interrupts",
                "echo x > /dev/short7", "dd if=/dev/short7 bs=1 count=1",
                "dd if=/dev/short4 bs=1 count=1 of=/dev/null");
        assertThat(machine.out()).containsPattern(" 3: .*short\n").endsWith("\n\n");
        machine.forgetOutput().type("cat /proc/ioports");
        assertThat(machine.out()).isEqualTo("0000-00ff : dma@f0040000\n03f8-03ff : serial@f0070000\n"
                + "  03f8-03ff : short\n0480-048f : dma@f0040000\n");
        machine.forgetOutput().type("rmmod short", "insmod short irq=1", "insmod short use_mem=1 base=0x100",
                "insmod short base=0xfffc", "echo out > /dev/ttyS0", "dmesg");
        assertThat(machine.serial()).as("the chip is as it was").isEqualTo("out\n");
        assertThat(machine.out()).contains("short: can't get assigned irq 1",
                "short: can't get I/O port address 0xfffc");
        assertThat(machine.err()).contains("its init failed: Device or resource busy")
                .contains("its init failed: Cannot allocate memory", "its init failed: No such device\n");
        assertThat(machine).hasNoViolations();
    }

    @Test
    void aRegisterThatIsMemoryKeepsAByteToo(MachineRun machine) {
        machine.type("insmod short use_mem=1 base=0xf0070000", "echo -n x > /dev/short7",
                "dd if=/dev/short7 bs=2 count=1");
        assertThat(machine.out()).isEqualTo("xx");
        ends(machine, "short");
    }

    /** LDD3 page 278: each handler is asked, and says whether its device has raised the interrupt. */
    @Test
    void anotherDriverSharesTheInterrupt(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines);
        int[] asked = new int[1];
        long handler = book.kernel().base().text().newModule().add("other", (IrqHandler) (irq, data) -> {
            asked[0]++;
            return IrqReturn.IRQ_NONE;
        });
        book.run(() -> assertThat(book.calls().requestIrq(3, handler, IrqFlags.IRQF_SHARED, "other", handler))
                .isZero());
        book.machine().type("insmod short irq=3", "insmod short irq=3 share=1", "echo abc > /dev/shortint",
                "dd if=/dev/shortint bs=16 count=4", "cat /proc/interrupts");
        assertThat(book.machine().err()).startsWith("insmod: could not load module short: its init failed: "
                + "Device or resource busy\n");
        assertThat(asked[0]).isEqualTo(4);
        assertThat(book.machine().out()).matches("(?s)(\\d{8}\\.\\d{6}\n){4}.*other, short.*");
        book.run(() -> book.calls().freeIrq(3, handler));
        ends(book.machine(), "short");
    }

    /** A reader that waits for the next interrupt, and one that is interrupted. */
    @Test
    @Machine(ram = "32M", harts = 3, interleavings = 4)
    void aReaderWaitsForTheNextInterrupt(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, "insmod short irq=3");
        List<String> results = new ArrayList<>();
        book.run(() -> {
            long reader = book.start(() -> results.add(book.read(book.open("/dev/shortint", Fcntl.O_RDONLY), 16)));
            book.calls().msleep(8);
            assertThat(results).isEmpty();
            assertThat(book.write(book.open("/dev/shortint", Fcntl.O_WRONLY), "x")).isEqualTo(1);
            book.join(reader);
            reader = book.start(() -> results.add(book.read(book.open("/dev/shortint", Fcntl.O_RDONLY), 16)));
            book.calls().msleep(8);
            book.calls().killPid(book.calls().taskPidNr(reader), Signal.SIGTERM);
            book.join(reader);
        });
        assertThat(results.get(0)).matches("\\d{8}\\.\\d{6}\n");
        assertThat(results.get(1)).isEqualTo("" + -Errno.EINTR);
        ends(book.machine(), "short");
    }
}
