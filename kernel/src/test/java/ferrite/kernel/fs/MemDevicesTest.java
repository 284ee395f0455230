package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Signal;
import ferrite.kernel.sched.HrTimerFunction;
import ferrite.kernel.sched.TaskEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code /dev/null zero full random urandom kmsg}. */
@Timeout(60)
class MemDevicesTest {

    private static final int BYTES = 10_000;

    private final KernelFixture fixture = KernelFixture.small();

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).isEmpty();
        fixture.close();
    }

    private static void equal(Object found, Object expected) {
        check(found.equals(expected), "found " + found + ", not " + expected);
    }

    /** Reads and writes a device. Returns the bytes that were read into memory that was full of ones. */
    private byte[] use(String name, int read, int written, long position) {
        byte[] bytes = new byte[BYTES];
        fixture.run(() -> {
            Files files = fixture.kernel().files();
            long buffer = fixture.zeroed(BYTES);
            fixture.memory().fill(buffer, 0xff, BYTES);
            int file = files.open("/dev/" + name, Fcntl.O_RDWR);
            equal(files.read(file, buffer, BYTES - 1), read);
            fixture.memory().read(buffer, bytes, 0, BYTES);
            equal(files.write(file, buffer, 100), written);
            equal(files.lseek(file, 5, Fcntl.SEEK_SET), position);
            files.close(file);
            fixture.kernel().calls().kfree(buffer);
        });
        assertThat(bytes[BYTES - 1]).as("past the end").isEqualTo((byte) 0xff);
        return Arrays.copyOf(bytes, Math.max(0, read));
    }

    @Test
    void nullTakesEverythingAndHasNothing() {
        use("null", 0, 100, 0);
    }

    @Test
    void zeroAndFullHaveZerosAndFullHasNoRoom() {
        assertThat(use("zero", BYTES - 1, 100, 0)).containsOnly(0);
        assertThat(use("full", BYTES - 1, -Errno.ENOSPC, 0)).containsOnly(0);
    }

    @Test
    void randomNumbersAreSpreadAndTheSameInEachRun() {
        byte[] first = use("random", BYTES - 1, 100, 0);
        byte[] second = use("urandom", BYTES - 1, 100, 0);
        assertThat(first).isNotEqualTo(second);
        int[] counts = new int[256];
        for (byte each : first) {
            counts[each & 0xff]++;
        }
        assertThat(Arrays.stream(counts).min().getAsInt()).isGreaterThan(10);
        assertThat(Arrays.stream(counts).max().getAsInt()).isLessThan(90);
        try (KernelFixture other = KernelFixture.small()) {
            byte[] again = new byte[BYTES];
            other.run(() -> {
                long buffer = other.zeroed(BYTES);
                other.kernel().calls().getRandomBytes(buffer, BYTES - 1);
                other.memory().read(buffer, again, 0, BYTES);
            });
            assertThat(Arrays.copyOf(again, BYTES - 1)).isEqualTo(first);
        }
    }

    @Test
    void anotherSeedGivesOtherNumbersAndOneThatIsNotUsedLeavesNoTrace() {
        String[] memory = new String[2];
        byte[][] found = new byte[2][64];
        for (int i = 0; i < 2; i++) {
            int number = i;
            try (KernelFixture other = KernelFixture.options().interleaving(Interleavings.RR, 5 + i).boot()) {
                memory[i] = other.machine.digest().memory();
                other.run(() -> {
                    long buffer = other.zeroed(64);
                    other.kernel().calls().getRandomBytes(buffer, 64);
                    other.memory().read(buffer, found[number], 0, 64);
                });
            }
        }
        assertThat(memory[0]).isEqualTo(memory[1]);
        assertThat(found[0]).isNotEqualTo(found[1]);
    }

    /** Bytes of a program change the numbers that follow. */
    @Test
    void writtenBytesChangeTheNumbers() {
        byte[][] found = new byte[2][64];
        for (int i = 0; i < 2; i++) {
            int number = i;
            try (KernelFixture other = KernelFixture.small()) {
                other.run(() -> {
                    long buffer = other.zeroed(64);
                    int file = other.kernel().files().open("/dev/random", Fcntl.O_RDWR);
                    equal(other.kernel().files().write(file, buffer, 10 + number), 10 + number);
                    other.kernel().files().read(file, buffer, 64);
                    other.memory().read(buffer, found[number], 0, 64);
                });
            }
        }
        assertThat(found[0]).isNotEqualTo(found[1]);
    }

    private String read(int file, int count) {
        long buffer = fixture.zeroed(count);
        int length = fixture.kernel().files().read(file, buffer, count);
        byte[] bytes = new byte[Math.max(0, length)];
        fixture.memory().read(buffer, bytes, 0, bytes.length);
        fixture.kernel().calls().kfree(buffer);
        return length < 0 ? Errno.message(length) : new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void theLogIsReadRecordByRecordAndWrittenTo() {
        fixture.run(() -> {
            Files files = fixture.kernel().files();
            int file = files.open("/dev/kmsg", Fcntl.O_RDWR | Fcntl.O_NONBLOCK);
            String first = read(file, 500);
            check(first.matches("5,0,[0-9]+,-;Ferrite 0.1 mini-kernel, boot hart 0.*\n"), first);
            check(read(file, 500).matches("[56],1,[0-9]+,-;memory: .*\n"), "the second record");
            equal(files.lseek(file, 1, Fcntl.SEEK_SET), (long) -Errno.ESPIPE);
            equal(files.lseek(file, 0, Fcntl.SEEK_SET), 0L);
            equal(read(file, 500), first);
            equal(files.lseek(file, 0, Fcntl.SEEK_END), 0L);
            equal(read(file, 500), Errno.message(Errno.EAGAIN));
            long text = fixture.zeroed(32);
            byte[] bytes = "<6>from a program\n".getBytes(StandardCharsets.UTF_8);
            fixture.memory().write(text, bytes, 0, bytes.length);
            equal(files.write(file, text, bytes.length), bytes.length);
            equal(read(file, 10), Errno.message(Errno.EINVAL));
            check(read(file, 500).matches("6,[0-9]+,[0-9]+,-;from a program\n"), "the program's line");
            fixture.kernel().calls().printk("two\nlines");
            check(read(file, 500).endsWith(",-;two\n"), "the first line");
            check(read(file, 500).matches("4,[0-9]+,[0-9]+,-;lines\n"), "the second line");
            equal(read(file, 500), Errno.message(Errno.EAGAIN));
            equal(files.lseek(file, 0, Fcntl.SEEK_DATA), 0L);
            equal(read(file, 500), first);
            equal(files.lseek(file, 0, Fcntl.SEEK_CUR), (long) -Errno.EINVAL);
            equal(files.lseek(file, 0, Fcntl.SEEK_HOLE), (long) -Errno.EINVAL);
            equal(files.lseek(file, 0, Fcntl.SEEK_HOLE + 1), (long) -Errno.EINVAL);
            files.lseek(file, 0, Fcntl.SEEK_END);
            fixture.kernel().calls().printk("a \\, a \u00e9 and a \t");
            check(read(file, 500).endsWith(";a \\x5c, a \\xc3\\xa9 and a \\x09\n"), "bytes that are not printable");
            files.closeAll();
        });
    }

    /** Polls for an event to read. Returns the number of files that have events, and the events. */
    private String poll(int file, int milliseconds) {
        long fds = fixture.zeroed(PollFdLayout.SIZE);
        PollFdLayout.FD.set(fixture.memory(), fds, file);
        fixture.memory().store16(PollFdLayout.EVENTS.at(fds), PollEvents.EPOLLIN | PollEvents.EPOLLPRI);
        int result = fixture.kernel().files().poll(fds, 1, milliseconds);
        return result + " " + fixture.memory().load16(PollFdLayout.REVENTS.at(fds));
    }

    private int atItsEnd(int flags) {
        int file = fixture.kernel().files().open("/dev/kmsg", Fcntl.O_RDONLY | flags);
        equal(fixture.kernel().files().lseek(file, 0, Fcntl.SEEK_END), 0L);
        return file;
    }

    @Test
    void aReadAtTheEndOfTheLogWaitsForARecord() {
        List<String> found = new ArrayList<>();
        Job reader = Job.on(0, () -> {
            int file = atItsEnd(0);
            found.add(read(file, 500).replaceFirst(".*;", ""));
            found.add(read(file, 500).replaceFirst(".*;", ""));
            fixture.kernel().files().closeAll();
        });
        fixture.run(List.of(reader, reader, Job.on(0, () -> {
            fixture.kernel().calls().msleep(20);
            fixture.kernel().calls().printk("one");
            fixture.kernel().calls().msleep(20);
            fixture.kernel().calls().printk("two");
        })));
        assertThat(found).containsExactly("one\n", "one\n", "two\n", "two\n");
    }

    /** A signal handler of a program runs then; a command of the shell ends. */
    @Test
    void aSignalEndsTheWaitForARecord() {
        String[] found = new String[1];
        long entry = fixture.text("kmsg_program", (TaskEntry) argument -> {
            found[0] = read(atItsEnd(0), 500);
            return 0;
        });
        fixture.run(() -> {
            long task = fixture.kernel().tasks().tasks().createProgram("reader", entry, 0);
            fixture.kernel().calls().msleep(20);
            fixture.kernel().calls().killPid(fixture.kernel().tasks().tasks().pid(task), Signal.SIGINT);
            fixture.kernel().tasks().tasks().waitFor(task);
        });
        assertThat(found).containsExactly(Errno.message(Errno.EINTR));
    }

    @Test
    void pollTellsOfARecordAndOfLostOnes() {
        fixture.run(List.of(
                Job.on(0, () -> {
                    int file = atItsEnd(0);
                    equal(poll(file, 0), "0 0");
                    equal(poll(file, -1), "1 1");
                    read(file, 500);
                    equal(poll(file, 0), "0 0");
                    for (int i = 0; i < 2000; i++) {
                        fixture.kernel().calls().printk("line number " + i + " of two thousand, which fill the log");
                    }
                    equal(poll(file, 0), "1 11");
                    equal(read(file, 500), Errno.message(Errno.EPIPE));
                    equal(poll(file, 0), "1 1");
                    fixture.kernel().files().closeAll();
                }),
                Job.on(0, () -> {
                    fixture.kernel().calls().msleep(20);
                    fixture.kernel().calls().printk("a record");
                })));
    }

    /** The message comes at every moment of the read in turn, from an interrupt. */
    @Test
    void aMessageAtAnyMomentEndsTheWait() {
        long function = fixture.text("prints", (HrTimerFunction) expired -> {
            fixture.kernel().calls().printk("now");
            return false;
        });
        fixture.run(() -> {
            long timer = fixture.zeroed(64);
            long buffer = fixture.zeroed(100);
            int file = atItsEnd(0);
            for (int moment = 1; moment < 700; moment++) {
                fixture.kernel().tasks().hrTimers().setUp(timer, function);
                fixture.kernel().tasks().hrTimers().start(timer, fixture.cpu().time() + moment);
                check(fixture.kernel().files().read(file, buffer, 100) > 0, "no record");
                fixture.kernel().tasks().hrTimers().cancel(timer);
            }
            fixture.kernel().files().closeAll();
        });
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void noMessageIsLostBetweenHarts(Interleavings policy) {
        try (KernelFixture other = KernelFixture.options().harts(3).interleaving(policy, 3).boot()) {
            int rounds = 40;
            other.run(List.of(
                    Job.on(0, () -> {
                        Files files = other.kernel().files();
                        int file = files.open("/dev/kmsg", Fcntl.O_RDONLY);
                        files.lseek(file, 0, Fcntl.SEEK_END);
                        long buffer = other.zeroed(200);
                        for (int i = 0; i < rounds; i++) {
                            int length = files.read(file, buffer, 200);
                            check(length > 0, Errno.message(length));
                        }
                        files.closeAll();
                    }),
                    Job.on(1, () -> {
                        other.kernel().calls().msleep(20);
                        for (int i = 0; i < rounds; i++) {
                            other.kernel().calls().printk("message " + i);
                            for (int wait = 0; wait < i * 7 % 50; wait++) {
                                other.kernel().calls().cpuRelax();
                            }
                        }
                    })));
        }
    }

    @Test
    void aReaderIsToldThatRecordsWereOverwritten() {
        fixture.run(() -> {
            int file = fixture.kernel().files().open("/dev/kmsg", Fcntl.O_RDONLY);
            for (int i = 0; i < 2000; i++) {
                fixture.kernel().calls().printk("line number " + i + " of two thousand, which fill the log");
            }
            equal(read(file, 500), Errno.message(Errno.EPIPE));
            String[] first = read(file, 500).split("[,;]");
            String[] second = read(file, 500).split("[,;]");
            equal(Integer.parseInt(second[1]), Integer.parseInt(first[1]) + 1);
            int number = Integer.parseInt(first[4].split(" ")[2]);
            check(number > 100 && number < 1900, "the oldest line is number " + number);
            int lines = Integer.parseInt(first[1]) - number;
            check(lines > 1 && lines < 20, "lines before the first of two thousand: " + lines);
            fixture.kernel().files().closeAll();
        });
    }

    @Test
    void theyHaveLinuxNumbers() {
        assertThat(fixture.kernel().files().devices().names(fixture.peek()))
                .containsExactly("full", "kmsg", "null", "random", "urandom", "zero");
        fixture.run(() -> equal(fixture.kernel().files().devices().nodes().get(2),
                new ClassDevices.Node("null", Kdev.MKDEV(1, 3), 0666)));
    }
}
