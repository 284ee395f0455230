package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.ULong;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Zones under pressure: the tasks that get the last pages, wait, fail, and reclaim. */
@Timeout(60)
class PressureTest {

    private static final long MILLISECOND = 100_000;

    private KernelFixture fixture;
    private Kernel kernel;
    private final List<Long> taken = new ArrayList<>();

    @BeforeEach
    void boot() {
        fixture = KernelFixture.options().ram(24 << 20).harts(2).bootArguments("zone_dma=" + (4 << 20)).boot();
        kernel = fixture.kernel();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private long free(int zone) {
        return kernel.mm().zones().free(fixture.peek(), zone);
    }

    private long reserve() {
        return ZoneLayout.LOWMEM_RESERVE.get(fixture.peek(), kernel.mm().zones().record(Zones.DMA), Zones.NORMAL);
    }

    private long mark(int zone, ULong field) {
        return field.get(fixture.peek(), kernel.mm().zones().record(zone));
    }

    /** Allocates single pages until the flags allow no more. */
    private void exhaust(int gfp) {
        for (long page = alloc(gfp); page != 0; page = alloc(gfp)) {
            taken.add(page);
        }
    }

    private long alloc(int gfp) {
        return kernel.calls().allocPages(gfp | Gfp.__GFP_NOWARN, 0);
    }

    private void giveBack(int count) {
        for (int i = 0; i < count && !taken.isEmpty(); i++) {
            kernel.calls().__freePage(taken.remove(taken.size() - 1));
        }
    }

    private String comm() {
        return TaskLayout.COMM.get(fixture.memory(), fixture.cpu().tp());
    }

    private void passTime(long milliseconds) {
        long end = fixture.cpu().time() + milliseconds * MILLISECOND;
        while (fixture.cpu().time() < end) {
            fixture.cpu().wfi();
        }
    }

    /** A driver's cache of pages that reclaim may free. */
    private final class Cache {
        final Deque<Long> pages = new ArrayDeque<>();
        final Set<String> scannedBy = new TreeSet<>();
        final List<Integer> masks = new ArrayList<>();
        int counts;
        long record;

        /** Call it in a task. */
        Cache(String name, long count, long scan, int flags) {
            record = fixture.zeroed(ShrinkerLayout.SIZE);
            ShrinkerLayout.COUNT_OBJECTS.set(fixture.memory(), record, count);
            ShrinkerLayout.SCAN_OBJECTS.set(fixture.memory(), record, scan);
            ShrinkerLayout.BATCH.set(fixture.memory(), record, 4);
            ShrinkerLayout.FLAGS.set(fixture.memory(), record, flags);
            kernel.calls().registerShrinker(record);
        }

        long count(ShrinkControl control) {
            counts++;
            masks.add(control.gfpMask());
            return pages.size();
        }

        long scan(ShrinkControl control) {
            scannedBy.add(comm());
            long freed = 0;
            while (freed < control.nrToScan() && !pages.isEmpty()) {
                kernel.calls().__freePage(pages.pop());
                freed++;
            }
            return freed;
        }
    }

    private final Cache[] caches = new Cache[2];
    private final long[] callbacks = new long[4];

    /** Makes the text addresses before the run. */
    private void callbacks() {
        for (int i = 0; i < 2; i++) {
            int number = i;
            callbacks[2 * i] = fixture.text("count" + i, (Shrinker) (data, control) -> caches[number].count(control));
            callbacks[2 * i + 1] = fixture.text("scan" + i, (Shrinker) (data, control) -> caches[number].scan(control));
        }
    }

    private Cache cache(int number, int flags) {
        caches[number] = new Cache("cache" + number, callbacks[2 * number], callbacks[2 * number + 1], flags);
        return caches[number];
    }

    private void fill(Cache cache, int pages) {
        for (int i = 0; i < pages; i++) {
            cache.pages.push(kernel.calls().allocPage(Gfp.GFP_ATOMIC));
        }
    }

    // ---- the reclaim task ----

    /** Allocates until NORMAL has that many free pages. Without {@code __GFP_RECLAIM} nothing is reclaimed. */
    private void takeDownTo(long pages) {
        while (free(Zones.DMA) > mark(Zones.DMA, ZoneLayout.WATERMARK_HIGH) + reserve()) {
            taken.add(alloc(Gfp.GFP_DMA));
        }
        while (free(Zones.NORMAL) > pages) {
            taken.add(alloc(0));
        }
    }

    @Test
    void kswapdIsWokenAtTheLowWatermarkAndWorksUntilTheHighOne() {
        callbacks();
        fixture.run(() -> {
            Cache cache = cache(0, 0);
            fill(cache, 500);
            takeDownTo(mark(Zones.NORMAL, ZoneLayout.WATERMARK_LOW) + 1);
            taken.add(alloc(Gfp.GFP_KERNEL));
            passTime(20);
            check(cache.counts == 0, "kswapd was woken above the low watermark");
            while (cache.counts == 0 && free(Zones.NORMAL) > mark(Zones.NORMAL, ZoneLayout.WATERMARK_MIN)) {
                taken.add(alloc(Gfp.GFP_ATOMIC));
                taken.add(alloc(Gfp.GFP_ATOMIC | Gfp.__GFP_DMA));
                passTime(5);
            }
            passTime(20);
            check(cache.scannedBy.equals(Set.of("kswapd0")), "scanned by " + cache.scannedBy);
            check(free(Zones.NORMAL) >= mark(Zones.NORMAL, ZoneLayout.WATERMARK_HIGH),
                    "kswapd stopped at " + free(Zones.NORMAL));
            check(cache.pages.size() > 100,
                    "kswapd went on above the high watermark: " + cache.pages.size() + " pages are left in the cache");
            giveBack(taken.size());
        });
    }

    @Test
    void aKswapdThatGetsNothingBackSleepsUntilSomethingCouldBeGotBack() {
        callbacks();
        fixture.run(() -> {
            Cache cache = cache(0, 0);
            exhaust(Gfp.GFP_ATOMIC);
            for (int i = 0; i < 100; i++) {
                alloc(Gfp.GFP_ATOMIC);
                passTime(5);
            }
            int counts = cache.counts;
            check(counts > 0, "kswapd never looked");
            for (int i = 0; i < 50; i++) {
                alloc(Gfp.GFP_ATOMIC);
                passTime(5);
            }
            check(cache.counts == counts, "kswapd still calls the shrinker");
            giveBack(taken.size());
        });
    }

    // ---- direct reclaim ----

    @Test
    void whoMaySleepGetsMemoryBackItself() {
        callbacks();
        fixture.run(() -> {
            Cache cache = cache(0, 0);
            fill(cache, 300);
            int withoutKswapd = Gfp.GFP_KERNEL & ~Gfp.__GFP_KSWAPD_RECLAIM;
            exhaust(Gfp.__GFP_HIGH);  // below the minimum, so that nothing is left for an allocation that may sleep
            int before = cache.pages.size();
            long page = 0;
            for (int i = 0; i < 20 && page == 0; i++) {
                page = alloc(withoutKswapd);
            }
            check(page != 0, "nothing came, though the cache had " + before + " pages");
            check(cache.scannedBy.equals(Set.of("body")), "scanned by " + cache.scannedBy);
            check(cache.pages.size() < before, "the cache freed nothing");
            taken.add(page);
            giveBack(taken.size());
        });
    }

    @Test
    void whoMayNotSleepNeverReclaims() {
        callbacks();
        fixture.run(() -> {
            Cache cache = cache(0, 0);
            fill(cache, 64);
            int flags = Gfp.GFP_ATOMIC & ~Gfp.__GFP_KSWAPD_RECLAIM;
            long start = fixture.cpu().time();
            exhaust(flags);
            check(cache.counts == 0, "a shrinker was asked");
            long before = fixture.cpu().time();
            check(alloc(flags) == 0, "there was a page");
            check(fixture.cpu().time() - before < MILLISECOND && before > start,
                    "a failure took " + (fixture.cpu().time() - before) + " ticks");
            giveBack(taken.size());
        });
    }

    @Test
    void noIoAndNoFsReachOnlyTheShrinkersThatNeedNeither() {
        callbacks();
        fixture.run(() -> {
            Cache io = cache(0, ShrinkerLayout.NEEDS_IO);
            Cache fs = cache(1, ShrinkerLayout.NEEDS_FS | ShrinkerLayout.NEEDS_IO);
            exhaust(Gfp.__GFP_HIGH);
            int direct = Gfp.__GFP_DIRECT_RECLAIM | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN;
            check(kernel.calls().allocPage(direct) == 0 && io.counts == 0 && fs.counts == 0,
                    "GFP_NOIO asked " + io.counts + " and " + fs.counts + " times");
            check(kernel.calls().allocPage(direct | Gfp.__GFP_IO) == 0 && io.counts > 0 && fs.counts == 0, "GFP_NOFS");
            check(io.masks.stream().allMatch(mask -> mask == (direct | Gfp.__GFP_IO)),
                    "the shrinker was told other flags: " + io.masks);
            check(kernel.calls().allocPage(direct | Gfp.__GFP_IO | Gfp.__GFP_FS) == 0 && fs.counts > 0, "GFP_KERNEL");
            giveBack(taken.size());
        });
    }

    @Test
    void aShrinkerIsNotCalledOnceItIsUnregistered() {
        callbacks();
        fixture.run(() -> {
            Cache first = cache(0, 0);
            Cache second = cache(1, 0);
            kernel.calls().unregisterShrinker(first.record);
            exhaust(Gfp.__GFP_HIGH);
            check(alloc(Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY) == 0, "there was a page");
            check(first.counts == 0 && second.counts > 0, first.counts + " and " + second.counts);
            giveBack(taken.size());
        });
    }

    @Test
    void aShrinkerThatThrowsEndsItsCallerAndCanStillBeUnregistered() {
        long[] record = new long[1];
        long[] victim = new long[1];
        long count = fixture.text("count", (Shrinker) (data, control) -> {
            if (fixture.cpu().tp() == victim[0]) {
                giveBack(taken.size());
                throw new IllegalStateException("a driver's mistake");
            }
            return 0;
        });
        fixture.run(() -> {
            record[0] = fixture.zeroed(ShrinkerLayout.SIZE);
            ShrinkerLayout.COUNT_OBJECTS.set(fixture.memory(), record[0], count);
            ShrinkerLayout.SCAN_OBJECTS.set(fixture.memory(), record[0], count);
            kernel.calls().registerShrinker(record[0]);
        });
        assertThat(fixture.exitCodeOf(() -> {
            exhaust(Gfp.__GFP_HIGH);
            victim[0] = fixture.cpu().tp();
            alloc(Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY);
        })).isNotZero();
        fixture.run(() -> kernel.calls().unregisterShrinker(record[0]));  // it waits while a task calls the shrinker
    }

    @Test
    void aShrinkerMayAllocateFromTheLastPagesWithoutBeingCalledAgain() {
        long[] own = new long[2];
        int[] depth = new int[2];
        long count = fixture.text("count", (Shrinker) (data, control) -> 8);
        long scan = fixture.text("scan", (Shrinker) (data, control) -> {
            depth[1] = Math.max(depth[1], ++depth[0]);
            if (own[0] == 0) {
                own[0] = alloc(Gfp.GFP_KERNEL);
                own[1] = free(Zones.NORMAL);
            }
            depth[0]--;
            return Shrinker.SHRINK_STOP;
        });
        fixture.run(() -> {
            long record = fixture.zeroed(ShrinkerLayout.SIZE);
            ShrinkerLayout.COUNT_OBJECTS.set(fixture.memory(), record, count);
            ShrinkerLayout.SCAN_OBJECTS.set(fixture.memory(), record, scan);
            kernel.calls().registerShrinker(record);
            exhaust(Gfp.GFP_ATOMIC & ~Gfp.__GFP_KSWAPD_RECLAIM);
            alloc(Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY);
            check(own[0] != 0, "the shrinker got nothing");
            check(own[1] < mark(Zones.NORMAL, ZoneLayout.WATERMARK_MIN) / 2,
                    "there was more than the reserve: " + own[1]);
            check(depth[1] == 1, "reclaim called itself");
            kernel.calls().__freePage(own[0]);
            giveBack(taken.size());
        });
    }

    // ---- waiting for frees ----

    /**
     * One hart requests a block, the other frees memory later. Returns the ticks of the allocation, negative if it
     * failed.
     */
    private long waits(int gfp, int order, long freedAfterMilliseconds) {
        long[] took = new long[1];
        fixture.run(List.of(Job.on(0, () -> {
            exhaust(Gfp.__GFP_HIGH);
            long start = fixture.cpu().time();
            long page = kernel.calls().allocPages(gfp | Gfp.__GFP_NOWARN, order);
            took[0] = (fixture.cpu().time() - start) * (page == 0 ? -1 : 1);
            if (page != 0) {
                kernel.calls().__freePages(page, order);
            }
        }), Job.on(1, () -> {
            passTime(10 + freedAfterMilliseconds);
            giveBack(2000);
        })));
        fixture.run(() -> giveBack(taken.size()));
        return took[0];
    }

    @Test
    void whoMaySleepWaitsForWhatOthersFree() {
        assertThat(waits(Gfp.GFP_KERNEL, 0, 100)).isBetween(10 * MILLISECOND, 150 * MILLISECOND);
        assertThat(waits(Gfp.GFP_KERNEL, 0, 3000)).as("but not for ever")
                .isBetween(-1000 * MILLISECOND, -100 * MILLISECOND);
    }

    @Test
    void noretryGivesUpAtOnce() {
        assertThat(waits(Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY, 0, 100)).isBetween(-2 * MILLISECOND, -1L);
    }

    @Test
    void nofailNeverFailsHoweverLongItTakes() {
        assertThat(waits(Gfp.GFP_KERNEL | Gfp.__GFP_NOFAIL, 0, 3000)).isGreaterThan(2000 * MILLISECOND);
    }

    @Test
    void largeBlocksAreWaitedForOnlyWithRepeat() {
        assertThat(waits(Gfp.GFP_KERNEL, 4, 100)).isBetween(-2 * MILLISECOND, -1L);
        assertThat(waits(Gfp.GFP_KERNEL | Gfp.__GFP_REPEAT, 4, 100)).isBetween(10 * MILLISECOND, 150 * MILLISECOND);
    }

    // ---- the harts' own lists ----

    @Test
    void whatOtherHartsHoldIsDrainedBeforeAnAllocationFails() {
        int[] counts = new int[2];
        fixture.run(List.of(Job.on(1, () -> { }), Job.on(0, () -> { })));      // slabs for two tasks and their stacks
        fixture.run(() -> {
            exhaust(Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY);
            counts[0] = taken.size();
            giveBack(taken.size());
        });
        fixture.run(List.of(Job.on(1, () -> {
            List<Long> some = new ArrayList<>();
            fill(some);
            some.forEach(page -> kernel.calls().__freePage(page));
            check(kernel.mm().pages().pageSets().count(fixture.peek(), 1, Zones.NORMAL) > 0, "hart 1 holds nothing");
        }), Job.on(0, () -> {
            passTime(5);
            exhaust(Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY);
            counts[1] = taken.size();
            giveBack(taken.size());
        })));
        assertThat(counts[1]).isEqualTo(counts[0]);
    }

    private void fill(List<Long> pages) {
        for (int i = 0; i < 6; i++) {
            pages.add(kernel.calls().allocPage(Gfp.GFP_KERNEL));
        }
    }

    @Test
    void theReserveHoldsThoughEveryHartAsksAtOnce() {
        Seed seed = Seed.fresh();
        fixture.close();
        fixture = KernelFixture.options().ram(8 << 20).harts(8).interleaving(Interleavings.RANDOM, seed.value())
                .bootArguments("zone_dma=" + (2 << 20)).boot();
        kernel = fixture.kernel();
        MemoryCheck reserve = new MemoryCheck(fixture);
        fixture.run(fixture.onEveryHart(hart -> {
            for (int round = 0; round < 12; round++) {
                List<Long> blocks = new ArrayList<>();
                for (long block = block(reserve); block != 0; block = block(reserve)) {
                    blocks.add(block);
                }
                blocks.forEach(block -> kernel.calls().__freePages(block, 3));
            }
        }));
        reserve.requireExact();
    }

    private long block(MemoryCheck reserve) {
        long block = kernel.calls().allocPages(Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN, 3);
        reserve.requireReserve();
        return block;
    }
}
