package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Signal;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.sched.HrTimerFunction;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code poll}: events, times, signals, and no wake-up that is lost. */
@Timeout(60)
class PollingTest {

    private static final int IN = PollEvents.EPOLLIN | PollEvents.EPOLLRDNORM;
    private static final int OUT = PollEvents.EPOLLOUT | PollEvents.EPOLLWRNORM;
    private static final int FOREVER = -1;
    private static final long MILLISECOND = 100_000;
    /** A pipe's record: the number of bytes in it, and its two queues. */
    private static final int READ_WAIT = 4;
    private static final int WRITE_WAIT = READ_WAIT + WaitQueueLayout.SIZE;
    private static final int PIPE_BYTES = WRITE_WAIT + WaitQueueLayout.SIZE;
    private static final int CAPACITY = 4;

    private KernelFixture fixture;
    private long pipes;
    private long fds;

    /** Counts bytes, as LDD3's scullpipe holds them. */
    private final class Pipe implements FileOperations {

        @Override
        public int read(long file, long to, int count, long position) {
            long pipe = FileLayout.DATA.get(memory(), file);
            if (memory().load32(pipe) == 0) {
                return -Errno.EAGAIN;
            }
            kernel().atomicDec(pipe);
            kernel().wakeUp(pipe + WRITE_WAIT);
            return 1;
        }

        @Override
        public int write(long file, long from, int count, long position) {
            put(FileLayout.DATA.get(memory(), file));
            return 1;
        }

        @Override
        public int poll(long file, long table) {
            long pipe = FileLayout.DATA.get(memory(), file);
            kernel().pollWait(file, pipe + READ_WAIT, table);
            kernel().pollWait(file, pipe + WRITE_WAIT, table);
            int bytes = memory().load32(pipe);
            return (bytes > 0 ? IN : 0) | (bytes < CAPACITY ? OUT : 0);
        }
    }

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).extracting(Violation::summary).isEmpty();
        fixture.close();
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private KernelMemory memory() {
        return fixture.memory();
    }

    private Files files() {
        return fixture.kernel().files();
    }

    private void boot(int harts, Interleavings policy, long seed) {
        fixture = KernelFixture.options().harts(harts).interleaving(policy, seed).boot();
        long operations = fixture.text("pipe_operations", new Pipe());
        fixture.run(() -> {
            pipes = fixture.zeroed(2 * PIPE_BYTES);
            fds = fixture.zeroed(8 * PollFdLayout.SIZE);
            for (int i = 0; i < 2; i++) {
                kernel().initWaitqueueHead(pipe(i) + READ_WAIT);
                kernel().initWaitqueueHead(pipe(i) + WRITE_WAIT);
                check(kernel().cdevAdd("pipe" + i, operations, pipe(i)) == 0, "cdev_add");
            }
        });
    }

    private long pipe(int number) {
        return pipes + (long) number * PIPE_BYTES;
    }

    private void put(long pipe) {
        kernel().atomicInc(pipe);
        kernel().wakeUp(pipe + READ_WAIT);
    }

    private void openBoth() {
        check(files().open("/dev/pipe0", Fcntl.O_RDWR) == 0 && files().open("/dev/pipe1", Fcntl.O_RDWR) == 1, "open");
    }

    /** Polls with these descriptors and events. Returns the result, and the events that came. */
    private String poll(int timeout, int... elements) {
        int count = elements.length / 2;
        for (int i = 0; i < count; i++) {
            long element = fds + (long) i * PollFdLayout.SIZE;
            PollFdLayout.FD.set(memory(), element, elements[2 * i]);
            memory().store16(PollFdLayout.EVENTS.at(element), elements[2 * i + 1]);
            memory().store16(PollFdLayout.REVENTS.at(element), 0xffff);
        }
        StringBuilder found = new StringBuilder().append(files().poll(fds, count, timeout));
        for (int i = 0; i < count; i++) {
            found.append(' ').append(Integer.toHexString(
                    memory().load16(PollFdLayout.REVENTS.at(fds + (long) i * PollFdLayout.SIZE)) & 0xffff));
        }
        return found.toString();
    }

    private static void equal(Object found, Object expected) {
        check(found.equals(expected), "found " + found + ", not " + expected);
    }

    @Test
    void eventsThatHaveComeAreToldAtOnce() {
        boot(1, Interleavings.RR, 1);
        fixture.run(() -> {
            openBoth();
            put(pipe(0));
            equal(poll(FOREVER, 0, IN, 1, IN), "1 41 0");
            equal(poll(FOREVER, 0, PollEvents.EPOLLIN, 1, OUT), "2 1 104");
            equal(poll(FOREVER, 0, PollEvents.EPOLLIN, 5, IN), "2 1 20");
            equal(poll(FOREVER, -1, IN, 0, IN), "1 0 41");
            memory().store32(pipe(0), CAPACITY);
            equal(poll(0, 0, OUT, 1, IN), "0 0 0");
            equal(files().poll(fds, TaskLayout.MAX_FILES + 1, 0), -Errno.EINVAL);
            equal(files().poll(fds, 0, 0), 0);
            files().closeAll();
        });
    }

    @Test
    void aDriverWithoutTheOperationIsAlwaysReady() {
        boot(1, Interleavings.RR, 1);
        long operations = fixture.text("plain_operations", new FileOperations() { });
        fixture.run(() -> {
            kernel().cdevAdd("plain", operations, 0);
            files().open("/dev/plain", Fcntl.O_RDWR);
            equal(poll(FOREVER, 0, IN | OUT), "1 145");
            files().closeAll();
        });
    }

    @Test
    void theSleepEndsWithItsTime() {
        boot(1, Interleavings.RR, 1);
        fixture.run(() -> {
            openBoth();
            long before = kernel().getCycles();
            equal(poll(3, 0, IN, 1, IN), "0 0 0");
            long slept = kernel().getCycles() - before;
            check(slept >= 3 * MILLISECOND && slept < 4 * MILLISECOND, "poll took " + slept);
            check(!kernel().waitqueueActive(pipe(0) + READ_WAIT), "an entry was left");
            files().closeAll();
        });
    }

    /** A wake-up without an event does not end the call, nor make it longer. */
    @Test
    void aWakeUpWithoutAnEventStartsAnotherRound() {
        boot(2, Interleavings.RR, 1);
        fixture.run(List.of(
                Job.on(0, () -> {
                    openBoth();
                    long before = kernel().getCycles();
                    equal(poll(10, 0, IN, 1, IN), "0 0 0");
                    long slept = kernel().getCycles() - before;
                    check(slept >= 10 * MILLISECOND && slept < 11 * MILLISECOND, "poll took " + slept);
                }),
                Job.on(1, () -> {
                    for (int i = 0; i < 15; i++) {
                        kernel().msleep(1);
                        kernel().wakeUp(pipe(i % 2) + READ_WAIT);
                    }
                })));
    }

    @Test
    void aSignalEndsTheSleepAndAnEventGoesFirst() {
        boot(2, Interleavings.RR, 1);
        String[] found = new String[2];
        int[] pid = new int[1];
        long entry = fixture.text("polling_program", (TaskEntry) argument -> {
            openBoth();
            found[0] = poll(FOREVER, 0, IN);
            put(pipe(0));
            found[1] = poll(FOREVER, 0, IN);
            return 0;
        });
        fixture.run(() -> {
            long task = fixture.kernel().tasks().tasks().createProgram("poller", entry, 0);
            pid[0] = fixture.kernel().tasks().tasks().pid(task);
            kernel().msleep(1);
            kernel().killPid(pid[0], Signal.SIGINT);
            fixture.kernel().tasks().tasks().waitFor(task);
        });
        assertThat(found).containsExactly(-Errno.EINTR + " 0", "1 41");
    }

    /** An exclusive waiter of the same queue is woken as well: an entry of poll takes no wake-up from it. */
    @Test
    void aPollerTakesNoWakeUpFromAnExclusiveWaiter() {
        boot(1, Interleavings.RR, 1);
        fixture.run(List.of(
                Job.on(0, () -> {
                    openBoth();
                    equal(poll(FOREVER, 0, IN), "1 41");
                }),
                Job.on(0, () -> kernel().waitEventInterruptibleExclusive(pipe(0) + READ_WAIT,
                        () -> memory().load32(pipe(0)) > 0)),
                Job.on(0, () -> {
                    kernel().msleep(1);
                    put(pipe(0));
                })));
    }

    /** The event comes at every moment of the call in turn, by an interrupt. */
    @Test
    void anInterruptAtAnyMomentEndsTheSleep() {
        boot(1, Interleavings.RR, 1);
        long[] target = new long[1];
        long function = fixture.text("puts", (HrTimerFunction) expired -> {
            put(target[0]);
            return false;
        });
        fixture.run(() -> {
            openBoth();
            long timer = fixture.zeroed(64);
            for (int moment = 1; moment < 1500; moment++) {
                target[0] = pipe(moment % 2);
                fixture.kernel().tasks().hrTimers().setUp(timer, function);
                fixture.kernel().tasks().hrTimers().start(timer, fixture.cpu().time() + moment);
                check(poll(FOREVER, 0, IN, 1, IN).startsWith("1 "), "no event");
                check(files().read(moment % 2, fds, 1) == 1, "nothing to read");
                fixture.kernel().tasks().hrTimers().cancel(timer);
            }
            files().closeAll();
        });
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void noWakeUpIsLostBetweenHarts(Interleavings policy) {
        for (long seed = 1; seed <= 5; seed++) {
            if (fixture != null) {
                close();
            }
            boot(4, policy, seed);
            int rounds = 100;
            fixture.run(List.of(
                    Job.on(0, () -> {
                        openBoth();
                        for (int i = 0; i < 2 * rounds; i++) {
                            String found = poll(FOREVER, 0, IN, 1, IN);
                            check(!found.startsWith("0") && !found.startsWith("-"), found);
                            check(files().read(found.endsWith(" 0") ? 0 : 1, fds, 1) == 1, "nothing to read: " + found);
                        }
                        check(poll(0, 0, IN, 1, IN).startsWith("0"), "too many");
                    }),
                    Job.on(1, () -> putAll(0, rounds)),
                    Job.on(2, () -> putAll(1, rounds)),
                    Job.on(3, () -> {
                        for (int i = 0; i < rounds; i++) {
                            kernel().wakeUpAll(pipe(i % 2) + WRITE_WAIT);
                        }
                    })));
        }
    }

    private void putAll(int number, int rounds) {
        for (int i = 0; i < rounds; i++) {
            put(pipe(number));
            while (memory().load32(pipe(number)) != 0 && i % 3 != 0) {
                kernel().cpuRelax();
            }
        }
    }

    @Test
    void nothingIsLeftAfterTheCall() {
        boot(1, Interleavings.RR, 1);
        fixture.run(this::openBoth);
        fixture.run(() -> {
            openBoth();
            poll(1, 0, IN, 1, IN);
            files().closeAll();
        });
        String before = fixture.accounting();
        fixture.run(() -> {
            openBoth();
            poll(1, 0, IN, 1, IN);
            put(pipe(0));
            poll(1, 0, IN, 1, IN);
            files().closeAll();
        });
        assertThat(fixture.accounting()).isEqualTo(before);
    }

    /** A task in another sleep stays on the queue, and a later wake_up reaches it. */
    @Test
    void anInterruptibleWakeUpReachesInterruptibleSleepsAndPollers() {
        boot(1, Interleavings.RR, 1);
        List<String> woken = new ArrayList<>();
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            jobs.add(Job.on(0, () -> {
                kernel().waitEventInterruptibleExclusive(pipe(0) + READ_WAIT, () -> memory().load32(pipe(0)) > 0);
                woken.add("exclusive");
            }));
        }
        jobs.add(Job.on(0, () -> {
            kernel().waitEvent(pipe(0) + READ_WAIT, () -> memory().load32(pipe(0)) > 0);
            woken.add("uninterruptible");
        }));
        jobs.add(Job.on(0, () -> {
            openBoth();
            equal(poll(FOREVER, 0, IN), "1 41");
            woken.add("poller");
        }));
        jobs.add(Job.on(0, () -> {
            kernel().msleep(1);
            kernel().atomicInc(pipe(0));
            kernel().wakeUpInterruptible(pipe(0) + READ_WAIT);
            kernel().msleep(1);
            equal(woken, List.of("exclusive", "poller"));
            kernel().wakeUpInterruptibleSync(pipe(0) + READ_WAIT);
            kernel().msleep(1);
            equal(woken.size(), 3);
            kernel().wakeUpInterruptibleAll(pipe(0) + READ_WAIT);
            kernel().wakeUpInterruptibleNr(pipe(0) + READ_WAIT, 2);
            kernel().msleep(1);
            equal(woken.size(), 4);
            check(!woken.contains("uninterruptible") && kernel().waitqueueActive(pipe(0) + READ_WAIT), "it woke");
            kernel().wakeUp(pipe(0) + READ_WAIT);
        }));
        fixture.run(jobs);
        assertThat(woken).hasSize(5).endsWith("uninterruptible");
    }

    // ---- select ----

    /** Selects with these sets. Returns the result, and the sets afterwards. */
    private String select(int descriptors, long microseconds, int read, int write, int except) {
        int[] sets = {read, write, except};
        for (int i = 0; i < sets.length; i++) {
            memory().store32(fds + 4L * i, sets[i]);
        }
        int result = files().select(descriptors, fds, fds + 4, fds + 8, microseconds);
        return result + " " + memory().load32(fds) + " " + memory().load32(fds + 4) + " " + memory().load32(fds + 8);
    }

    @Test
    void selectLeavesTheDescriptorsThatAreReady() {
        boot(1, Interleavings.RR, 1);
        fixture.run(() -> {
            openBoth();
            put(pipe(1));
            memory().store32(pipe(0), CAPACITY);
            equal(select(2, FOREVER, 3, 3, 3), "3 3 2 0");
            equal(select(1, FOREVER, 3, 3, 0), "1 1 0 0");
            memory().store32(pipe(0), 0);
            equal(select(2, 0, 1, 0, 3), "0 0 0 0");
            equal(select(3, FOREVER, 7, 0, 0), -Errno.EBADF + " 7 0 0");
            equal(select(-1, FOREVER, 1, 0, 0), -Errno.EINVAL + " 1 0 0");
            equal(files().select(2, fds, 0, 0, 0), 0);
            long before = kernel().getCycles();
            equal(select(2, 2000, 1, 0, 0), "0 0 0 0");
            check(kernel().getCycles() - before >= 2 * MILLISECOND, "it did not wait");
            check(!kernel().waitqueueActive(pipe(0) + READ_WAIT), "an entry was left");
            files().closeAll();
        });
    }

    /** The event comes at every moment of the call in turn, by an interrupt. */
    @Test
    void anInterruptAtAnyMomentEndsSelect() {
        boot(1, Interleavings.RR, 1);
        long[] target = new long[1];
        long function = fixture.text("puts", (HrTimerFunction) expired -> {
            put(target[0]);
            return false;
        });
        fixture.run(() -> {
            openBoth();
            long timer = fixture.zeroed(64);
            for (int moment = 1; moment < 1500; moment++) {
                target[0] = pipe(moment % 2);
                fixture.kernel().tasks().hrTimers().setUp(timer, function);
                fixture.kernel().tasks().hrTimers().start(timer, fixture.cpu().time() + moment);
                equal(select(2, FOREVER, 3, 0, 0), "1 " + (1 + moment % 2) + " 0 0");
                check(files().read(moment % 2, fds, 1) == 1, "nothing to read");
                fixture.kernel().tasks().hrTimers().cancel(timer);
            }
            files().closeAll();
        });
    }
}
