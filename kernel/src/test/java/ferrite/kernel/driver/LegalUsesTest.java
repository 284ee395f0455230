package ferrite.kernel.driver;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.sched.TimerFunction;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Correct code that testers wrote and that was reported, or that the kernel served wrongly. */
@Timeout(60)
class LegalUsesTest {

    private KernelFixture fixture;
    private long record;

    private void boot(long seed) {
        fixture = KernelFixture.options().harts(2).interleaving(Interleavings.RANDOM, seed).boot();
        fixture.run(() -> record = kernel().kzalloc(256, Gfp.GFP_KERNEL));
    }

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).extracting(Violation::summary).isEmpty();
        fixture.close();
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    @Test
    void whoOnlyTriesALockMayTryItInAnyOrder() {
        boot(1);
        fixture.run(() -> {
            kernel().spinLock(record);
            kernel().spinLock(record + 4);
            kernel().spinUnlock(record + 4);
            kernel().spinUnlock(record);
            kernel().spinLock(record + 4);
            check(kernel().spinTrylock(record), "nobody has the lock");
            kernel().spinUnlock(record);
            kernel().spinUnlock(record + 4);
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void twoTasksMayMoveOneTimer(long seed) {
        boot(seed);
        long function = fixture.text("test_nothing", (TimerFunction) data -> kernel().atomicInc(data));
        fixture.run(() -> kernel().setupTimer(record, function, record + 64));
        fixture.run(List.of(Job.on(0, () -> move(5)), Job.on(1, () -> move(4))));
        fixture.run(() -> {
            kernel().msleep(50);
            check(!kernel().delTimerSync(record) && !kernel().timerPending(record), "it is set still");
        });
    }

    private void move(int jiffies) {
        for (int i = 0; i < 100; i++) {
            kernel().modTimer(record, kernel().jiffies() + jiffies);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aTimerThatSetsItselfAgainIsGoneAfterDelTimerSync(long seed) {
        boot(seed);
        long function = fixture.text("test_again", (TimerFunction) data -> {
            for (int i = 0; i < 50; i++) {
                kernel().atomicInc(data + 64);
            }
            kernel().modTimer(data, kernel().jiffies());
            for (int i = 0; i < 50; i++) {
                kernel().atomicInc(data + 64);
            }
        });
        for (int round = 0; round < 10; round++) {
            int delay = 5 + round;
            fixture.run(List.of(
                    Job.on(0, () -> {
                        kernel().setupTimer(record, function, record);
                        kernel().modTimer(record, kernel().jiffies());
                        kernel().usleepRange(1000, 1000);
                    }),
                    Job.on(1, () -> {
                        kernel().udelay(delay);
                        kernel().delTimerSync(record);
                        kernel().usleepRange(2000, 2000);
                        kernel().delTimerSync(record);
                        check(!kernel().timerPending(record), "it is set after del_timer_sync");
                    })));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 4})
    void whoWaitedForACompletionMayFreeItAtOnce(long seed) {
        boot(seed);
        fixture.run(List.of(
                Job.on(0, () -> {
                    for (int i = 0; i < 100; i++) {
                        long completion = 0;
                        while (completion == 0) {
                            kernel().cpuRelax();
                            completion = kernel().atomicXchg(record, 0) & 0xffff_ffffL;
                        }
                        kernel().complete(completion);
                    }
                }),
                Job.on(1, () -> {
                    for (int i = 0; i < 100; i++) {
                        long completion = kernel().kzalloc(20, Gfp.GFP_KERNEL);
                        kernel().initCompletion(completion);
                        kernel().atomicSet(record, (int) completion);
                        kernel().waitForCompletion(completion);
                        kernel().memory().fill(completion, 0x5a, 20);
                        kernel().kfree(completion);
                    }
                })));
    }

    @Test
    void allThatKsizeSaysMayBeUsed() {
        boot(1);
        fixture.run(() -> {
            for (int bytes : new int[] {1, 33, 100, 5000, 70_000}) {
                long memory = kernel().kmalloc(bytes, Gfp.GFP_KERNEL);
                int size = kernel().ksize(memory);
                kernel().memory().store8(memory + size - 1, 1);
                kernel().kfree(memory);
            }
        });
    }
}
