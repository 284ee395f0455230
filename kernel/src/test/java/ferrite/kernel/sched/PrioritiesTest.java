package ferrite.kernel.sched;

import static ferrite.kernel.KernelFixture.bugOf;
import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Body;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.irq.IrqFlags;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Priorities: SCHED_FIFO before others, shares of a hart by nice values, and the files that show them. */
@Timeout(60)
class PrioritiesTest {

    private static final long MILLISECOND = 100_000;

    private final KernelFixture fixture = KernelFixture.options().harts(2).boot();
    private final List<String> order = new ArrayList<>();

    @AfterEach
    void close() {
        fixture.close();
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    /** Makes a task of hart 0 that does something once, and then tells its name. */
    private long task(String name, Body body) {
        long task = kernel().kthreadCreate(name, fixture.text(name, (TaskEntry) unused -> {
            body.run();
            order.add(name);
            return 0;
        }), 0);
        kernel().kthreadBind(task, 0);
        return task;
    }

    private void work(int milliseconds) {
        long end = fixture.cpu().time() + milliseconds * MILLISECOND;
        while (fixture.cpu().time() < end) {
            kernel().memory().load32(fixture.kernel().base().root());
        }
    }

    private void onHart0(Body body) {
        fixture.run(List.of(Job.on(0, body)));
    }

    private long fifo(long task) {
        kernel().schedSetFifo(task);
        return task;
    }

    private long low(long task) {
        kernel().schedSetFifoLow(task);
        return task;
    }

    @Test
    void aFifoTaskRunsAtOnceWhenItIsWoken() {
        onHart0(() -> {
            kernel().wakeUpProcess(task("normal", () -> { }));
            kernel().wakeUpProcess(fifo(task("fifo", () -> { })));
            order.add("waker");
        });
        assertThat(order).startsWith("fifo").containsOnlyOnce("waker", "normal");
    }

    /** Its Java frames are those of an interrupt's handler, wherever it was. */
    @Test
    void aPreemptedTaskIsKnownUntilItRuns() {
        onHart0(() -> {
            long self = fixture.cpu().tp();
            Scheduler scheduler = fixture.kernel().tasks().scheduler();
            kernel().wakeUpProcess(fifo(task("fifo", () -> check(scheduler.isPreempted(self), "it is not known"))));
            check(!scheduler.isPreempted(self), "it runs");
            kernel().wakeUpProcess(task("normal", () -> check(!scheduler.isPreempted(self), "it gave its hart away")));
            kernel().schedule();
        });
        assertThat(order).containsExactly("fifo", "normal");
    }

    @Test
    void aFifoTaskWaitsForTheEndOfAnAtomicSection() {
        onHart0(() -> {
            kernel().preemptDisable();
            kernel().wakeUpProcess(fifo(task("fifo", () -> { })));
            work(2);
            order.add("atomic");
            kernel().preemptEnable();
            work(5);
            order.add("later");
        });
        assertThat(order).containsExactly("atomic", "fifo", "later");
    }

    @Test
    void fifoTasksOfOnePriorityDoNotTakeTurnsAndHigherOnesGoFirst() {
        onHart0(() -> {
            kernel().preemptDisable();
            kernel().wakeUpProcess(low(task("low", () -> work(9))));
            kernel().wakeUpProcess(fifo(task("one", () -> work(9))));
            kernel().wakeUpProcess(fifo(task("two", () -> work(9))));
            kernel().preemptEnable();
            kernel().schedule();
            order.add("normal");
        });
        assertThat(order).containsExactly("one", "two", "low", "normal");
    }

    @Test
    void aPreemptedFifoTaskGoesOnBeforeItsEquals() {
        onHart0(() -> {
            long high = fifo(task("high", () -> { }));
            kernel().preemptDisable();
            kernel().wakeUpProcess(low(task("first", () -> {
                kernel().wakeUpProcess(high);
                work(1);
            })));
            kernel().wakeUpProcess(low(task("second", () -> { })));
            kernel().preemptEnable();
            kernel().schedule();
        });
        assertThat(order).containsExactly("high", "first", "second");
    }

    @Test
    void aTaskThatWaitsForItsTurnIsMovedWhenItsPriorityChanges() {
        onHart0(() -> {
            long last = task("last", () -> { });
            kernel().wakeUpProcess(task("first", () -> { }));
            kernel().wakeUpProcess(last);
            kernel().schedSetFifo(last);
            work(1);
            order.add("setter");
        });
        assertThat(order).startsWith("last");
    }

    @Test
    void aTaskThatIsFifoNoMoreLeavesItsHartToOnesThatAre() {
        onHart0(() -> {
            kernel().schedSetFifo(fixture.cpu().tp());
            kernel().wakeUpProcess(low(task("low", () -> { })));
            order.add("high");
            kernel().schedSetNormal(fixture.cpu().tp(), 0);
            work(1);
            order.add("normal");
        });
        assertThat(order).containsExactly("high", "low", "normal");
    }

    @Test
    void aFifoTaskTakesAHartThatRunsSomethingLower() {
        int[] hart = {-1};
        long[] woken = new long[1];
        boolean[] end = new boolean[1];
        fixture.run(List.of(Job.on(1, () -> {
            while (!end[0]) {
                work(1);
            }
        }), Job.on(0, () -> {
            kernel().schedSetFifo(fixture.cpu().tp());
            woken[0] = kernel().kthreadCreate("free", fixture.text("free", (TaskEntry) unused -> {
                hart[0] = fixture.cpu().hartId();
                end[0] = true;
                return 0;
            }), 0);
            kernel().wakeUpProcess(low(woken[0]));
            work(10);
            check(hart[0] == 1, "it ran on hart " + hart[0]);
        })));
    }

    private long[] ranTogether(int nice) {
        long[] ran = new long[2];
        onHart0(() -> {
            long end = fixture.cpu().time() + 60 * MILLISECOND;
            for (int i = 0; i < 2; i++) {
                int number = i;
                long task = task("worker" + i, () -> {
                    while (fixture.cpu().time() < end) {
                        work(1);
                    }
                    ran[number] = TaskLayout.RUNTIME.get(fixture.peek(), fixture.cpu().tp());
                });
                kernel().setUserNice(task, i * nice);
                kernel().wakeUpProcess(task);
            }
        });
        return ran;
    }

    @Test
    void tasksShareAHartByTheWeightsOfTheirNiceValues() {
        long[] equal = ranTogether(0);
        assertThat((double) equal[0] / equal[1]).isBetween(0.85, 1.2);
        long[] nicer = ranTogether(5);
        assertThat((double) nicer[0] / nicer[1]).isBetween(2.5, 3.6);          // 1024 to 335
    }

    private String stat(long task) {
        int file = fixture.kernel().files().open("/proc/" + TaskLayout.PID.get(fixture.peek(), task) + "/stat",
                Fcntl.O_RDONLY);
        long page = fixture.zeroed(4096);
        byte[] bytes = new byte[fixture.kernel().files().read(file, page, 4096)];
        fixture.memory().read(page, bytes, 0, bytes.length);
        fixture.kernel().files().close(file);
        String[] fields = new String(bytes, StandardCharsets.UTF_8).strip().split(" ");
        return "priority " + fields[17] + " nice " + fields[18] + " rt_priority " + fields[39] + " policy "
                + fields[40];
    }

    @Test
    void pidStatShowsPrioritiesAsLinuxDoes() {
        onHart0(() -> {
            long me = fixture.cpu().tp();
            check(stat(me).equals("priority 20 nice 0 rt_priority 0 policy 0"), stat(me));
            kernel().setUserNice(me, -20);
            check(stat(me).equals("priority 0 nice -20 rt_priority 0 policy 0"), stat(me));
            kernel().setUserNice(me, 20);
            check(kernel().taskNice(me) == -20, "out of range");
            kernel().schedSetFifo(me);
            check(stat(me).equals("priority -51 nice -20 rt_priority 50 policy 1"), stat(me));
            kernel().schedSetFifoLow(me);
            check(stat(me).equals("priority -2 nice -20 rt_priority 1 policy 1"), stat(me));
            kernel().schedSetNormal(me, 19);
            check(stat(me).equals("priority 39 nice 19 rt_priority 0 policy 0"), stat(me));
        });
    }

    @Test
    void aTaskThatDoesNotExistHasNoPriority() {
        onHart0(() -> check(bugOf(() -> kernel().schedSetFifo(fixture.zeroed(TaskLayout.SIZE)))
                .contains("sched_set_fifo of the task at"), "no task"));
    }

    @Test
    void theThreadOfAnInterruptIsFifo() {
        fixture.run(() -> {
            long thread = fixture.text("thread", (IrqHandler) (irq, data) -> IrqReturn.IRQ_HANDLED);
            check(kernel().requestThreadedIrq(fixture.timerIrq(), 0, thread, IrqFlags.IRQF_ONESHOT,
                    "test", fixture.kernel().base().root()) == 0, "requested");
        });
        long task = fixture.kernel().tasks().tasks().all(fixture.peek()).stream()
                .filter(each -> TaskLayout.COMM.get(fixture.peek(), each).startsWith("irq/")).findFirst().orElseThrow();
        assertThat(Priorities.shown(fixture.peek(), task)).isEqualTo(-51);
        fixture.run(() -> kernel().freeIrq(fixture.timerIrq(), fixture.kernel().base().root()));
    }
}
