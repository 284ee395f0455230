package ferrite.kernel.base;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.KernelFixture;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class SpinLockTest {

    private static final int HARTS = 8;
    private static final int TIMES = 1000;
    private static final int LOCK = 0;
    private static final int COUNTER = 4;

    private static KernelFixture boot(Interleavings interleaving, long seed) {
        return KernelFixture.options().harts(HARTS).interleaving(interleaving, seed).boot();
    }

    private static long zeroed(KernelFixture fixture) {
        long[] va = new long[1];
        fixture.run(() -> va[0] = fixture.zeroed(64));
        return va[0];
    }

    private static void increment(KernelMemory memory, long counter) {
        memory.store32(counter, memory.load32(counter) + 1);
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void oneHartAtATimeHoldsIt(Interleavings interleaving) {
        Seed seed = Seed.fresh();
        try (KernelFixture fixture = boot(interleaving, seed.value())) {
            long data = zeroed(fixture);
            SpinLock locks = fixture.kernel().base().driverLocks();
            fixture.run(fixture.onEveryHart(hart -> {
                for (int i = 0; i < TIMES; i++) {
                    locks.lock(data + LOCK);
                    increment(fixture.memory(), data + COUNTER);
                    locks.unlock(data + LOCK);
                }
            }));
            assertThat(fixture.peek().load32(data + COUNTER)).as(seed.replay(interleaving)).isEqualTo(HARTS * TIMES);
            assertThat(fixture.peek().load32(data + LOCK)).isZero();
        }
    }

    /** Proves that the test above can fail. */
    @Test
    void withoutItIncrementsAreLost() {
        try (KernelFixture fixture = boot(Interleavings.RANDOM, 1)) {
            long data = zeroed(fixture);
            fixture.run(fixture.onEveryHart(hart -> {
                for (int i = 0; i < TIMES; i++) {
                    increment(fixture.memory(), data + COUNTER);
                }
            }));
            assertThat(fixture.peek().load32(data + COUNTER)).isBetween(TIMES / 2, HARTS * TIMES - 1);
        }
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void anInterruptHandlerThatTakesTheLockNeverMeetsItsOwnHart(Interleavings interleaving) {
        Seed seed = Seed.fresh();
        try (KernelFixture fixture = boot(interleaving, seed.value())) {
            long data = zeroed(fixture);
            SpinLock locks = fixture.kernel().base().driverLocks();
            int[] interrupts = new int[1];
            fixture.runUnderInterrupts(300, () -> {
                interrupts[0]++;
                locks.lock(data + LOCK);
                increment(fixture.memory(), data + COUNTER);
                locks.unlock(data + LOCK);
            }, fixture.onEveryHart(hart -> {
                for (int i = 0; i < TIMES; i++) {
                    int flags = locks.lockIrqSave(data + LOCK);
                    check(!fixture.cpu().irqsEnabled(), "interrupts are on under the lock");
                    increment(fixture.memory(), data + COUNTER);
                    locks.unlockIrqRestore(data + LOCK, flags);
                    check(fixture.cpu().irqsEnabled(), "interrupts stayed off");
                }
            }));
            assertThat(interrupts[0]).isGreaterThan(5);
            assertThat(fixture.peek().load32(data + COUNTER)).as(seed.replay(interleaving))
                    .isEqualTo(HARTS * TIMES + interrupts[0]);
        }
    }

    @Test
    void locksNestAndGiveInterruptsBackAsTheyWere() {
        try (KernelFixture fixture = KernelFixture.small()) {
            SpinLock locks = fixture.kernel().base().driverLocks();
            fixture.run(() -> {
                long data = fixture.zeroed(64);
                int outer = locks.lockIrqSave(data);
                int inner = locks.lockIrqSave(data + 8);
                locks.unlockIrqRestore(data + 8, inner);
                check(!fixture.cpu().irqsEnabled(), "the inner unlock turned interrupts on");
                check(TaskLayout.PREEMPT_COUNT.get(fixture.memory(), fixture.cpu().tp()) == 1, "one lock is held");
                locks.unlockIrqRestore(data, outer);
                check(fixture.cpu().irqsEnabled(), "interrupts stayed off");
                check(TaskLayout.PREEMPT_COUNT.get(fixture.memory(), fixture.cpu().tp()) == 0, "no lock is held");
            });
        }
    }

    @Test
    void whoHoldsItIsNotPreempted() {
        try (KernelFixture fixture = KernelFixture.small()) {
            SpinLock locks = fixture.kernel().base().driverLocks();
            boolean[] otherRan = new boolean[1];
            fixture.run(List.of(KernelFixture.Job.on(0, () -> {
                long lock = fixture.zeroed(8);
                locks.lock(lock);
                long end = fixture.cpu().time() + 2_000_000;
                while (fixture.cpu().time() < end) {
                    check(!otherRan[0], "another task got the hart while a spinlock was held");
                }
                locks.unlock(lock);
                while (!otherRan[0]) {
                    fixture.cpu().relax();
                }
            }), KernelFixture.Job.on(0, () -> otherRan[0] = true)));
        }
    }
}
