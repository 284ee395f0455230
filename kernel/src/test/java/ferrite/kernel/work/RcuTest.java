package ferrite.kernel.work;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.sched.HrTimerFunction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Readers of RCU never see memory that was freed after a grace period. */
@Timeout(60)
class RcuTest {

    private static final int LIVE = 0x1234_5678;

    private KernelFixture fixture;
    private long pointer;

    @AfterEach
    void close() {
        if (fixture != null) {
            fixture.close();
        }
    }

    private void boot(int harts, Interleavings policy) {
        fixture = KernelFixture.options().harts(harts).interleaving(policy, 3).boot();
        fixture.run(() -> {
            pointer = kernel().kzalloc(64, Gfp.GFP_KERNEL);
            kernel().rcuAssignPointer(pointer, newObject());
        });
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private long newObject() {
        long object = kernel().kmalloc(32, Gfp.GFP_KERNEL);
        kernel().memory().store32(object, LIVE);
        return object;
    }

    private void read() {
        kernel().rcuReadLock();
        long object = kernel().rcuDereference(pointer);
        for (int i = 0; i < 20; i++) {
            check(kernel().memory().load32(object) == LIVE, "a reader sees a freed object");
        }
        kernel().rcuReadUnlock();
    }

    private void kill(long object) {
        kernel().memory().store32(object, 0);
        kernel().kfree(object);
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void noReaderSeesWhatIsFreedAfterAGracePeriod(Interleavings policy) {
        boot(4, policy);
        boolean[] done = new boolean[1];
        List<Job> jobs = new ArrayList<>();
        for (int hart = 1; hart < 4; hart++) {
            jobs.add(Job.on(hart, () -> {
                while (!done[0]) {
                    read();
                }
            }));
        }
        jobs.add(Job.on(0, () -> {
            for (int i = 0; i < 4; i++) {
                long old = kernel().rcuDereference(pointer);
                kernel().rcuAssignPointer(pointer, newObject());
                kernel().synchronizeRcu();
                kill(old);
            }
            done[0] = true;
        }));
        fixture.run(jobs);
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void callRcuCallsItsFunctionsInTheirOrderAfterAGracePeriodAlsoFromAnInterrupt() {
        boot(2, Interleavings.RANDOM);
        List<Long> freed = new ArrayList<>();
        boolean[] reading = new boolean[1];
        long function = fixture.text("free", (RcuFunction) head -> {
            check(!reading[0], "a reader is left");
            check(kernel().inInterrupt(), "softirqs are enabled");
            freed.add(head);
            kernel().kfree(head);
        });
        long[] heads = new long[3];
        long interrupt = fixture.text("calls", (HrTimerFunction) timer -> {
            kernel().callRcu(heads[2], function);
            return false;
        });
        fixture.run(() -> {
            for (int i = 0; i < heads.length; i++) {
                heads[i] = kernel().kmalloc(32, Gfp.GFP_KERNEL);
            }
        });
        fixture.run(List.of(
                Job.on(1, () -> {
                    kernel().rcuReadLock();
                    reading[0] = true;
                    kernel().udelay(5000);
                    reading[0] = false;
                    kernel().rcuReadUnlock();
                }),
                Job.on(0, () -> {
                    while (!reading[0]) {
                        kernel().cpuRelax();
                    }
                    kernel().callRcu(heads[0], function);
                    kernel().callRcu(heads[1], function);
                    kernel().rcuBarrier();
                    check(freed.equals(List.of(heads[0], heads[1])), "freed " + freed);
                    long timer = fixture.zeroed(64);
                    kernel().hrtimerInit(timer, interrupt);
                    kernel().hrtimerStart(timer, 1000, KernelCalls.HRTIMER_MODE_REL);
                    kernel().msleep(1);
                    kernel().rcuBarrier();
                })));
        assertThat(freed).containsExactly(heads[0], heads[1], heads[2]);
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void aSleepInAReadersSectionIsReported() {
        boot(1, Interleavings.RR);
        fixture.run(() -> {
            kernel().rcuReadLock();
            kernel().kfree(kernel().kmalloc(8, Gfp.GFP_KERNEL));
            kernel().rcuReadUnlock();
        });
        List<Violation> told = fixture.takeViolations();
        assertThat(told).extracting(Violation::rule).containsExactly("sleep-in-atomic");
        assertThat(told.toString()).contains("since rcu_read_lock at RcuTest.java:");
    }

    @Test
    void aGracePeriodIsNotStarvedByManyCallsOfCallRcu() {
        boot(2, Interleavings.RR);
        boolean[] stop = new boolean[1];
        long function = fixture.text("frees", (RcuFunction) head -> kernel().kfree(head));
        long feeds = fixture.text("feeds", (HrTimerFunction) timer -> {
            kernel().callRcu(kernel().kmalloc(32, Gfp.GFP_ATOMIC), function);
            kernel().hrtimerForwardNow(timer, 500_000);
            return !stop[0];
        });
        fixture.run(() -> {
            long timer = fixture.zeroed(64);
            kernel().hrtimerInit(timer, feeds);
            kernel().hrtimerStart(timer, 500_000, KernelCalls.HRTIMER_MODE_REL);
            kernel().msleep(4);
            int before = kernel().jiffies();
            kernel().synchronizeRcu();
            int took = kernel().jiffies() - before;
            stop[0] = true;
            check(took < 20, "synchronize_rcu took " + took + " jiffies");
            kernel().msleep(4);
            kernel().hrtimerCancel(timer);
            kernel().rcuBarrier();
        });
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void freeingWhatCallRcuWillFreeAndCallingItTwiceAreReported() {
        boot(1, Interleavings.RR);
        long function = fixture.text("nothing", (RcuFunction) head -> { });
        fixture.run(() -> {
            long object = kernel().kzalloc(32, Gfp.GFP_KERNEL);
            kernel().callRcu(object, function);
            check(KernelFixture.bugOf(() -> kernel().callRcu(object, function)).contains("call it once"), "twice");
            kernel().rcuBarrier();
            kernel().callRcu(object, function);
            kernel().rcuBarrier();
            kernel().kfree(object);
        });
        assertThat(fixture.takeViolations()).isEmpty();
        fixture.runToStop(List.of(Job.on(0, () -> {
            long object = kernel().kzalloc(32, Gfp.GFP_KERNEL);
            kernel().callRcu(object, function);
            kernel().kfree(object);
        })));
        assertThat(fixture.takeViolations().get(0).toString()).contains("use-after-free")
                .contains("an rcu_head in it that waits for its grace period");
    }
}
