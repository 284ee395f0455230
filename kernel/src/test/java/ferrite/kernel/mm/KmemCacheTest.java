package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lookaside caches, and the parts of kmalloc that depend on their workings. */
@Timeout(60)
class KmemCacheTest {

    private KernelFixture fixture = KernelFixture.small();

    @AfterEach
    void close() {
        fixture.close();
    }

    private Kernel kernel() {
        return fixture.kernel();
    }

    private KernelMemory memory() {
        return fixture.memory();
    }

    private SlabView.Usage usage(long cache) {
        return kernel().mm().caches().view().usage(fixture.peek(), cache);
    }

    private long create(String name, int size, int align, int flags) {
        long cache = kernel().calls().kmemCacheCreate(name, size, align, flags, 0);
        check(cache != 0, "no cache");
        return cache;
    }

    private List<Long> fill(long cache, int count) {
        List<Long> objects = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            objects.add(kernel().calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL));
        }
        return objects;
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "FZPU"})
    void objectsAreAlignedAsAskedForAndToCacheLinesWhereTheyFillThem(String slubDebug) {
        fixture.close();
        fixture = KernelFixture.options().bootArguments("slub_debug=" + slubDebug).boot();
        fixture.run(() -> {
            for (int align : new int[] {0, 1, 8, 32, 128, 1024, 4096}) {
                for (long object : fill(create("a" + align, 24, align, 0), 40)) {
                    check(object % Math.max(8, align) == 0, "align " + align + ": 0x" + Long.toHexString(object));
                }
            }
            int[][] lines = {{64, 64}, {65, 64}, {33, 64}, {32, 32}, {20, 32}, {16, 16}, {100, 64}};
            for (int[] line : lines) {
                for (long object : fill(create("l" + line[0], line[0], 0, SlabFlags.SLAB_HWCACHE_ALIGN), 40)) {
                    check(object % line[1] == 0, line[0] + " bytes at 0x" + Long.toHexString(object));
                }
            }
        });
    }

    @Test
    void afterAShrinkNewObjectsFillTheFullestSlab() {
        fixture.run(() -> {
            long cache = create("holes", 512, 0, 0);
            List<Long> objects = fill(cache, 32);
            // the first slabs keep one object each, the last all but one
            for (int i = 0; i < 32; i++) {
                if (i < 24 ? i % 8 != 0 : i == 30) {
                    kernel().calls().kmemCacheFree(cache, objects.get(i));
                }
            }
            kernel().calls().kmemCacheShrink(cache);
            check(kernel().calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL) == objects.get(30), "it filled another slab");
        });
    }

    @Test
    void aCacheForDmaTakesItsSlabsFromTheDmaZone() {
        fixture.run(() -> {
            long cache = create("low", 500, 0, SlabFlags.SLAB_CACHE_DMA);
            fill(cache, 50)
                    .forEach(object -> check(kernel().calls().virtToPhys(object) < 16 << 20, "an object above 16 MiB"));
            long other = create("any", 500, 0, 0);
            fill(other, 50).forEach(object -> check(kernel().calls().virtToPhys(object) >= 16 << 20,
                    "an object that takes memory of the DMA zone for nothing"));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "FZPU"})
    void theConstructorRunsForEachObjectWhenItsSlabIsMadeAndTheDestructorWhenItGoes(String slubDebug) {
        fixture.close();
        fixture = KernelFixture.options().bootArguments("slub_debug=" + slubDebug).boot();
        List<Long> made = new ArrayList<>();
        List<Long> unmade = new ArrayList<>();
        long constructor = fixture.text("make", (Constructor) object -> {
            made.add(object);
            memory().store32(object, 0x1234);
            memory().store32(object + 4, (int) object);
        });
        long destructor = fixture.text("unmake", (Constructor) unmade::add);
        fixture.run(() -> {
            long cache = kernel().mm().caches().create("made", 48, 0, 0, constructor, destructor);
            long first = kernel().calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
            check(made.contains(first) && made.size() == usage(cache).objects(),
                    "made " + made.size() + " of " + usage(cache).objects());
            int before = made.size();
            for (int i = 0; i < 3; i++) {
                check(memory().load32(first) == 0x1234 && memory().load32(first + 4) == (int) first,
                        "the constructed state is gone");
                kernel().calls().kmemCacheFree(cache, first);
                check(kernel().calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL) == first, "another object");
            }
            check(made.size() == before, "the constructor ran at an allocation");
            kernel().calls().kmemCacheFree(cache, first);
            check(unmade.isEmpty(), "the destructor ran at a free");
            check(kernel().calls().kmemCacheDestroy(cache), "not destroyed");
            check(new HashSet<>(unmade).equals(new HashSet<>(made)) && unmade.size() == made.size(),
                    "unmade " + unmade.size());
        });
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void cachesOfOneSizeAreNotMerged() {
        fixture.run(() -> {
            long one = create("one", 64, 0, 0);
            long two = create("two", 64, 0, 0);
            long a = kernel().calls().kmemCacheAlloc(one, Gfp.GFP_KERNEL);
            long b = kernel().calls().kmemCacheAlloc(two, Gfp.GFP_KERNEL);
            long c = kernel().calls().kmalloc(64, Gfp.GFP_KERNEL);
            check((a ^ b) >>> 12 != 0 && (a ^ c) >>> 12 != 0 && (b ^ c) >>> 12 != 0,
                    "a page has objects of two caches");
        });
    }

    @Test
    void someEmptySlabsAreKeptAndShrinkingGivesThemBackFromEveryHart() {
        fixture.close();
        fixture = KernelFixture.options().harts(4).boot();
        long[] cache = new long[1];
        String before = fixture.accounting();
        fixture.run(() -> cache[0] = create("kept", 512, 0, 0));
        fixture.run(fixture.onEveryHart(hart -> fill(cache[0], 200)
                .forEach(object -> kernel().calls().kmemCacheFree(cache[0], object))));
        SlabView.Usage kept = usage(cache[0]);
        assertThat(kept.active()).isZero();
        assertThat(kept.slabs()).as("slabs kept").isBetween(1L, 5L + 4);
        fixture.run(List.of(Job.on(2,
                () -> check(kernel().calls().kmemCacheShrink(cache[0]) == 0, "something was left"))));
        assertThat(usage(cache[0]).slabs()).isZero();
        fixture.run(() -> {
            long object = kernel().calls().kmemCacheAlloc(cache[0], Gfp.GFP_KERNEL);
            check(kernel().calls().kmemCacheShrink(cache[0]) == 1, "the slab of an allocated object was released");
            kernel().calls().kmemCacheFree(cache[0], object);
            check(kernel().calls().kmemCacheDestroy(cache[0]), "not destroyed");
        });
        assertThat(fixture.accounting()).isEqualTo(before);
    }

    @Test
    void eachHartHasItsOwnSlab() {
        fixture.close();
        fixture = KernelFixture.options().harts(8).boot();
        Map<String, Long> before = kernel().mm().kmalloc().liveObjects(fixture.peek());
        long[] objects = new long[8];
        fixture.run(fixture.onEveryHart(hart -> objects[hart] = kernel().calls().kmalloc(40, Gfp.GFP_KERNEL)));
        Set<Long> pages = new HashSet<>();
        for (long object : objects) {
            pages.add(object >>> 12);
        }
        assertThat(pages).hasSize(8);
        fixture.run(List.of(Job.on(3, () -> {
            for (long object : objects) {
                kernel().calls().kfree(object);
            }
        })));
        assertThat(kernel().mm().kmalloc().liveObjects(fixture.peek())).isEqualTo(before);
        fixture.run(fixture.onEveryHart(hart -> {
            Set<Long> slab = new HashSet<>();
            for (int i = 0; i < AddressSpace.PAGE_SIZE / 64; i++) {
                slab.add(kernel().calls().kmalloc(40, Gfp.GFP_KERNEL));
            }
            check(slab.contains(objects[hart]),
                    "an object that another hart freed was not found again when the hart's own list was empty");
        }));
    }

    @Test
    void wrongArgumentsMakeNoCacheAndPanicWhereThatWasAskedFor() {
        fixture.run(() -> {
            check(kernel().calls().kmemCacheCreate("", 8, 0, 0, 0) == 0, "no name");
            check(kernel().calls().kmemCacheCreate("n".repeat(32), 8, 0, 0, 0) == 0, "a name that is too long");
            check(kernel().calls().kmemCacheCreate("s", 0, 0, 0, 0) == 0, "nothing");
            check(kernel().calls().kmemCacheCreate("s", -5, 0, 0, 0) == 0, "less than nothing");
            check(kernel().calls().kmemCacheCreate("s", (4 << 20) + 1, 0, 0, 0) == 0, "more than the largest block");
            check(kernel().calls().kmemCacheCreate("s", 8, 48, 0, 0) == 0, "an alignment that is no power of two");
            check(kernel().calls().kmemCacheCreate("s", 8, 8192, 0, 0) == 0, "an alignment of more than a page");
            long large = kernel().calls().kmemCacheCreate("large", 4 << 20, 0, 0, 0);
            check(large != 0 && kernel().calls().kmemCacheAlloc(large, Gfp.GFP_KERNEL) != 0, "the largest object");
        });
        assertThat(fixture.log.toString()).contains("kmem_cache_create(s) failed with error -22");
        assertThatThrownBy(() ->
                fixture.run(() -> kernel().calls().kmemCacheCreate("s", 0, 0, SlabFlags.SLAB_PANIC, 0)))
                .hasMessageContaining("kmem_cache_create: Failed to create slab 's'");
    }

    @Test
    void anArrayIsZeroedAndOneOfMoreThan4GiBIsRefused() {
        fixture.run(() -> {
            long used = kernel().calls().kmalloc(96, Gfp.GFP_KERNEL);
            memory().fill(used, 0xff, 96);
            kernel().calls().kfree(used);
            long array = kernel().calls().kcalloc(8, 12, Gfp.GFP_KERNEL);
            check(array == used, "another object");
            for (int i = 0; i < 96; i += 4) {
                check(memory().load32(array + i) == 0, "not zeroed at " + i);
            }
            check(kernel().calls().kcalloc(0x1_0001, 0x1_0000, Gfp.GFP_KERNEL) == 0, "65537 times 65536 bytes");
            check(kernel().calls().kcalloc(-1, 4, Gfp.GFP_KERNEL) == 0, "a negative count");
            check(kernel().calls().kcalloc(0, 12, Gfp.GFP_KERNEL) == Kmalloc.ZERO_SIZE_PTR, "no elements");
        });
    }

    @Test
    void reallocatingKeepsWhatFitsAndStaysWhereThereIsRoom() {
        fixture.run(() -> {
            long va = kernel().calls().krealloc(0, 20, Gfp.GFP_KERNEL);
            memory().fill(va, 0x77, 20);
            check(kernel().calls().krealloc(va, 30, Gfp.GFP_KERNEL) == va, "there was room for 30 bytes");
            long larger = kernel().calls().krealloc(va, 5000, Gfp.GFP_KERNEL);
            check(larger != va && memory().load8(larger + 19) == 0x77, "the bytes are gone");
            check(kernel().calls().kmalloc(20, Gfp.GFP_KERNEL) == va, "the old object was not freed");
            long block = kernel().calls().krealloc(larger, 100_000, Gfp.GFP_KERNEL);
            check(memory().load8(block + 19) == 0x77, "the bytes are gone");
            check(kernel().calls().krealloc(block, 5 << 20, Gfp.GFP_KERNEL) == 0 && memory().load8(block) == 0x77,
                    "a failure changed something");
            check(kernel().calls().krealloc(block, 0, Gfp.GFP_KERNEL) == Kmalloc.ZERO_SIZE_PTR, "size 0");
            check(kernel().calls().krealloc(Kmalloc.ZERO_SIZE_PTR, 8, Gfp.GFP_KERNEL) != 0, "from nothing");
        });
        assertThat(fixture.takeViolations()).isEmpty();
    }

    @Test
    void theSizeOfAnObjectIsThatOfItsClassAndOfABlockAllOfIt() {
        fixture.run(() -> {
            check(kernel().calls().ksize(kernel().calls().kmalloc(33, Gfp.GFP_KERNEL)) == 64, "ksize of 33 bytes");
            check(kernel().calls().ksize(kernel().calls().kmalloc(65, Gfp.GFP_KERNEL)) == 96, "ksize of 65 bytes");
            check(kernel().calls().ksize(kernel().calls().kmalloc(9000, Gfp.GFP_KERNEL)) == 16384,
                    "ksize of 9000 bytes");
            check(kernel().calls().ksize(0) == 0 && kernel().calls().ksize(Kmalloc.ZERO_SIZE_PTR) == 0,
                    "ksize of nothing");
        });
    }

    @Test
    void moreThanTheLargestBlockFailsWithAWarningUnlessNoneIsWanted() {
        fixture.run(() -> check(kernel().calls().kmalloc((4 << 20) + 1, Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN) == 0,
                "more than there is"));
        assertThat(fixture.log.toString()).doesNotContain("WARNING");
        fixture.run(() -> check(kernel().calls().kmalloc((4 << 20) + 1, Gfp.GFP_KERNEL) == 0, "more than there is"));
        assertThat(fixture.log.toString()).contains("WARNING: CPU: 0 PID: ")
                .contains("more than KMALLOC_MAX_SIZE (4194304)");
    }

    @Test
    void slubDebugNamesTheCachesThatItIsFor() {
        assertThat(SlabFlags.debugFlags("FZ,kmalloc-64,task*", "kmalloc-64"))
                .isEqualTo(SlabFlags.SLAB_CONSISTENCY_CHECKS | SlabFlags.SLAB_RED_ZONE);
        assertThat(SlabFlags.debugFlags("FZ,kmalloc-64,task*", "task_struct")).isNotZero();
        assertThat(SlabFlags.debugFlags("FZ,kmalloc-64,task*", "kmalloc-8")).isZero();
        assertThat(SlabFlags.debugFlags("on", "x")).isEqualTo(SlabFlags.DEBUG);
        assertThat(SlabFlags.debugFlags("off", "x")).isZero();
        assertThatThrownBy(() -> SlabFlags.check("FQ")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("letters of FZPU");
    }

    @Test
    void slabinfoHasLinuxColumns() {
        long[] cache = new long[1];
        fixture.run(() -> {
            cache[0] = create("mine", 100, 0, 0);
            fill(cache[0], 50);
        });
        List<String> lines = fixture.proc("slabinfo").lines().toList();
        assertThat(lines.get(0)).isEqualTo("slabinfo - version: 2.1");
        assertThat(lines.get(1)).isEqualTo("# name            <active_objs> <num_objs> <objsize> <objperslab> "
                + "<pagesperslab> : tunables <limit> <batchcount> "
                + "<sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>");
        assertThat(lines.get(2)).isEqualTo("mine                  50     78    104   39    1 : tunables    0    0    0 "
                + ": slabdata      2      2      0");
        assertThat(lines).anyMatch(line -> line.startsWith("kmem_cache "))
                .anyMatch(line -> line.startsWith("dma-kmalloc-8k "))
                .anyMatch(line -> line.startsWith("task_struct "));
    }

    /** Accesses and CSR instructions of a kmalloc and a kfree of 64 bytes, while another such object is allocated. */
    private static double cost(long ram, int harts, String slubDebug) {
        try (KernelFixture each = KernelFixture.options().ram(ram).harts(harts)
                .bootArguments("call_sites=off slub_debug=" + slubDebug).boot()) {
            double[] ticks = new double[1];
            each.run(List.of(Job.on(0, () -> {
                each.kernel().calls().kmalloc(64, Gfp.GFP_KERNEL);
                each.kernel().calls().kfree(each.kernel().calls().kmalloc(64, Gfp.GFP_KERNEL));
                long start = each.cpu().time();
                for (int i = 0; i < 100; i++) {
                    each.kernel().calls().kfree(each.kernel().calls().kmalloc(64, Gfp.GFP_KERNEL));
                }
                ticks[0] = (each.cpu().time() - start) / 100.0;
            })));
            return ticks[0];
        }
    }

    @Test
    void aHotAllocationAndItsFreeTakeAsManyStepsWhateverTheMachineAndFewWithoutChecks() {
        double hot = cost(32L << 20, 1, "off");
        assertThat(hot).isLessThan(26);
        assertThat(cost(1L << 30, 1, "off")).isEqualTo(hot);
        assertThat(cost(3L << 30, 1, "off")).isEqualTo(hot);
        assertThat(cost(1L << 30, 8, "off")).isEqualTo(hot);
    }

    @Test
    void anAddressIsFoundInItsSlab() {
        long[] object = new long[2];
        fixture.run(() -> {
            long cache = create("seen", 64, 0, SlabFlags.SLAB_STORE_USER);
            object[0] = kernel().calls().kmemCacheAlloc(cache, Gfp.GFP_ATOMIC);
            object[1] = kernel().calls().kmemCacheAlloc(cache, Gfp.GFP_ATOMIC);
            kernel().calls().kmemCacheFree(cache, object[1]);
        });
        SlabView.Found found = kernel().mm().caches().view().find(fixture.peek(), object[0] + 10);
        assertThat(found.cacheName()).isEqualTo("seen");
        assertThat(found.object()).isEqualTo(object[0]);
        assertThat(found.inside()).isEqualTo(10);
        assertThat(found.allocated()).isTrue();
        assertThat(found.owner().task()).isEqualTo("body");
        assertThat(found.owner().gfp()).isEqualTo(Gfp.GFP_ATOMIC);
        assertThat(kernel().mm().caches().view().find(fixture.peek(), object[1]).allocated()).isFalse();
        assertThat(kernel().mm().caches().view().find(fixture.peek(), AddressSpace.PAGE_OFFSET)).isNull();
    }
}
