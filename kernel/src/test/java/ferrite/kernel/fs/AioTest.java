package ferrite.kernel.fs;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.sched.TimerLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Asynchronous I/O: contexts, operations and their completion (LDD3 pages 437-441). */
@Timeout(60)
class AioTest {

    private static final int ID = 0x4000_0000;
    private static final int SOON = 2;

    /** Completes each operation by a timer, unless it is told to do otherwise. */
    private final class Slow implements Driver, FileOperations {

        private KernelCalls kernel;
        private TextTable.Module text;
        private long completes;
        private final List<Long> begun = new ArrayList<>();
        private boolean alsoReturns;
        private boolean completesAtOnce;
        private boolean neverCompletes;
        private long cancel;

        @Override
        public String name() {
            return "slow";
        }

        @Override
        public void link(KernelCalls theKernel, TextTable.Module module) {
            kernel = theKernel;
            text = module;
            completes = text.add("slow_timer", (TimerFunction) iocb ->
                    kernel.aioComplete(iocb, KiocbLayout.KI_POS.get(kernel.memory(), iocb) + 1, 7));
            text.add("slow_fops", this);
            cancel = text.add("slow_cancel", (KiocbCancel) iocb -> {
                kernel.aioComplete(iocb, -Errno.EINTR, 0);
                return 0;
            });
        }

        private int begin(long iocb) {
            begun.add(iocb);
            if (completesAtOnce) {
                kernel.aioComplete(iocb, 5, 0);
            } else if (neverCompletes) {
                kernel.kiocbSetCancelFn(iocb, cancel);
            } else if (!alsoReturns) {
                kernel.addTimer(timers + (long) TimerLayout.SIZE * used++, kernel.jiffies() + SOON, completes, iocb);
            }
            return alsoReturns ? 9 : -Errno.EIOCBQUEUED;
        }

        @Override
        public int aioRead(long iocb, long to, int count, long position) {
            return begin(iocb);
        }

        @Override
        public int read(long file, long to, int count, long position) {
            return kernel.doSyncRead(file, to, count, position);
        }

        @Override
        public int write(long file, long from, int count, long position) {
            return kernel.doSyncWrite(file, from, count, position);
        }
    }

    private final KernelFixture fixture = KernelFixture.small();
    private final Slow slow = new Slow();
    private final Aio aio = fixture.kernel().files().programs().aio();
    private long timers;
    private int used;

    AioTest() {
        slow.link(fixture.kernel().calls(), fixture.kernel().base().text().newModule());
        long operations = slow.text.add("slow_files", slow);
        fixture.run(() -> {
            timers = slow.kernel.kzalloc(16 * TimerLayout.SIZE, Gfp.GFP_KERNEL);
            slow.kernel.cdevAdd("slow", operations, 0);
        });
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private int open(int flags) {
        return fixture.kernel().files().open("/dev/slow", flags);
    }

    private int submit(long context, int descriptor, int number) {
        return aio.submit(context, new Aio.Request(descriptor, 0x1000 + number, number, 100 * number,
                Fcntl.FMODE_READ, "aio_read"), (driver, iocb) -> driver.aioRead(iocb, 0, 1, 100 * number));
    }

    private List<String> results(long context, int min, int max, long ticks) {
        List<String> found = new ArrayList<>();
        int result = aio.results(context, min, max, ticks, (index, data, iocb, results) -> {
            found.add(data + ": " + results[0] + " " + results[1]);
            return true;
        });
        assertThat(result).isEqualTo(found.size());
        return found;
    }

    private List<String> rules() {
        return fixture.takeViolations().stream().map(Violation::rule).toList();
    }

    @Test
    void aProgramSubmitsOperationsAndTakesTheirResultsLater() {
        List<String> all = new ArrayList<>();
        fixture.run(() -> {
            int file = open(Fcntl.O_RDWR);
            assertThat(aio.setup(ID, 3)).isZero();
            long context = aio.find(ID);
            assertThat(List.of(submit(context, file, 1), submit(context, file, 2), submit(context, file, 3)))
                    .containsOnly(0);
            assertThat(submit(context, file, 4)).as("full").isEqualTo(-Errno.EAGAIN);
            assertThat(fixture.kernel().files().close(file)).isZero();
            all.addAll(results(context, 0, 3, 0));
            assertThat(all).isEmpty();
            all.addAll(results(context, 1, 3, 100));
            assertThat(all).as("the time is over").isEmpty();
            all.addAll(results(context, 2, 2, Sleep.FOREVER));
            all.addAll(results(context, 1, 2, Sleep.FOREVER));
            aio.destroy(context);
            assertThat(aio.find(ID)).isZero();
        });
        assertThat(all).containsExactly("1: 101 7", "2: 201 7", "3: 301 7");
        assertThat(rules()).isEmpty();
    }

    @Test
    void errorsAreThoseOfLinux() {
        fixture.run(() -> {
            aio.setup(ID, 2);
            long context = aio.find(ID);
            assertThat(aio.find(ID + 4096)).isZero();
            assertThat(submit(context, 9, 1)).isEqualTo(-Errno.EBADF);
            assertThat(submit(context, open(Fcntl.O_WRONLY), 1)).isEqualTo(-Errno.EBADF);
            int file = open(Fcntl.O_RDWR);
            assertThat(aio.submit(context, new Aio.Request(file, 0, 0, 0, 0, "aio_fsync"),
                    (driver, iocb) -> driver.aioFsync(iocb, true))).as("no such operation").isEqualTo(-Errno.EINVAL);
            assertThat(aio.cancel(context, 0x1001)).isEqualTo(-Errno.EINVAL);
            submit(context, file, 1);
            assertThat(aio.cancel(context, 0x1001)).as("no function").isEqualTo(-Errno.EINVAL);
            aio.destroy(context);
        });
        assertThat(rules()).isEmpty();
    }

    @Test
    void aWaiterIsServedBySynchronousOperations() {
        fixture.run(() -> {
            int file = open(Fcntl.O_RDWR);
            assertThat(fixture.kernel().files().read(file, 0, 4)).as("waits for the timer").isEqualTo(1);
            assertThat(fixture.kernel().files().write(file, 0, 4)).as("no such operation").isEqualTo(-Errno.EINVAL);
            slow.completesAtOnce = true;
            assertThat(fixture.kernel().files().read(file, 0, 4)).isEqualTo(5);
        });
        assertThat(rules()).isEmpty();
    }

    @Test
    void theEndOfAProgramCancelsItsOperationsAndWaitsForTheOthers() {
        slow.neverCompletes = true;
        fixture.run(() -> {
            int file = open(Fcntl.O_RDWR);
            aio.setup(ID, 8);
            submit(aio.find(ID), file, 1);
            submit(aio.find(ID), file, 2);
            assertThat(aio.cancel(aio.find(ID), 0x1002)).isZero();
            assertThat(results(aio.find(ID), 1, 8, Sleep.FOREVER)).containsExactly("2: " + -Errno.EINTR + " 0");
            slow.neverCompletes = false;
            submit(aio.find(ID), file, 3);
        });
        assertThat(ListHead.isEmpty(fixture.peek(), RootLayout.AIO_CONTEXTS.at(fixture.kernel().base().root())))
                .isTrue();
        assertThat(rules()).isEmpty();
    }

    @Test
    void anOperationThatNoDriverCompletesIsAHungTask() {
        slow.neverCompletes = true;
        slow.cancel = 0;
        fixture.runToStop(List.of(KernelFixture.Job.of("leaves", 1, () -> {
            aio.setup(ID, 1);
            submit(aio.find(ID), open(Fcntl.O_RDWR), 1);
        })));
        fixture.kernel().tasks().hungTasks().report();
        assertThat(fixture.takeViolations()).filteredOn(one -> one.summary().contains("'leaves'")).singleElement()
                .extracting(Violation::rule).isEqualTo("hung-task");
    }

    @Test
    void aSecondCompletionIsReportedAndChangesNothing() {
        List<String> all = new ArrayList<>();
        fixture.run(() -> {
            int file = open(Fcntl.O_RDWR);
            aio.setup(ID, 8);
            long context = aio.find(ID);
            slow.completesAtOnce = true;
            submit(context, file, 1);
            assertThat(rules()).isEmpty();
            slow.kernel.aioComplete(slow.begun.get(0), 6, 0);
            assertThat(rules()).containsExactly("aio-completed-twice");
            slow.alsoReturns = true;
            submit(context, file, 2);
            assertThat(rules()).containsExactly("aio-completed-twice");
            assertThat(fixture.kernel().files().read(file, 0, 4)).isEqualTo(9);
            assertThat(rules()).as("a synchronous one").containsExactly("aio-completed-twice");
            slow.completesAtOnce = false;
            submit(context, file, 4);
            assertThat(fixture.kernel().files().read(file, 0, 4)).isEqualTo(9);
            all.addAll(results(context, 3, 8, Sleep.FOREVER));
            slow.kernel.aioComplete(slow.begun.get(0), 6, 0);
            assertThat(rules()).as("after the result was taken").containsExactly("aio-completed-twice");
        });
        assertThat(all).containsExactly("1: 5 0", "2: 5 0", "4: 9 0");
        assertThat(rules()).isEmpty();
    }
}
