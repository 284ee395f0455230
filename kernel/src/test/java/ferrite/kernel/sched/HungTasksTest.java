package ferrite.kernel.sched;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Checks;
import ferrite.kernel.driver.KernelCalls;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks that sleep too long, and harts that do not leave an atomic section. */
@Timeout(60)
class HungTasksTest {

    private KernelFixture fixture;
    private long record;

    @AfterEach
    void close() {
        if (fixture != null) {
            fixture.close();
        }
    }

    private void boot(String arguments) {
        boot(arguments, Checks.DEFAULT);
    }

    private void boot(String arguments, Checks checks) {
        fixture = KernelFixture.options().harts(2).bootArguments(arguments).checks(checks).boot();
        fixture.run(() -> record = kernel().kzalloc(64, Gfp.GFP_KERNEL));
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    /** Returns the reports but those of the fixture's own task, which waits for the others. */
    private List<Violation> told() {
        return fixture.takeViolations().stream().filter(one -> !one.summary().contains("task fixture:")).toList();
    }

    private void holdAMutexFor(int seconds) {
        fixture.run(() -> kernel().mutexInit(record));
        fixture.run(List.of(
                Job.on(0, () -> {
                    kernel().mutexLock(record);
                    kernel().ssleep(seconds);
                    kernel().mutexUnlock(record);
                }),
                Job.of("waits", 2, () -> {
                    kernel().msleep(10);
                    kernel().mutexLock(record);
                    kernel().mutexUnlock(record);
                }),
                Job.on(1, () -> {
                    for (int i = 0; i < 2 * seconds; i++) {
                        kernel().msleepInterruptible(500);
                    }
                })));
    }

    @Test
    void aTaskThatSleepsTooLongIsToldWithWhatItWaitsForWhileTheMachineRuns() {
        boot("hung_task_timeout_secs=3");
        holdAMutexFor(5);
        List<Violation> told = told();
        assertThat(told).extracting(Violation::rule).containsOnly("hung-task");
        assertThat(told.toString()).containsPattern("task waits:\\d+ blocked for more than 3 seconds")
                .containsPattern("waits.*for the lock that task \\d+ '.*' took with mutex_lock at HungTasksTest.java:");
        assertThat(told).filteredOn(one -> one.toString().contains("task waits:")).as("told once").hasSize(1);
    }

    @Test
    void aTaskThatSleepsLessOrInterruptiblyIsNotTold() {
        boot("hung_task_timeout_secs=6");
        holdAMutexFor(5);
        fixture.run(() -> check(kernel().msleepInterruptible(20_000) == 0, "a signal came"));
        assertThat(told()).isEmpty();
        fixture.close();
        boot("hung_task_timeout_secs=0");
        holdAMutexFor(130);
        assertThat(told()).isEmpty();
    }

    @Test
    void aHartThatStaysInAnAtomicSectionIsToldOnceWithTheLineThatBeganIt() {
        boot("watchdog_thresh=1");
        SoftLockups lockups = new SoftLockups(fixture.kernel().base());
        long second = Clock.TICKS_PER_SECOND;
        fixture.run(() -> {                            // the time that passes here is too short to wait for
            long task = fixture.cpu().tp();
            kernel().spinLock(record);
            int hart = fixture.cpu().hartId();
            lockups.switches(hart, 0);
            lockups.look(hart, task, second);
            lockups.switches(hart, second);
            lockups.look(hart, task, 3 * second);
            check(fixture.violations.isEmpty(), "it was told too early");
            lockups.look(hart, task, 3 * second + 1);
            lockups.look(hart, task, 9 * second);
            kernel().spinUnlock(record);
        });
        assertThat(fixture.takeViolations()).singleElement().satisfies(one -> {
            assertThat(one.rule()).isEqualTo("soft-lockup");
            assertThat(one.toString()).containsPattern("soft lockup - CPU#\\d stuck for 2s! \\[.*:\\d+\\]")
                    .contains("spin_lock at HungTasksTest.java:");
        });
    }

    @Test
    void aRunOfTwoSecondsInASectionIsToldAtItsLine() {
        boot("watchdog_thresh=1");
        fixture.run(List.of(Job.on(0, () -> {
            long end = kernel().getCycles() + 2 * Clock.TICKS_PER_SECOND + Clock.TICKS_PER_SECOND / 20;
            fixture.machine.turn().limitInstructions(end + Clock.TICKS_PER_SECOND);
            kernel().spinLock(record);
            while (kernel().getCycles() < end) {
                kernel().memory().load32(record + 32);
            }
            kernel().spinUnlock(record);
        })));
        assertThat(fixture.takeViolations()).singleElement()
                .satisfies(one -> assertThat(one.toString()).containsPattern("where, text=at HungTasksTest.java:\\d+")
                        .containsPattern("began, text=spin_lock at HungTasksTest.java:\\d+"));
    }

    @Test
    void theChecksChangeNoRunAndAWrongNumberIsRefused() {
        boot("hung_task_timeout_secs=1");
        holdAMutexFor(3);
        var checked = fixture.machine.digest();
        assertThat(fixture.takeViolations()).isNotEmpty();
        fixture.close();
        boot("hung_task_timeout_secs=1", Checks.NONE);
        holdAMutexFor(3);
        assertThat(fixture.machine.digest()).isEqualTo(checked);
        fixture.close();
        fixture = null;
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> boot("watchdog_thresh=soon")))
                .hasMessageContaining("must be a number of seconds").hasMessageContaining("watchdog_thresh=60");
    }

    @Test
    void aMachineThatStandsStillStopsAndTellsWhoSleeps() {
        boot("");
        Turn.Stop stop = fixture.runToStop(List.of(Job.of("sleeper", 1, () -> {
            kernel().semaInit(record, 0);
            kernel().down(record);
        })));
        assertThat(stop).isEqualTo(Turn.Stop.ALL_WAIT);
        fixture.kernel().tasks().hungTasks().report();
        assertThat(fixture.takeViolations().toString()).contains("sleeps, and nothing is left that could wake it");
    }
}
