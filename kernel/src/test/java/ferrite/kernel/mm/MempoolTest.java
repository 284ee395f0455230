package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Body;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory pools: each sentence of the contract's row, and their misuse. */
@Timeout(60)
class MempoolTest {

    /** State of the tests' allocator: whether it fails, its allocations, its frees. */
    private static final int FAILS = 0;
    private static final int GIVEN = 4;
    private static final int TAKEN = 8;

    private KernelFixture fixture = KernelFixture.options().harts(2).boot();
    private long state;

    @AfterEach
    void close() {
        fixture.close();
    }

    private Mempool pools() {
        return fixture.kernel().mm().mempools();
    }

    private int count(int what) {
        return fixture.peek().load32(state + what);
    }

    private void fail(boolean on) {
        fixture.memory().store32(state + FAILS, on ? 1 : 0);
    }

    /** Makes a pool over an allocator that fails on request. */
    private long pool(int minNr) {
        state = fixture.zeroed(16);
        long alloc = fixture.text("alloc", (MempoolAlloc) (gfp, data) -> {
            check(data == state, "other data");
            if (fixture.memory().load32(data + FAILS) != 0) {
                return 0;
            }
            fixture.memory().amoAdd32(data + GIVEN, 1);
            return fixture.kernel().calls().kmalloc(64, gfp);
        });
        long free = fixture.text("free", (MempoolFree) (element, data) -> {
            fixture.memory().amoAdd32(data + TAKEN, 1);
            fixture.kernel().calls().kfree(element);
        });
        long pool = pools().mempoolCreate(minNr, alloc, free, state);
        check(pool != 0, "no pool");
        return pool;
    }

    @Test
    void poolsOfObjectsOfKmallocAndOfPagesGiveWhatTheyAreFor() {
        fixture.shrinkAfterRuns = true;
        fixture.run(() -> fixture.kernel().calls().kfree(fixture.kernel().calls().kmalloc(3000, Gfp.GFP_KERNEL)));
        String before = fixture.accounting();
        fixture.run(() -> {
            long cache = fixture.kernel().calls().kmemCacheCreate("things", 72, 0, 0, 0);
            long[] made = {pools().mempoolCreateSlabPool(4, cache), pools().mempoolCreateKmallocPool(4, 3000),
                    pools().mempoolCreatePagePool(4, 2)};
            for (int kind = 0; kind < 3; kind++) {
                check(pools().reserve(fixture.peek(), made[kind]) == 4, "the reserve is not full");
                Set<Long> elements = new HashSet<>();
                for (int i = 0; i < 10; i++) {
                    long element = pools().mempoolAlloc(made[kind], Gfp.GFP_KERNEL);
                    check(element != 0 && elements.add(element), "element " + i);
                    long va = kind < 2 ? element : fixture.kernel().calls().pageAddress(element);
                    fixture.memory().fill(va, 0xaa, kind == 0 ? 72 : kind == 1 ? 3000 : 16384);
                }
                check(fixture.peek().load32(made[kind]) == 0, "the lock is held");
                for (long element : elements) {
                    pools().mempoolFree(element, made[kind]);
                }
                pools().mempoolFree(0, made[kind]);
                check(pools().mempoolDestroy(made[kind]), "destroy");
            }
            check(pools().mempoolDestroy(0), "destroy of nothing");
            check(fixture.kernel().calls().kmemCacheDestroy(cache), "objects are left");
        });
        assertThat(fixture.accounting()).isEqualTo(before);
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void theReserveIsUsedOnlyWhenTheAllocatorFailsAndRefilledBeforeTheAllocatorGetsAnythingBack() {
        fixture.run(() -> {
            long pool = pool(3);
            check(count(GIVEN) == 3, "the reserve was not filled");
            long[] elements = new long[5];
            for (int i = 0; i < 2; i++) {
                elements[i] = pools().mempoolAlloc(pool, Gfp.GFP_ATOMIC);
            }
            check(pools().reserve(fixture.peek(), pool) == 3 && count(GIVEN) == 5, "the reserve was used");
            fail(true);
            for (int i = 2; i < 5; i++) {
                elements[i] = pools().mempoolAlloc(pool, Gfp.GFP_ATOMIC);
                check(elements[i] != 0 && pools().reserve(fixture.peek(), pool) == 4 - i, "element " + i);
            }
            check(pools().mempoolAlloc(pool, Gfp.GFP_ATOMIC) == 0, "an element out of nowhere");
            for (int i = 0; i < 3; i++) {
                pools().mempoolFree(elements[i], pool);
                check(count(TAKEN) == 0, "the allocator got one back first");
            }
            check(pools().reserve(fixture.peek(), pool) == 3, "the reserve is not full");
            pools().mempoolFree(elements[3], pool);
            pools().mempoolFree(elements[4], pool);
            check(count(TAKEN) == 2 && pools().reserve(fixture.peek(), pool) == 3, "the rest did not go back");
            check(pools().mempoolDestroy(pool) && count(TAKEN) == 5, "destroy");
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void whoMaySleepAlwaysGetsOneAlthoughTheAllocatorAlwaysFails() {
        long[] pool = new long[1];
        fixture.run(() -> {
            pool[0] = pool(2);
            fail(true);
        });
        int[] got = new int[1];
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            jobs.add(Job.of("user", 3, () -> {
                for (int round = 0; round < 10; round++) {
                    long element = pools().mempoolAlloc(pool[0], Gfp.GFP_NOIO);
                    check(element != 0, "it failed");
                    fixture.memory().store32(element, round);
                    fixture.kernel().tasks().scheduler().schedule();
                    check(fixture.memory().load32(element) == round, "two have it");
                    got[0]++;
                    pools().mempoolFree(element, pool[0]);
                }
            }));
        }
        fixture.run(jobs);
        assertThat(got[0]).isEqualTo(80);
        assertThat(count(GIVEN)).isEqualTo(2);
        assertThat(fixture.violations).isEmpty();
        fixture.run(() -> check(pools().mempoolDestroy(pool[0]), "destroy"));
    }

    @Test
    void thoseWhoWaitAreServedInTheOrderInWhichTheyCameAndNobodyTakesTheirs() {
        List<Integer> order = new ArrayList<>();
        fixture.run(() -> {
            long pool = pool(1);
            fail(true);
            long[] element = {pools().mempoolAlloc(pool, Gfp.GFP_KERNEL)};
            long[] waiters = new long[6];
            for (int i = 0; i < waiters.length; i++) {
                int number = i;
                waiters[i] = fixture.kernel().tasks().tasks().create("waiter" + i,
                        fixture.text("waiter", (ferrite.kernel.sched.TaskEntry) unused -> {
                            long mine = pools().mempoolAlloc(pool, Gfp.GFP_KERNEL);
                            order.add(number);
                            element[0] = mine;
                            return 0;
                        }), 0, 1 << i % 2);
                for (int n = 0; n < 300; n++) {
                    fixture.kernel().tasks().scheduler().schedule();
                }
            }
            check(order.isEmpty(), "one has not waited");
            for (int i = 0; i < waiters.length; i++) {
                pools().mempoolFree(element[0], pool);
                check(pools().mempoolAlloc(pool, Gfp.GFP_ATOMIC) == 0, "the freed element went to a later caller");
                fixture.kernel().tasks().tasks().waitFor(waiters[i]);
            }
            pools().mempoolFree(element[0], pool);
            check(pools().mempoolAlloc(pool, Gfp.GFP_ATOMIC) != 0, "no element is left for the next caller");
        });
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void whoWaitsTriesTheAllocatorAgainAfterAWhile() {
        long[] ticks = new long[1];
        fixture.run(() -> {
            long pool = pool(1);
            fail(true);
            long first = pools().mempoolAlloc(pool, Gfp.GFP_KERNEL);
            long[] second = new long[1];
            long waiter = fixture.kernel().tasks().tasks().create("waiter",
                    fixture.text("waiter", (ferrite.kernel.sched.TaskEntry) unused -> {
                        long began = fixture.cpu().time();
                        second[0] = pools().mempoolAlloc(pool, Gfp.GFP_KERNEL);
                        ticks[0] = fixture.cpu().time() - began;
                        return 0;
                    }), 0, 3);
            for (int n = 0; n < 300; n++) {
                fixture.kernel().tasks().scheduler().schedule();
            }
            fail(false);
            fixture.kernel().tasks().tasks().waitFor(waiter);
            check(second[0] != 0 && second[0] != first, "another element");
            pools().mempoolFree(first, pool);
            pools().mempoolFree(second[0], pool);
            check(pools().mempoolDestroy(pool), "destroy");
        });
        assertThat(ticks[0]).isBetween(490_000_000L, 510_000_000L);
    }

    @Test
    void aPoolOfPagesGoesOnWhenMemoryIsExhausted() {
        fixture.close();
        fixture = KernelFixture.options().ram(8L << 20).harts(2).interleaving(Interleavings.RANDOM, 4).boot();
        long[] pool = new long[1];
        List<Long> taken = new ArrayList<>();
        fixture.run(() -> {
            pool[0] = pools().mempoolCreatePagePool(2, 0);
            for (long page = fixture.kernel().calls().__getFreePage(Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN); page != 0;
                    page = fixture.kernel().calls().__getFreePage(Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN)) {
                taken.add(page);
            }
            long[] two = {pools().mempoolAlloc(pool[0], Gfp.GFP_ATOMIC), pools().mempoolAlloc(pool[0], Gfp.GFP_ATOMIC)};
            check(two[0] != 0 && two[1] != 0, "the reserve was not there");
            check(pools().mempoolAlloc(pool[0], Gfp.GFP_ATOMIC) == 0, "memory is not exhausted");
            pools().mempoolFree(two[0], pool[0]);
            pools().mempoolFree(two[1], pool[0]);
            taken.forEach(fixture.kernel().calls()::freePage);
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void resizeMakesTheReserveLargerAndSmaller() {
        fixture.run(() -> {
            long pool = pool(2);
            check(pools().mempoolResize(pool, 6, Gfp.GFP_KERNEL) == 0 && pools().reserve(fixture.peek(),
                    pool) == 6 && count(GIVEN) == 6, "larger");
            check(pools().mempoolResize(pool, 3, Gfp.GFP_KERNEL) == 0 && pools().reserve(fixture.peek(),
                    pool) == 3 && count(TAKEN) == 3, "smaller");
            fail(true);
            check(pools().mempoolResize(pool, 4, Gfp.GFP_KERNEL) == -Errno.ENOMEM && pools().reserve(fixture.peek(),
                    pool) == 3, "larger, without memory");
            check(pools().mempoolResize(pool, 0, Gfp.GFP_KERNEL) == -Errno.EINVAL, "to nothing");
            long element = pools().mempoolAlloc(pool, Gfp.GFP_KERNEL);
            fail(false);
            pools().mempoolFree(element, pool);
            check(pools().reserve(fixture.peek(), pool) == 3, "the element is lost");
            check(pools().mempoolDestroy(pool), "destroy");
            check(pools().mempoolCreate(0, 0, 0, 0) == 0, "a pool without a reserve");
        });
        assertThat(count(GIVEN)).isEqualTo(count(TAKEN));
    }

    private List<Violation> reports(Body body) {
        fixture.run(body);
        return fixture.takeViolations();
    }

    @Test
    void destroyWithElementsOutIsAnErrorThatSaysSoAndLeavesThePool() {
        Violation report = reports(() -> {
            long pool = pool(2);
            long one = pools().mempoolAlloc(pool, Gfp.GFP_KERNEL);
            long two = pools().mempoolAlloc(pool, Gfp.GFP_KERNEL);
            check(!pools().mempoolDestroy(pool), "it is gone");
            pools().mempoolFree(one, pool);
            pools().mempoolFree(two, pool);
            check(pools().mempoolDestroy(pool), "it stays");
        }).get(0);
        assertThat(report.rule()).isEqualTo("pool-in-use");
        assertThat(report.summary()).contains("while 2 elements are allocated from it");
        assertThat(report.facts().value("site")).startsWith("MempoolTest.java:");
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void whatThePoolHasAlreadyIsNotTakenTwice() {
        assertThat(reports(() -> {
            long pool = pool(2);
            fail(true);
            long element = pools().mempoolAlloc(pool, Gfp.GFP_KERNEL);
            pools().mempoolFree(element, pool);
            pools().mempoolFree(element, pool);
            pools().mempoolFree(fixture.zeroed(64), pool);
            check(pools().reserve(fixture.peek(), pool) == 2, "the reserve has it twice");
            check(pools().mempoolDestroy(pool), "destroy");
        })).extracting(Violation::rule).containsExactly("pool-bad-free", "pool-bad-free");
    }

    @Test
    void mempoolAllocThatMaySleepIsReportedUnderASpinlockAndMempoolFreeIsNot() {
        assertThat(reports(() -> {
            long pool = pool(2);
            long lock = fixture.zeroed(4);
            fixture.kernel().base().driverLocks().lock(lock);
            pools().mempoolFree(pools().mempoolAlloc(pool, Gfp.GFP_ATOMIC), pool);
            check(fixture.violations.isEmpty(), "reported without a reason");
            pools().mempoolFree(pools().mempoolAlloc(pool, Gfp.GFP_KERNEL), pool);
            fixture.kernel().base().driverLocks().unlock(lock);
        })).first().extracting(Violation::rule).isEqualTo("sleep-in-atomic");
    }

    @Test
    void zeroedElementsAreRefusedForAReserveKeepsWhatWasInThem() {
        fixture.run(() -> {
            long pool = pool(1);
            check(KernelFixture.bugOf(() -> pools().mempoolAlloc(pool, Gfp.GFP_KERNEL | Gfp.__GFP_ZERO))
                    .contains("__GFP_ZERO"), "something else");
        });
    }

    @Test
    void aKernelThatAttachesGoesOnWithThePool() {
        long[] pool = new long[2];
        fixture.run(() -> {
            pool[0] = pools().mempoolCreateKmallocPool(3, 100);
            pool[1] = pools().mempoolAlloc(pool[0], Gfp.GFP_KERNEL);
        });
        fixture.reattach();
        fixture.run(() -> {
            check(!pools().mempoolDestroy(pool[0]), "the element that is out was forgotten");
            pools().mempoolFree(pool[1], pool[0]);
            check(pools().reserve(fixture.peek(), pool[0]) == 3 && pools().mempoolDestroy(pool[0]), "destroy");
        });
        assertThat(fixture.takeViolations()).extracting(Violation::rule).containsExactly("pool-in-use");
    }
}
