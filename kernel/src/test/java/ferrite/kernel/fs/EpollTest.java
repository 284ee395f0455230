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
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.sched.HrTimerFunction;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code epoll}: levels and edges, errors, nesting, and no wake-up that is lost. */
@Timeout(60)
class EpollTest {

    private static final int IN = PollEvents.EPOLLIN;
    private static final int OUT = PollEvents.EPOLLOUT;
    private static final int ET = PollEvents.EPOLLET;
    private static final int ONESHOT = PollEvents.EPOLLONESHOT;
    private static final int ADD = Epoll.EPOLL_CTL_ADD;
    private static final int DEL = Epoll.EPOLL_CTL_DEL;
    private static final int MOD = Epoll.EPOLL_CTL_MOD;
    private static final long FOREVER = Sleep.FOREVER;
    private static final long MILLISECOND = 100_000;
    private static final int MAX_EVENTS = 8;
    private static final int SOURCES = 3;
    private static final int SOURCE_BYTES = 4 + WaitQueueLayout.SIZE;
    private static final int WAIT = 4;
    /** The descriptor of the epoll file, after those of the sources. */
    private static final int EPOLL = SOURCES;

    private KernelFixture fixture;
    private long sources;
    private long events;
    private long fds;

    /** Counts events. There is one to read as long as the count is not 0; a write never sleeps. */
    private final class Source implements FileOperations {

        @Override
        public int read(long file, long to, int count, long position) {
            long source = FileLayout.DATA.get(memory(), file);
            if (memory().load32(source) == 0) {
                return -Errno.EAGAIN;
            }
            kernel().atomicDec(source);
            return 1;
        }

        @Override
        public int poll(long file, long table) {
            long source = FileLayout.DATA.get(memory(), file);
            kernel().pollWait(file, source + WAIT, table);
            return (memory().load32(source) > 0 ? IN | PollEvents.EPOLLRDNORM : 0) | OUT;
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

    private Epoll epoll() {
        return files().epoll();
    }

    private void boot(int harts, Interleavings policy, long seed) {
        start(KernelFixture.options().harts(harts).interleaving(policy, seed));
    }

    private void start(KernelFixture.Options options) {
        fixture = options.boot();
        long operations = fixture.text("source_operations", new Source());
        fixture.run(() -> {
            sources = fixture.zeroed(SOURCES * SOURCE_BYTES);
            events = fixture.zeroed(MAX_EVENTS * Epoll.EVENT_BYTES);
            fds = fixture.zeroed(PollFdLayout.SIZE);
            for (int i = 0; i < SOURCES; i++) {
                kernel().initWaitqueueHead(source(i) + WAIT);
                check(kernel().cdevAdd("source" + i, operations, source(i)) == 0, "cdev_add");
            }
        });
    }

    private void boot() {
        boot(1, Interleavings.RR, 1);
    }

    private long source(int number) {
        return sources + (long) number * SOURCE_BYTES;
    }

    private void put(int number) {
        kernel().atomicInc(source(number));
        kernel().wakeUp(source(number) + WAIT);
    }

    private void take(int number) {
        check(files().read(number, events, 1) == 1, "nothing to read from " + number);
    }

    /** Opens the sources, whose descriptors are their numbers, and an epoll file. */
    private void open() {
        for (int i = 0; i < SOURCES; i++) {
            equal(files().open("/dev/source" + i, Fcntl.O_RDWR), i);
        }
        equal(epoll().create(), EPOLL);
    }

    private int control(int operation, int watched, int wanted) {
        return epoll().control(EPOLL, operation, watched, wanted, 1000L << Integer.SIZE | watched);
    }

    private void watch(int wanted, int... watched) {
        for (int each : watched) {
            equal(control(ADD, each, wanted), 0);
        }
    }

    private String await(long ticks) {
        return await(EPOLL, events, MAX_EVENTS, ticks);
    }

    /** Waits. Returns each file's number and events, or the negative result. */
    private String await(int descriptor, long at, int count, long ticks) {
        int result = epoll().await(descriptor, at, count, ticks);
        StringBuilder found = new StringBuilder(result < 0 ? Errno.message(result) : "");
        for (int i = 0; i < result; i++) {
            long event = at + (long) i * Epoll.EVENT_BYTES;
            equal(memory().load32(event + Epoll.EVENT_DATA + 4), 1000);
            found.append(found.length() == 0 ? "" : " ").append(memory().load32(event + Epoll.EVENT_DATA)).append(':')
                    .append(Integer.toHexString(memory().load32(event)));
        }
        return found.toString();
    }

    private static void equal(Object found, Object expected) {
        check(found.equals(expected), "found " + found + ", not " + expected);
    }

    @Test
    void aLevelIsToldAsLongAsItLasts() {
        boot();
        fixture.run(() -> {
            open();
            watch(IN, 0, 1);
            equal(await(0), "");
            put(1);
            equal(await(0), "1:1");
            equal(await(FOREVER), "1:1");
            put(0);
            equal(await(0), "1:1 0:1");
            take(1);
            equal(await(0), "0:1");
            take(0);
            equal(await(0), "");
            watch(OUT, 2);
            equal(await(FOREVER), "2:4");
            files().closeAll();
        });
    }

    @Test
    void anEdgeIsToldOnce() {
        boot();
        fixture.run(() -> {
            open();
            put(0);
            watch(IN | ET, 0);
            equal(await(FOREVER), "0:1");
            equal(await(0), "");
            put(0);
            equal(await(0), "0:1");
            take(0);
            equal(await(0), "");
            kernel().wakeUp(source(0) + WAIT);
            equal(await(0), "0:1");
            take(0);
            kernel().wakeUp(source(0) + WAIT);
            equal(await(0), "");
            put(0);
            await(0);
            equal(control(MOD, 0, IN | ET), 0);
            equal(await(0), "0:1");
            files().closeAll();
        });
    }

    @Test
    void oneShotIsToldOnceUntilItIsModified() {
        boot();
        fixture.run(() -> {
            open();
            watch(IN | ONESHOT | PollEvents.EPOLLRDHUP, 0);
            put(0);
            equal(await(0), "0:1");
            put(0);
            equal(await(0), "");
            equal(control(MOD, 0, IN | ONESHOT), 0);
            equal(await(0), "0:1");
            equal(await(0), "");
            files().closeAll();
        });
    }

    @Test
    void filesTakeTurnsIfThereIsNoRoomForAll() {
        boot();
        fixture.run(() -> {
            open();
            watch(IN, 0, 1, 2);
            for (int i = 0; i < SOURCES; i++) {
                put(i);
            }
            equal(await(EPOLL, events, 2, 0), "0:1 1:1");
            equal(await(EPOLL, events, 2, 0), "2:1 0:1");
            equal(await(EPOLL, events, 1, 0), "1:1");
            files().closeAll();
        });
    }

    @Test
    void errorsAreLinuxs() {
        boot();
        long plain = fixture.text("plain_operations", new FileOperations() { });
        fixture.run(() -> {
            open();
            kernel().cdevAdd("plain", plain, 0);
            int file = files().open("/dev/plain", Fcntl.O_RDWR);
            equal(control(ADD, file, IN), -Errno.EPERM);
            equal(control(ADD, 9, IN), -Errno.EBADF);
            equal(epoll().control(9, ADD, 0, IN, 0), -Errno.EBADF);
            equal(epoll().control(0, ADD, 1, IN, 0), -Errno.EINVAL);
            equal(control(ADD, EPOLL, IN), -Errno.EINVAL);
            equal(control(7, 0, IN), -Errno.EINVAL);
            equal(control(MOD, 0, IN), -Errno.ENOENT);
            equal(control(DEL, 0, IN), -Errno.ENOENT);
            watch(IN, 0);
            equal(control(ADD, 0, OUT), -Errno.EEXIST);
            equal(control(MOD, 0, IN | PollEvents.EPOLLEXCLUSIVE), -Errno.EINVAL);
            equal(control(ADD, 1, IN | ONESHOT | PollEvents.EPOLLEXCLUSIVE), -Errno.EINVAL);
            watch(IN | PollEvents.EPOLLEXCLUSIVE, 1);
            equal(control(MOD, 1, IN), -Errno.EINVAL);
            equal(await(9, events, 1, 0), Errno.message(Errno.EBADF));
            equal(await(0, events, 1, 0), Errno.message(Errno.EINVAL));
            equal(await(EPOLL, events, 0, 0), Errno.message(Errno.EINVAL));
            equal(await(EPOLL, events, Integer.MAX_VALUE, 0), Errno.message(Errno.EINVAL));
            equal(files().read(EPOLL, events, 1), -Errno.EINVAL);
            equal(files().lseek(EPOLL, 5, Fcntl.SEEK_SET), 0L);
            files().closeAll();
        });
    }

    @Test
    void theSleepEndsWithItsTime() {
        boot();
        fixture.run(() -> {
            open();
            watch(IN, 0, 1);
            long before = kernel().getCycles();
            equal(await(3 * MILLISECOND), "");
            long slept = kernel().getCycles() - before;
            check(slept >= 3 * MILLISECOND && slept < 4 * MILLISECOND, "epoll_wait took " + slept);
            files().closeAll();
        });
    }

    @Test
    void aSignalEndsTheSleepAndAnEventGoesFirst() {
        boot(2, Interleavings.RR, 1);
        String[] found = new String[4];
        long entry = fixture.text("epoll_program", (TaskEntry) argument -> {
            open();
            watch(IN, 0);
            found[0] = await(FOREVER);
            found[1] = await(0);
            found[2] = await(MILLISECOND);
            put(0);
            found[3] = await(FOREVER);
            return 0;
        });
        fixture.run(() -> {
            long task = fixture.kernel().tasks().tasks().createProgram("poller", entry, 0);
            kernel().msleep(1);
            kernel().killPid(fixture.kernel().tasks().tasks().pid(task), Signal.SIGINT);
            fixture.kernel().tasks().tasks().waitFor(task);
        });
        assertThat(found).containsExactly(Errno.message(Errno.EINTR), "", Errno.message(Errno.EINTR), "0:1");
    }

    // ---- the life of a watched file ----

    @Test
    void theLastCloseOfAFileEndsTheWatch() {
        boot();
        fixture.run(() -> {
            open();
            watch(IN, 0, 1);
            put(0);
            equal(files().programs().dup(0, 0), EPOLL + 1);
            watch(IN, EPOLL + 1);
            files().close(0);
            equal(await(0), "0:1 4:1");
            equal(control(DEL, 0, 0), -Errno.EBADF);
            files().close(EPOLL + 1);
            equal(await(0), "");
            check(!kernel().waitqueueActive(source(0) + WAIT), "an entry was left");
            check(kernel().waitqueueActive(source(1) + WAIT), "the other file is watched no more");
            equal(control(DEL, 1, 0), 0);
            check(!kernel().waitqueueActive(source(1) + WAIT), "an entry was left after EPOLL_CTL_DEL");
            watch(IN, 1);
            files().close(EPOLL);
            check(!kernel().waitqueueActive(source(1) + WAIT), "an entry was left after the last close");
            files().closeAll();
        });
    }

    @Test
    void allMemoryComesBack() {
        boot();
        String[] accounting = new String[2];
        for (int round = 0; round < 2; round++) {
            fixture.run(() -> {
                open();
                int outer = epoll().create();
                equal(epoll().control(outer, ADD, EPOLL, IN, 0), 0);
                equal(epoll().control(outer, ADD, 0, IN, 0), 0);
                watch(IN | ET, 0, 1, 2);
                put(0);
                await(0);
                take(0);
                files().close(1);
                files().closeAll();
            });
            accounting[round] = fixture.accounting();
        }
        assertThat(accounting[1]).isEqualTo(accounting[0]);
    }

    /** The first of two allocations is the item, the second one the entry on the file's queue. */
    @Test
    void withoutMemoryNothingIsWatched() {
        for (int failed = 1; failed <= 2; failed++) {
            if (fixture != null) {
                close();
            }
            start(KernelFixture.options().bootArguments("failslab=" + failed + ",later"));
            fixture.run(() -> {
                open();
                fixture.kernel().mm().caches().failures().arm(true);
                equal(control(ADD, 0, IN), -Errno.ENOMEM);
                fixture.kernel().mm().caches().failures().arm(false);
                check(!kernel().waitqueueActive(source(0) + WAIT), "an entry was left");
                equal(control(DEL, 0, IN), -Errno.ENOENT);
                watch(IN, 0);
                files().closeAll();
            });
        }
    }

    // ---- epoll files that watch each other ----

    /** Polls a descriptor with {@code ppoll}. */
    private String poll(int descriptor, int timeout) {
        PollFdLayout.FD.set(memory(), fds, descriptor);
        memory().store16(PollFdLayout.EVENTS.at(fds), IN);
        int result = files().poll(fds, 1, timeout);
        return result + " " + memory().load16(PollFdLayout.REVENTS.at(fds));
    }

    @Test
    void anEpollFileIsPolled() {
        boot();
        fixture.run(() -> {
            open();
            watch(IN | ET, 0, 1);
            equal(poll(EPOLL, 0), "0 0");
            put(1);
            equal(poll(EPOLL, -1), "1 1");
            equal(poll(EPOLL, -1), "1 1");
            int outer = epoll().create();
            equal(epoll().control(outer, ADD, EPOLL, IN, 1000L << Integer.SIZE | 77), 0);
            equal(await(outer, events, 8, 0), "77:1");
            equal(await(0), "1:1");
            equal(poll(EPOLL, 0), "0 0");
            equal(await(outer, events, 8, 0), "");
            put(0);
            equal(await(outer, events, 8, 0), "77:1");
            take(0);
            equal(await(outer, events, 8, 0), "");
            files().closeAll();
        });
    }

    @Test
    void aWakeUpGoesUpToAllPollers() {
        boot(2, Interleavings.RR, 1);
        fixture.run(List.of(
                Job.on(0, () -> {
                    open();
                    watch(IN, 0);
                    equal(poll(EPOLL, -1), "1 1");
                    take(0);
                    int outer = epoll().create();
                    equal(epoll().control(outer, ADD, EPOLL, IN, 1000L << Integer.SIZE), 0);
                    equal(await(outer, events, 8, FOREVER), "0:1");
                    files().closeAll();
                }),
                Job.on(1, () -> {
                    kernel().msleep(1);
                    put(0);
                    kernel().msleep(2);
                    put(0);
                })));
    }

    @Test
    void aLoopAndTooDeepANestAreRefused() {
        boot();
        fixture.run(() -> {
            int[] chain = new int[7];
            for (int i = 0; i < chain.length; i++) {
                chain[i] = epoll().create();
            }
            for (int i = 0; i + 2 < chain.length; i++) {
                equal(epoll().control(chain[i], ADD, chain[i + 1], IN, 0), 0);
            }
            equal(epoll().control(chain[5], ADD, chain[0], IN, 0), -Errno.ELOOP);
            equal(epoll().control(chain[1], ADD, chain[0], IN, 0), -Errno.ELOOP);
            equal(epoll().control(chain[6], ADD, chain[0], IN, 0), -Errno.ELOOP);
            equal(epoll().control(chain[5], ADD, chain[6], IN, 0), -Errno.ELOOP);
            equal(epoll().control(chain[6], ADD, chain[1], IN, 0), 0);
            equal(epoll().control(chain[4], ADD, chain[6], IN, 0), -Errno.ELOOP);
            files().close(chain[2]);
            equal(epoll().control(chain[1], ADD, chain[0], IN, 0), -Errno.ELOOP);
            equal(epoll().control(chain[5], ADD, chain[0], IN, 0), 0);
            files().closeAll();
        });
    }

    @Test
    void tooManyWaysAreRefused() {
        boot();
        fixture.run(() -> {
            int[] all = new int[30];
            for (int i = 0; i < all.length; i++) {
                all[i] = epoll().create();
            }
            int refused = 0;
            for (int from = 0; from < all.length; from++) {
                for (int to = 0; to < all.length; to++) {
                    if (to / 6 == from / 6 + 1) {
                        int result = epoll().control(all[from], ADD, all[to], IN, 0);
                        check(result == 0 || result == -Errno.ELOOP, "result " + result);
                        refused += result == 0 ? 0 : 1;
                    }
                }
            }
            check(refused > 0, "all 6 * 6 * 6 * 6 ways were allowed");
            files().closeAll();
        });
    }

    // ---- no wake-up is lost ----

    /**
     * The event comes at every moment of the call in turn, by an interrupt. A wake-up without an event makes the call
     * ask the files before.
     */
    @ParameterizedTest
    @EnumSource(Trigger.class)
    void anInterruptAtAnyMomentEndsTheSleep(Trigger trigger) {
        boot();
        int[] target = new int[1];
        long function = fixture.text("puts", (HrTimerFunction) expired -> {
            put(target[0]);
            return false;
        });
        fixture.run(() -> {
            open();
            watch(IN | trigger.flag, 0, 1);
            long timer = fixture.zeroed(64);
            for (int moment = 1; moment < 1500; moment++) {
                target[0] = moment % 2;
                kernel().wakeUp(source(0) + WAIT);
                kernel().wakeUp(source(1) + WAIT);
                fixture.kernel().tasks().hrTimers().setUp(timer, function);
                fixture.kernel().tasks().hrTimers().start(timer, fixture.cpu().time() + moment);
                equal(await(FOREVER), target[0] + ":1");
                take(target[0]);
                fixture.kernel().tasks().hrTimers().cancel(timer);
            }
            files().closeAll();
        });
    }

    enum Trigger {

        LEVEL(0), EDGE(ET);

        private final int flag;

        Trigger(int flag) {
            this.flag = flag;
        }
    }

    /** The event comes at every moment of EPOLL_CTL_ADD and EPOLL_CTL_MOD in turn. */
    @Test
    void anInterruptAtAnyMomentOfAChangeIsToldOf() {
        boot();
        long function = fixture.text("puts", (HrTimerFunction) expired -> {
            put(0);
            return false;
        });
        fixture.run(() -> {
            open();
            long timer = fixture.zeroed(64);
            for (int moment = 1; moment < 1200; moment++) {
                int operation = moment % 2 == 0 ? ADD : MOD;
                if (operation == MOD) {
                    watch(ET, 0);
                }
                fixture.kernel().tasks().hrTimers().setUp(timer, function);
                fixture.kernel().tasks().hrTimers().start(timer, fixture.cpu().time() + moment);
                equal(control(operation, 0, IN | ET), 0);
                equal(await(FOREVER), "0:1");
                take(0);
                fixture.kernel().tasks().hrTimers().cancel(timer);
                equal(control(DEL, 0, 0), 0);
            }
            files().closeAll();
        });
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void noEdgeIsLostBetweenHarts(Interleavings policy) {
        for (long seed = 1; seed <= 5; seed++) {
            reboot(4, policy, seed);
            int rounds = 60;
            fixture.run(List.of(
                    Job.on(0, () -> {
                        open();
                        watch(IN | ET, 0, 1);
                        int taken = 0;
                        while (taken < 2 * rounds) {
                            for (String each : await(FOREVER).split(" ")) {
                                int number = each.charAt(0) - '0';
                                while (memory().load32(source(number)) != 0) {
                                    take(number);
                                    taken++;
                                }
                            }
                        }
                        files().closeAll();
                    }),
                    Job.on(1, () -> putAll(0, rounds)),
                    Job.on(2, () -> putAll(1, rounds)),
                    Job.on(3, () -> {
                        for (int i = 0; i < rounds; i++) {
                            kernel().wakeUpAll(source(i % 2) + WAIT);
                        }
                    })));
        }
    }

    private void reboot(int harts, Interleavings policy, long seed) {
        if (fixture != null) {
            close();
        }
        boot(harts, policy, seed);
    }

    private void putAll(int number, int rounds) {
        for (int i = 0; i < rounds; i++) {
            put(number);
            while (memory().load32(source(number)) != 0 && i % 3 != 0) {
                kernel().cpuRelax();
            }
        }
    }

    /** Two tasks share an epoll file, as after a fork; each event reaches one of them, and none is left. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void tasksShareAnEpollFile(Interleavings policy) {
        for (long seed = 1; seed <= 3; seed++) {
            reboot(4, policy, seed);
            int rounds = 60;
            long[] shared = new long[SOURCES + 1];
            long taken = counter();
            fixture.run(List.of(
                    Job.on(0, () -> {
                        open();
                        watch(IN | ET | ONESHOT, 0, 1);
                        for (int i = 0; i < shared.length; i++) {
                            shared[i] = descriptors().file(i);
                            files().get(shared[i]);
                        }
                        memory().store32(taken, 1);
                        takeShared(taken, 2 * rounds);
                    }),
                    Job.on(1, () -> {
                        awaitShared(taken);
                        for (int i = 0; i < shared.length; i++) {
                            descriptors().set(i, shared[i]);
                        }
                        takeShared(taken, 2 * rounds);
                    }),
                    Job.on(2, () -> {
                        awaitShared(taken);
                        putAll(0, rounds);
                    }),
                    Job.on(3, () -> {
                        awaitShared(taken);
                        putAll(1, rounds);
                    })));
        }
    }

    /** A word in memory. */
    private long counter() {
        long[] counter = new long[1];
        fixture.run(() -> counter[0] = fixture.zeroed(4));
        return counter[0];
    }

    /** A wake-up reaches one task, which wakes the next one as long as the level lasts. */
    @Test
    void aLevelReachesAllTasksThatShareAnEpollFile() {
        boot();
        long[] shared = new long[1];
        List<String> found = new ArrayList<>();
        Job another = Job.on(0, () -> {
            kernel().msleep(1);
            descriptors().set(EPOLL, shared[0]);
            found.add(await(EPOLL, fixture.zeroed(Epoll.EVENT_BYTES), 1, FOREVER));
            files().closeAll();
        });
        fixture.run(List.of(
                Job.on(0, () -> {
                    open();
                    watch(IN, 0);
                    shared[0] = descriptors().file(EPOLL);
                    files().get(shared[0]);
                    files().get(shared[0]);
                    kernel().msleep(20);
                    put(0);
                    kernel().msleep(20);
                    files().closeAll();
                }), another, another));
        assertThat(found).containsExactly("0:1", "0:1");
    }

    private Descriptors descriptors() {
        return new Descriptors(fixture.kernel().base());
    }

    private void awaitShared(long taken) {
        while (memory().load32(taken) == 0) {
            kernel().cpuRelax();
        }
    }

    private void takeShared(long taken, int all) {
        long own = fixture.zeroed(Epoll.EVENT_BYTES);
        while (memory().load32(taken) <= all) {
            String found = await(EPOLL, own, 1, MILLISECOND);
            if (!found.isEmpty()) {
                int number = found.charAt(0) - '0';
                while (files().read(number, own, 1) == 1) {
                    kernel().atomicInc(taken);
                }
                equal(control(MOD, number, IN | ET | ONESHOT), 0);
            }
        }
        files().closeAll();
    }

    /** A file is closed, and its watch ends, while another task waits for it. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void filesComeAndGoWhileATaskWaits(Interleavings policy) {
        for (long seed = 1; seed <= 3; seed++) {
            reboot(3, policy, seed);
            long[] shared = new long[1];
            long state = counter();
            fixture.run(List.of(
                    Job.on(0, () -> {
                        open();
                        shared[0] = descriptors().file(EPOLL);
                        files().get(shared[0]);
                        memory().store32(state, 1);
                        for (int i = 0; i < 40; i++) {
                            watch(IN, 0);
                            files().close(0);
                            equal(files().open("/dev/source0", Fcntl.O_RDWR), 0);
                        }
                        memory().store32(state, 2);
                        files().closeAll();
                    }),
                    Job.on(1, () -> {
                        awaitShared(state);
                        descriptors().set(EPOLL, shared[0]);
                        long own = fixture.zeroed(Epoll.EVENT_BYTES);
                        while (memory().load32(state) == 1) {
                            String found = await(EPOLL, own, 1, MILLISECOND / 100);
                            check(found.isEmpty() || found.equals("0:1"), found);
                        }
                        files().closeAll();
                    }),
                    Job.on(2, () -> {
                        awaitShared(state);
                        memory().store32(source(0), 1);
                        while (memory().load32(state) == 1) {
                            kernel().wakeUp(source(0) + WAIT);
                        }
                    })));
        }
    }
}
