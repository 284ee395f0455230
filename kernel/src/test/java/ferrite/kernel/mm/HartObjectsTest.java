package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.BusTracer;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Checks;
import ferrite.kernel.driver.KernelCalls;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fast paths of lookaside caches: the host executes them as one piece, and the machine cannot tell. */
@Timeout(60)
class HartObjectsTest {

    private static final int HARTS = 3;
    private static final int SHARED = 24;

    /** Observes accesses, so that each of them uses the bus and none a fast path. */
    private static final BusTracer EVERY_ACCESS = new BusTracer() {
        @Override
        public void device(BusMaster master, AddressRange device, long pa, int width, int value, boolean store) { }

        @Override
        public void ram(BusMaster master, long pa, int width, int value, boolean store) { }

        @Override
        public void block(BusMaster master, long pa, int length, boolean store) { }
    };

    private record End(Machine.Digest digest, long now, long events, String slabs) { }

    private static End run(Interleavings interleaving, long seed, Checks checks, boolean oneByOne) {
        try (KernelFixture fixture = KernelFixture.options().harts(HARTS).interleaving(interleaving, seed)
                .checks(checks).boot()) {
            KernelCalls calls = fixture.kernel().calls();
            long[] shared = new long[SHARED];
            fixture.machine.bus().trace(oneByOne ? EVERY_ACCESS : null, oneByOne);
            fixture.runUnderInterrupts(701, () -> calls.kfree(calls.kmalloc(24, Gfp.GFP_ATOMIC)),
                    fixture.onEveryHart(hart -> work(calls, hart, shared)));
            return new End(fixture.machine.digest(), fixture.machine.clock().now(),
                    fixture.machine.turn().eventNumber(), fixture.proc("slabinfo"));
        }
    }

    /** Allocates and frees objects of several caches, also those that other harts have allocated. */
    private static void work(KernelCalls calls, int hart, long[] shared) {
        SplittableRandom random = new SplittableRandom(hart);
        long cache = calls.kmemCacheCreate("work" + hart, 40, 0, 0, 0);
        for (int i = 0; i < 1200; i++) {
            int place = random.nextInt(SHARED);
            long object = shared[place];
            shared[place] = 0;
            calls.kfree(object);
            shared[place] = calls.kmalloc(8 << random.nextInt(6), Gfp.GFP_KERNEL);
            long own = calls.kmemCacheAlloc(cache, Gfp.GFP_ATOMIC);
            int flags = calls.localIrqSave();
            calls.kfree(calls.kmalloc(200, Gfp.GFP_ATOMIC));
            calls.localIrqRestore(flags);
            calls.kmemCacheFree(cache, own);
        }
    }

    @ParameterizedTest
    @CsvSource({"RR, 1", "RANDOM, 2", "RANDOM, 3", "PCT, 4"})
    void aPieceOfWorkOfTheHostIsTheSameRunAsItsInstructionsOneByOne(Interleavings interleaving, long seed) {
        End end = run(interleaving, seed, Checks.DEFAULT, true);
        assertThat(run(interleaving, seed, Checks.DEFAULT, false)).isEqualTo(end);
        assertThat(run(interleaving, seed, Checks.NONE, false)).isEqualTo(end);
    }

    /** Counts the ticks of an allocation and its free, which are the instructions of the fast paths. */
    @Test
    void anAllocationAndItsFreeTakeEighteenTicks() {
        AtomicLong least = new AtomicLong(Long.MAX_VALUE);
        try (KernelFixture fixture = KernelFixture.options().checks(Checks.NONE).boot()) {
            KernelCalls calls = fixture.kernel().calls();
            fixture.run(() -> {
                long kept = calls.kmalloc(64, Gfp.GFP_KERNEL);
                for (int i = 0; i < 100; i++) {
                    long before = fixture.machine.clock().now();
                    long object = calls.kmalloc(64, Gfp.GFP_KERNEL);
                    check(object != kept, "an object twice");
                    calls.kfree(object);
                    least.accumulateAndGet(fixture.machine.clock().now() - before, Math::min);
                }
            });
        }
        assertThat(least).hasValue(18);
    }
}
