package ferrite.kernel.sched;

import static ferrite.kernel.KernelFixture.bugOf;
import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.PtRegsLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.ThreadLayout;
import ferrite.kernel.check.Checks;
import ferrite.kernel.driver.KernelCalls;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Kernel stacks in RAM: the stack pointer of each task and hart, locals of functions, guard pages, and mistakes. */
@Timeout(60)
class TaskStacksTest {

    private static final int KILLED = 139;
    private static final int PAGE = AddressSpace.PAGE_SIZE;

    private KernelFixture fixture = KernelFixture.options().harts(2).boot();

    @AfterEach
    void close() {
        fixture.close();
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private long current() {
        return fixture.cpu().tp();
    }

    private long stack() {
        return TaskLayout.STACK.get(fixture.peek(), current());
    }

    private long sp() {
        return fixture.cpu().sp();
    }

    private void store(long va, int value) {
        kernel().memory().store32(va, value);
    }

    private int load(long va) {
        return kernel().memory().load32(va);
    }

    // ---- locals ----

    @Test
    void aTaskBeginsBelowTheRegistersOfItsProgram() {
        assertThat(PtRegsLayout.SIZE).isEqualTo(144);
        fixture.run(() -> check(sp() == stack() + ThreadLayout.THREAD_SIZE - PtRegsLayout.SIZE && sp() % 16 == 0,
                "the first sp"));
    }

    @Test
    void aLocalLiesOnTheStackOfItsTaskUntilTheFunctionReturns() {
        fixture.run(() -> {
            long before = sp();
            int result = kernel().onStack(20, local -> {
                check(local == sp() && local % 16 == 0 && local >= stack(), "below the caller's locals");
                check(before - sp() == 32, "20 bytes, and ra and s0, in a multiple of 16");
                store(local, 7);
                store(local + 16, 8);
                return load(local) + load(local + 16) + kernel().onStack(1, inner -> {
                    check(inner < local, "further down");
                    return 100;
                });
            });
            check(result == 115, "the result " + result);
            check(sp() == before, "sp is where it was");
        });
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void anExceptionLeavesAFunctionAsAReturnDoes() {
        fixture.run(() -> {
            long before = sp();
            try {
                kernel().onStack(64, local -> {
                    throw new IllegalStateException("given up");
                });
            } catch (IllegalStateException expected) {
                check(sp() == before, "sp is where it was");
                return;
            }
            check(false, "it went on");
        });
    }

    @Test
    void aTaskThatAFaultKillsInAFunctionClosesItsFilesOnTheStackOfItsCaller() {
        AtomicLong first = new AtomicLong();
        AtomicLong atTheEnd = new AtomicLong();
        long closing = fixture.text("closing", new ferrite.kernel.fs.FileOperations() {
            @Override
            public void release(long file) {
                atTheEnd.set(sp());
            }
        });
        fixture.run(() -> check(fixture.kernel().files().devices().register("closing", closing, 0) == 0, "register"));
        assertThat(fixture.exitCodeOf(() -> {
            first.set(sp());
            fixture.kernel().files().open("/dev/closing", ferrite.kernel.fs.Fcntl.O_RDONLY);
            kernel().onStack(256, local -> load(0x1000));
        })).isEqualTo(KILLED);
        assertThat(atTheEnd.get()).isEqualTo(first.get());
    }

    @Test
    void eachTaskHasItsOwnStackAndKeepsItsLocalsAcrossSleeps() {
        long[] locals = new long[4];
        List<Job> jobs = java.util.stream.IntStream.range(0, 4).mapToObj(number ->
                Job.of("job" + number, 0b11, () -> kernel().onStack(16, local -> {
                    locals[number] = local;
                    for (int i = 0; i < 5; i++) {
                        store(local, number * 10 + i);
                        kernel().msleep(1);
                        check(sp() == local && load(local) == number * 10 + i, "its own local");
                    }
                    return 0;
                }))).toList();
        fixture.run(jobs);
        assertThat(locals).doesNotHaveDuplicates().doesNotContain(0);
        assertThat(fixture.takeViolations()).isEmpty();
    }

    // ---- interrupts and softirqs ----

    @Test
    void handlersRunOnTheStackOfTheirHart() {
        AtomicLong inHandler = new AtomicLong();
        AtomicLong inTask = new AtomicLong();
        fixture.runUnderInterrupts(5_000, () -> inHandler.set(kernel().onStack(16, local -> {
            store(local, 1);
            return (int) local;
        }) & 0xffff_ffffL), List.of(Job.on(0, () -> {
            inTask.set(sp());
            for (int i = 0; i < 20_000; i++) {
                check(sp() == inTask.get(), "an interrupt gives sp back");
                load(fixture.kernel().base().root());
            }
        })));
        TaskStacks stacks = fixture.kernel().tasks().stacks();
        assertThat(stacks.whose(fixture.peek(), inHandler.get())).isEqualTo("the interrupt stack of hart 0");
        assertThat(inTask.get()).isNotZero();
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void softirqsRunOnTheStackOfTheHartAlsoInTheirTask() {
        AtomicLong inTimer = new AtomicLong();
        AtomicLong inEnable = new AtomicLong();
        fixture.run(List.of(Job.on(0, () -> {
            long tasklet = fixture.zeroed(TaskletLayout.SIZE);
            kernel().taskletInit(tasklet, fixture.text("tasklet", (TimerFunction) data -> inEnable.set(sp())), 0);
            kernel().localBhDisable();
            kernel().taskletSchedule(tasklet);
            long before = sp();
            kernel().localBhEnable();
            check(sp() == before, "sp is where it was");
            long timer = fixture.zeroed(TimerLayout.SIZE);
            kernel().setupTimer(timer, fixture.text("timer", (TimerFunction) data -> inTimer.set(sp())), 0);
            kernel().modTimer(timer, kernel().jiffies() + 1);
            kernel().msleep(20);
        })));
        TaskStacks stacks = fixture.kernel().tasks().stacks();
        assertThat(stacks.whose(fixture.peek(), inTimer.get())).isEqualTo("the interrupt stack of hart 0");
        assertThat(stacks.whose(fixture.peek(), inEnable.get())).isEqualTo("the interrupt stack of hart 0");
    }

    @Test
    void aReservedTaskCostsOnlyItsRecordUntilItRuns() {
        long reserved = ferrite.kernel.base.PerCpuLayout.KSOFTIRQD.get(fixture.peek(),
                fixture.kernel().tasks().scheduler().record(0));
        assertThat(TaskLayout.STACK.get(fixture.peek(), reserved)).isZero();
        fixture.run(() -> fixture.kernel().tasks().tasks().wakeReserved(reserved));
        assertThat(TaskLayout.STACK.get(fixture.peek(), reserved)).isNotZero();
        assertThat(ThreadLayout.SP.get(fixture.peek(), TaskLayout.THREAD.at(reserved)))
                .isEqualTo(ThreadLayout.initialSp(TaskLayout.STACK.get(fixture.peek(), reserved)));
    }

    // ---- overflows ----

    @Test
    void anAccessBelowTheStackHitsTheGuardPage() {
        long[] at = new long[1];
        assertThat(fixture.exitCodeOf(() -> {
            at[0] = stack();
            kernel().onStack(16, local -> {
                store(stack(), 1);                     // the lowest word: below sp, and mapped
                fixture.memory().store32(stack() - 4, 1);
                return 0;
            });
        })).isEqualTo(KILLED);
        assertThat(fixture.takeViolations()).extracting(Violation::rule)
                .containsExactly("stack-use-after-return", "stack-overflow");
        assertThat(String.join("\n", fixture.log)).contains("TASK stack guard page was hit at 0x"
                + Long.toHexString(at[0] - 4) + " (stack is 0x" + Long.toHexString(at[0]) + "..0x"
                + Long.toHexString(at[0] + 8191) + ")");
    }

    @Test
    void theStackOfTheBootHartsInterruptsHasAGuardPageToo() {
        long lowest = fixture.kernel().mm().stacks().all(fixture.peek()).get(0);
        assertThat(fixture.peek().translate(lowest)).isPositive();
        assertThat(fixture.peek().translate(lowest - 4)).isNegative();
    }

    private int recurse(int depth, int bytes) {
        return depth == 0 ? 0 : kernel().onStack(bytes, local -> recurse(depth - 1, bytes));
    }

    @Test
    void localsThatDoNotFitAreAnOverflowAtTheirLine() {
        fixture.run(() -> check(recurse(15, 500) == 0, "7680 bytes and their frames fit"));
        assertThat(fixture.takeViolations()).isEmpty();
        assertThat(fixture.exitCodeOf(() -> recurse(16, 500))).isEqualTo(KILLED);
        assertThat(fixture.takeViolations()).hasSize(1).first().satisfies(report -> {
            assertThat(report.rule()).isEqualTo("stack-overflow");
            assertThat(report.toString()).contains("500 bytes for a local on the kernel stack of task")
                    .contains("'victim'").contains("TaskStacksTest.java");
        });
    }

    @Test
    void anOverflowEndsTheTaskWhicheverRulesAreChecked() {
        fixture.close();
        fixture = KernelFixture.options().harts(2).checks(Checks.NONE).boot();
        assertThat(fixture.exitCodeOf(() -> recurse(16, 500))).isEqualTo(KILLED);
        fixture.run(() -> check(bugOf(() -> kernel().onStack(0, local -> 0)).contains("at least one"), "no bytes"));
    }

    @Test
    void anOverflowInAHandlerStopsTheMachine() {
        fixture.runToStop(List.of(Job.of("softirq", 1, () -> {
            long timer = fixture.zeroed(TimerLayout.SIZE);
            kernel().setupTimer(timer, fixture.text("deep", (TimerFunction) data -> recurse(16, 500)), 0);
            kernel().modTimer(timer, kernel().jiffies() + 1);
            kernel().msleep(20);
        })));
        assertThat(fixture.machine.turn().panic()).isInstanceOf(KernelPanic.class)
                .hasMessageContaining("the interrupt stack of hart 0");
    }

    // ---- mistakes with locals ----

    @Test
    void aLocalIsNotUsedAfterItsFunctionHasReturned() {
        fixture.run(() -> {
            long[] kept = new long[1];
            kernel().onStack(8, local -> {
                kept[0] = local;
                store(local, 1);
                return 0;
            });
            load(kept[0]);
        });
        assertThat(fixture.takeViolations()).hasSize(1).first().satisfies(report -> {
            assertThat(report.rule()).isEqualTo("stack-use-after-return");
            assertThat(report.toString()).contains("in a local of 8 bytes whose function has returned")
                    .contains("the kernel stack of task").contains("'body'");
        });
    }

    @Test
    void aStorePastALocalHitsTheReturnAddress() {
        fixture.run(() -> kernel().onStack(24, local -> {
            store(local + 20, 1);                      // the last word: legal
            store(local + 24, 1);
            return 0;
        }));
        assertThat(fixture.takeViolations()).hasSize(1).first().satisfies(report -> {
            assertThat(report.rule()).isEqualTo("stack-overrun");
            assertThat(report.toString()).contains("just past a local of 24 bytes");
        });
    }

    private void completeLater(boolean waitsLongEnough) {
        kernel().onStack(CompletionLayout.SIZE, done -> {
            kernel().initCompletion(done);
            long timer = fixture.zeroed(TimerLayout.SIZE);
            kernel().setupTimer(timer, fixture.text("finish", (TimerFunction) data -> kernel().complete(done)), 0);
            kernel().modTimer(timer, kernel().jiffies() + 5);
            return kernel().waitForCompletionTimeout(done, waitsLongEnough ? 50 : 1);
        });
        kernel().msleep(60);
    }

    @Test
    void aCompletionOnTheStackMustOutliveItsUsers() {
        fixture.run(() -> completeLater(true));
        assertThat(fixture.takeViolations()).isEmpty();
        fixture.run(() -> completeLater(false));
        assertThat(fixture.takeViolations()).extracting(Violation::rule).contains("stack-use-after-return");
    }

    @Test
    void aFunctionReturnsWithATimerOfItsOwnStillSet() {
        fixture.run(() -> kernel().onStack(TimerLayout.SIZE, timer -> {
            kernel().setupTimer(timer, fixture.text("own", (TimerFunction) data -> { }), 0);
            kernel().modTimer(timer, kernel().jiffies() + 5);
            kernel().delTimerSync(timer);
            return 0;
        }));
        assertThat(fixture.takeViolations()).isEmpty();
        long[] left = new long[1];
        fixture.run(() -> {
            kernel().onStack(TimerLayout.SIZE, timer -> {
            kernel().setupTimer(timer, fixture.text("left", (TimerFunction) data -> { }), 0);
            kernel().modTimer(timer, kernel().jiffies() + 5);
            left[0] = timer;
            return 0;
        });
            kernel().delTimer(left[0]);
        });
        assertThat(fixture.takeViolations()).extracting(Violation::rule).startsWith("use-after-free");
    }

    // ---- memory ----

    @Test
    void aStackIsFreedWhenItsTaskIsReaped() {
        long entry = fixture.text("unborn", (TaskEntry) unused -> 0);
        fixture.run(() -> { });
        String memory = fixture.accounting();
        String areas = fixture.proc("vmallocinfo");
        for (int i = 0; i < 10; i++) {
            fixture.run(List.of(Job.on(i % 2, () -> { }), Job.on(0, () -> { }), Job.on(1, () -> { })));
            fixture.run(() -> kernel().kthreadStop(kernel().kthreadCreate("unborn", entry, 0)));
        }
        assertThat(fixture.accounting()).isEqualTo(memory);
        assertThat(fixture.proc("vmallocinfo")).isEqualTo(areas);
    }

    @Test
    void withoutMemoryForAStackThereIsNoTask() {
        fixture.close();
        fixture = KernelFixture.options().bootArguments("fail_page_alloc=1,100,0,-1").boot();
        fixture.run(() -> {
            fixture.kernel().mm().pages().failures().arm(false);
            kernel().kfree(kernel().kmalloc(64, ferrite.kernel.base.Gfp.GFP_KERNEL));
            fixture.kernel().mm().pages().failures().arm(true);
            check(kernel().kthreadCreate("none", 0, 0) == 0, "a task without a stack");
        });
        long reserved = ferrite.kernel.base.PerCpuLayout.KSOFTIRQD.get(fixture.peek(),
                fixture.kernel().tasks().scheduler().record(0));
        fixture.run(() -> {
            fixture.kernel().tasks().tasks().wakeReserved(reserved);
            kernel().msleep(20);
            check(TaskLayout.STACK.get(fixture.peek(), reserved) == 0, "a stack out of nothing");
            fixture.kernel().mm().pages().failures().arm(false);
            kernel().msleep(20);
            check(TaskLayout.STACK.get(fixture.peek(), reserved) != 0, "it asks again");
        });
    }

    @Test
    void meminfoCountsTheStacksOfTasksAndHarts() {
        int tasks = (int) fixture.kernel().tasks().tasks().all(fixture.peek()).stream()
                .filter(task -> TaskLayout.STACK.get(fixture.peek(), task) != 0).count();
        assertThat(fixture.proc("meminfo")).containsPattern("KernelStack: +" + (tasks + 2) * 8 + " kB");
        assertThat(fixture.proc("vmallocinfo")).containsPattern("12288 dup_task_struct pages=2 vmalloc");
    }

    @Test
    void aStackIsNoAreaOfADriver() {
        fixture.run(() -> kernel().vfree(stack()));
        assertThat(fixture.takeViolations()).hasSize(1).first().satisfies(report -> {
            assertThat(report.rule()).isEqualTo("area-bad-free");
            assertThat(report.toString()).contains("a kernel stack");
        });
        fixture.run(() -> kernel().onStack(PAGE, local -> load(local)));
    }

    @Test
    void aKernelThatAttachesKnowsTheStacks() {
        long[] old = new long[1];
        fixture.run(() -> old[0] = kernel().onStack(16, local -> (int) local) & 0xffff_ffffL);
        fixture.reattach();
        assertThat(fixture.kernel().base().states().stacks().stackOf(
                fixture.kernel().mm().stacks().all(fixture.peek()).get(1))).isNotZero();
        fixture.run(() -> check(kernel().onStack(16, local -> sp() == local ? 1 : 0) == 1, "it goes on"));
    }
}
