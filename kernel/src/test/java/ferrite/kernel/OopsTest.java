package ferrite.kernel;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Turn;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.TaskLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A task that makes a forbidden access or call is ended and named, and the rest goes on. If a task cannot be ended, the
 * machine stops with a reason.
 */
@Timeout(60)
class OopsTest {

    private static final int KILLED = 139;

    private final KernelFixture fixture = KernelFixture.options().harts(4).boot();

    @AfterEach
    void close() {
        fixture.close();
    }

    /** Returns this file and the line after the call of this method. */
    private static String nextLine() {
        StackTraceElement here = new Throwable().getStackTrace()[1];
        return here.getFileName() + ":" + (here.getLineNumber() + 1);
    }

    @Test
    void aLoadFromWhereNothingIsMappedEndsTheTaskAndSaysWhere() {
        String[] line = new String[1];
        int code = fixture.exitCodeOf(() -> {
            line[0] = nextLine();
            fixture.memory().load32(0x1234_5678L);
            check(false, "it went on");
        });
        assertThat(code).isEqualTo(KILLED);
        assertThat(fixture.log).anySatisfy(text -> assertThat(text)
                .contains("Oops: unable to handle kernel load page fault at virtual address 0x12345678"));
        assertThat(fixture.log).anySatisfy(text -> assertThat(text).contains("'victim'").contains("at " + line[0]));
        fixture.run(() -> fixture.kernel().calls().kfree(fixture.kernel().calls().kmalloc(64, Gfp.GFP_KERNEL)));
    }

    @Test
    void aStoreToWhereNothingIsMappedEndsTheTaskAndSaysWhere() {
        String[] line = new String[1];
        int code = fixture.exitCodeOf(() -> {
            line[0] = nextLine();
            fixture.memory().store8(0xff00_0000L, 1);
        });
        assertThat(code).isEqualTo(KILLED);
        assertThat(String.join("", fixture.log)).contains("store page fault at virtual address 0xff000000")
                .contains("at " + line[0]);
    }

    @Test
    void aBulkCopyAndAnAtomicFaultLikeSingleAccesses() {
        String[] lines = new String[2];
        assertThat(fixture.exitCodeOf(() -> {
            lines[0] = nextLine();
            fixture.memory().fill(0x100, 0, 64);
        })).isEqualTo(KILLED);
        assertThat(fixture.exitCodeOf(() -> {
            lines[1] = nextLine();
            fixture.memory().amoSwap32(0x200, 1);
        })).isEqualTo(KILLED);
        assertThat(String.join("", fixture.log)).contains("0x00000100").contains("0x00000200")
                .contains("at " + lines[0]).contains("at " + lines[1]);
    }

    @Test
    void anAtomicAccessThatIsNotAlignedEndsTheTask() {
        assertThat(fixture.exitCodeOf(() -> fixture.memory().amoSwap32(fixture.zeroed(16) + 2, 1))).isEqualTo(KILLED);
        assertThat(String.join("", fixture.log)).contains("store address misaligned");
    }

    @Test
    void aFaultInsideAnAllocatorOrALockIsTheCallers() {
        String[] line = new String[1];
        assertThat(fixture.exitCodeOf(() -> {
            line[0] = nextLine();
            fixture.kernel().calls().copyToUser(0x10, fixture.zeroed(64), 64);
        })).isEqualTo(KILLED);
        assertThat(String.join("", fixture.log)).contains("at " + line[0]);
    }

    @Test
    void aMistakeInJavaEndsTheTaskAndSaysWhere() {
        String[] line = new String[1];
        int code = fixture.exitCodeOf(() -> {
            line[0] = nextLine();
            throw new IllegalStateException("confused");
        });
        assertThat(code).isEqualTo(KILLED);
        assertThat(String.join("", fixture.log)).contains("Oops: java.lang.IllegalStateException: confused")
                .contains("at " + line[0]);
        fixture.run(() -> { });
    }

    @Test
    void aBrokenRuleEndsTheTaskWithTheRulesWords() {
        String[] line = new String[1];
        int code = fixture.exitCodeOf(() -> {
            line[0] = nextLine();
            fixture.kernel().calls().virtToPhys(4);
        });
        assertThat(code).isEqualTo(KILLED);
        assertThat(String.join("", fixture.log)).contains(
                "Oops: virt_to_phys of 0x4, which is not an address of the linear map").contains("at " + line[0]);
    }

    @Test
    void whatAKilledTaskDidStaysAndItsJavaCannotGoOn() {
        long[] data = new long[1];
        fixture.run(() -> data[0] = fixture.zeroed(16));
        int code = fixture.exitCodeOf(() -> {
            fixture.memory().store32(data[0], 1);
            try {
                fixture.memory().load32(0x40);
            } finally {
                fixture.memory().store32(data[0] + 4, 2);
            }
        });
        assertThat(code).isEqualTo(KILLED);
        assertThat(fixture.peek().load32(data[0])).isEqualTo(1);
        assertThat(fixture.peek().load32(data[0] + 4)).as("stored while its frames were taken away").isZero();
    }

    @Test
    void othersGoOnWhileTasksAreKilled() {
        String before = fixture.accounting();
        int[] finished = new int[1];
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            boolean bad = i % 2 == 0;
            jobs.add(new Job("task", fixture.allHarts(), () -> {
                for (int step = 0; step < 20; step++) {
                    fixture.kernel().calls().kfree(fixture.kernel().calls().kmalloc(100, Gfp.GFP_KERNEL));
                }
                fixture.memory().load32(bad ? 0x10 : fixture.cpu().tp());
                finished[0]++;
            }, true));
        }
        fixture.run(jobs);
        assertThat(finished[0]).isEqualTo(20);
        assertThat(fixture.log.stream().filter(line -> line.contains("Oops:"))).hasSize(20);
        assertThat(fixture.accounting()).isEqualTo(before);
    }

    @Test
    void afterAKilledTaskItsHartTakesInterruptsAndOthersSleepAndWake() {
        for (int i = 0; i < 3; i++) {
            fixture.exitCodeOf(() -> fixture.memory().load32(0x40));
            fixture.run(fixture.onEveryHart(hart -> {
                check(fixture.cpu().irqsEnabled(), "interrupts are off");
                check(TaskLayout.PREEMPT_COUNT.get(fixture.memory(), fixture.cpu().tp()) == 0, "preemption is off");
            }));
        }
    }

    @Test
    void aFaultUnderASpinlockStopsTheMachineForNobodyWouldReleaseIt() {
        String[] line = new String[1];
        Turn.Stop stop = fixture.runToStop(List.of(new Job("victim", 1, () -> {
            fixture.kernel().base().driverLocks().lock(fixture.zeroed(8));
            line[0] = nextLine();
            fixture.memory().load32(0x40);
        }, true)));
        assertThat(stop).isEqualTo(Turn.Stop.PANIC);
        assertThat(fixture.machine.turn().panic()).isInstanceOf(KernelPanic.class).hasMessageContaining("0x00000040")
                .hasMessageContaining(line[0]);
    }

    @Test
    void aMistakeUnderASpinlockStopsTheMachine() {
        Turn.Stop stop = fixture.runToStop(List.of(new Job("victim", 1, () -> {
            fixture.kernel().base().driverLocks().lock(fixture.zeroed(8));
            throw new IllegalStateException("confused");
        }, true)));
        assertThat(stop).isEqualTo(Turn.Stop.PANIC);
        assertThat(fixture.machine.turn().panic()).hasMessageContaining("confused")
                .hasMessageContaining("in an atomic section");
    }

    // ---- errors of Java ----

    private int deep(int depth) {
        return fixture.memory().load32(fixture.cpu().tp()) + deep(depth + 1);
    }

    @Test
    void aFullStackEndsTheTaskAndTheMachineGoesOn() {
        assertThat(fixture.exitCodeOf(() -> deep(0))).isEqualTo(KILLED);
        assertThat(String.join("", fixture.log)).contains("Oops: java.lang.StackOverflowError")
                .contains("OopsTest.java:");
        fixture.run(() -> fixture.kernel().calls().kfree(fixture.kernel().calls().kmalloc(64, Gfp.GFP_KERNEL)));
    }

    /** Interrupts come at every depth of the stack that fills, also at the last. */
    @Test
    void aFullStackDoesNotCutOffTheMachinesOwnWork() {
        int[] full = new int[1];
        fixture.runUnderInterrupts(200, () -> { }, List.of(Job.on(0, () -> {
            for (int i = 0; i < 50; i++) {
                try {
                    deep(0);
                } catch (StackOverflowError e) {
                    full[0]++;
                }
            }
        })));
        assertThat(full[0]).isEqualTo(50);
    }

    @Test
    void aFullHeapEndsTheTaskThatFilledIt() {
        assertThat(fixture.exitCodeOf(() -> check(new long[Integer.MAX_VALUE].length > 0, "so much memory")))
                .isEqualTo(KILLED);
        assertThat(String.join("", fixture.log)).contains("Oops: java.lang.OutOfMemoryError");
        fixture.run(() -> { });
    }

    @Test
    void errorsOfADriversClassesEndTheTask() {
        for (Error error : List.of(new AssertionError("wrong"), new NoClassDefFoundError("Missing"),
                new ExceptionInInitializerError("badly"))) {
            assertThat(fixture.exitCodeOf(() -> {
                throw error;
            })).isEqualTo(KILLED);
            assertThat(String.join("", fixture.log)).contains("Oops: " + error);
        }
        fixture.run(() -> { });
    }

    @Test
    void aFullStackWhileInterruptsAreOffStopsTheMachine() {
        Turn.Stop stop = fixture.runToStop(List.of(new Job("victim", 1, () -> {
            fixture.cpu().irqDisable();
            deep(0);
        }, true)));
        assertThat(stop).isEqualTo(Turn.Stop.PANIC);
        assertThat(fixture.machine.turn().panic()).isInstanceOf(KernelPanic.class)
                .hasMessageContaining("StackOverflowError").hasMessageContaining("in an atomic section");
    }

    @Test
    void aDriverThatCatchesThePanicDoesNotGoOn() {
        int[] went = new int[1];
        Turn.Stop stop = fixture.runToStop(List.of(new Job("victim", 1, () -> {
            fixture.kernel().base().driverLocks().lock(fixture.zeroed(8));
            try {
                fixture.memory().load32(0x40);
            } catch (Throwable everything) {
                fixture.memory().load32(fixture.cpu().tp());
                went[0]++;
            }
        }, true)));
        assertThat(stop).isEqualTo(Turn.Stop.PANIC);
        assertThat(fixture.machine.turn().panic()).hasMessageContaining("0x00000040");
        assertThat(went[0]).isZero();
    }

    // ---- the report ----

    @Test
    void theReportHasTheJavaFramesWithTheirLines() {
        String[] line = new String[1];
        for (Runnable mistake : List.<Runnable>of(() -> fixture.memory().load32(0x40), () -> {
            throw new IllegalStateException("confused");
        })) {
            fixture.exitCodeOf(() -> {
                line[0] = nextLine();
                mistake.run();
            });
            assertThat(fixture.takeViolations()).singleElement().satisfies(report -> {
                assertThat(report.line("stack")).startsWith("ferrite.kernel.OopsTest.lambda$theReport");
                assertThat(report.lines()).anySatisfy(frame -> assertThat(frame.text()).endsWith("(" + line[0] + ")"));
            });
        }
    }

    @Test
    void theReportNamesTheLocksThatTheTaskHoldsAndNoOthers() {
        String[] line = new String[1];
        fixture.exitCodeOf(() -> {
            long held = mutex();
            long released = mutex();
            fixture.kernel().calls().mutexLock(released);
            fixture.kernel().calls().mutexUnlock(released);
            line[0] = nextLine();
            fixture.kernel().calls().mutexLock(held);
            throw new IllegalStateException("confused");
        });
        assertThat(fixture.takeViolations()).singleElement().satisfies(report -> assertThat(report.lines().stream()
                .filter(each -> each.label().equals("held"))).singleElement().satisfies(held ->
                assertThat(held.text()).startsWith("mutex_lock at " + line[0] + " by task")));
    }

    private long mutex() {
        long mutex = fixture.zeroed(64);
        fixture.kernel().calls().mutexInit(mutex);
        return mutex;
    }
}
