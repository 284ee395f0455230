package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Checks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each misuse of objects, and for each a similar call that is legal. Lies outside the tested package, because the
 * search for the caller skips that package's frames.
 */
@Timeout(60)
class SlabMisuseTest {

    private KernelFixture fixture = with("FZPU");

    private static KernelFixture with(String slubDebug) {
        return KernelFixture.options().bootArguments("slub_debug=" + slubDebug).boot();
    }

    private void use(String slubDebug) {
        fixture.close();
        fixture = with(slubDebug);
    }

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

    private long kmalloc(int size) {
        long object = kernel().calls().kmalloc(size, Gfp.GFP_KERNEL);
        check(object != 0, "no memory");
        return object;
    }

    private static String here(int linesBelow) {
        return "SlabMisuseTest.java:" + StackWalker.getInstance().walk(frames -> frames.skip(1)
                .findFirst().orElseThrow().getLineNumber() + linesBelow);
    }

    private Violation theReport(String rule) {
        List<Violation> reports = fixture.takeViolations();
        assertThat(reports).as(reports + ", log " + fixture.log).hasSize(1);
        assertThat(reports.get(0).rule()).isEqualTo(rule);
        assertThat(reports.get(0).line("instead")).as("the right call").isNotBlank();
        return reports.get(0);
    }

    private String all(Violation report) {
        return report.lines().toString();
    }

    private void assertNothingReported() {
        assertThat(fixture.takeViolations()).isEmpty();
    }

    /**
     * Checks that the misuse has done no damage: no object is allocated twice, none overlaps another, and the counters
     * agree.
     */
    private void checkSound(int size) {
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 3 * AddressSpace.PAGE_SIZE / size; i++) {
            check(seen.add(kmalloc(size)), "the same object twice");
        }
        seen.forEach(kernel().calls()::kfree);
    }

    // ---- double free ----

    @ParameterizedTest
    @ValueSource(strings = {"off", "F", "FZPU"})
    void aSecondFreeIsReportedAndChangesNothing(String slubDebug) {
        use(slubDebug);
        long[] object = new long[1];
        fixture.run(() -> {
            object[0] = kmalloc(64);
            long other = kmalloc(64);
            kernel().calls().kfree(object[0]);
            kernel().calls().kfree(object[0]);
            checkSound(64);
            kernel().calls().kfree(other);
        });
        Violation report = theReport("double-free");
        assertThat(report.summary()).startsWith("kfree of 0x")
                .endsWith(", an object of kmalloc-64 that is free already");
        assertThat(report.facts().value("object")).isEqualTo("0x" + Long.toHexString(object[0]));
        assertThat(fixture.log.toString())
                .contains("BUG kmalloc-64: Object already free 0x" + Long.toHexString(object[0]));
    }

    @Test
    void theReportSaysWhoAllocatedAndWhoFreed() {
        String[] sites = new String[3];
        fixture.run(() -> {
            sites[0] = here(1);
            long object = kmalloc(100);
            sites[1] = here(1);
            kernel().calls().kfree(object);
            sites[2] = here(1);
            kernel().calls().kfree(object);
        });
        Violation report = theReport("double-free");
        assertThat(all(report)).contains("freed at " + sites[1] + " by task ")
                .contains("allocated at SlabMisuseTest.java:").contains("with GFP_KERNEL")
                .contains("'body' on hart 0");
        assertThat(report.line("where")).startsWith("at " + sites[2]);
        assertThat(report.line("object")).contains("128 bytes of kmalloc-128");
    }

    @Test
    void aSecondFreeIsNoticedWhenAllOfTheSlabIsFreeAndWhenTheSlabIsGone() {
        use("off");
        fixture.run(() -> {
            long object = kmalloc(4000);
            kernel().calls().kfree(object);
            kernel().calls().kfree(object);
        });
        theReport("double-free");
        fixture.run(() -> {
            long object = kernel().calls().kmalloc(500, Gfp.GFP_KERNEL | Gfp.GFP_DMA);
            kernel().calls().kfree(object);
            kernel().mm().caches().shrinkAll();
            kernel().calls().kfree(object);
        });
        assertThat(theReport("invalid-free").line("address")).isEqualTo("in free pages");
    }

    @Test
    void anObjectOnAnotherHartsListIsFreeToo() {
        fixture.close();
        fixture = KernelFixture.options().harts(2).boot();
        long[] objects = new long[2];
        fixture.run(List.of(KernelFixture.Job.on(0, () -> {
            objects[0] = kmalloc(2000);
            objects[1] = kmalloc(2000);
            kernel().calls().kfree(objects[0]);
        })));
        fixture.run(List.of(KernelFixture.Job.on(1, () -> kernel().calls().kfree(objects[0]))));
        theReport("double-free");
        fixture.run(List.of(KernelFixture.Job.on(1, () -> kernel().calls().kfree(objects[1]))));
        assertNothingReported();
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "FZPU"})
    void anObjectThatLooksFreeIsNot(String slubDebug) {
        use(slubDebug);
        fixture.run(() -> {
            long freed = kmalloc(64);
            long other = kmalloc(64);
            kernel().calls().kfree(freed);
            byte[] bytes = new byte[64];
            memory().read(freed, bytes, 0, 64);
            memory().write(other, bytes, 0, 64);
            kernel().calls().kfree(other);
            kernel().calls().kfree(0);
            kernel().calls().kfree(Kmalloc.ZERO_SIZE_PTR);
        });
        assertNothingReported();
    }

    // ---- free of something else ----

    @ParameterizedTest
    @ValueSource(strings = {"off", "FZPU"})
    void aFreeInsideAnObjectNamesTheObject(String slubDebug) {
        use(slubDebug);
        long[] object = new long[1];
        for (int inside : new int[] {1, 8, 63}) {
            fixture.run(() -> {
                object[0] = kmalloc(64);
                kernel().calls().kfree(object[0] + inside);
                checkSound(64);
                kernel().calls().kfree(object[0]);
            });
            Violation report = theReport("invalid-free");
            assertThat(report.facts().value("object")).isEqualTo("0x" + Long.toHexString(object[0]));
            assertThat(report.line("address")).startsWith(inside + " bytes from the beginning of ");
        }
    }

    @Test
    void aFreeBehindTheLastObjectOfASlabIsReported() {
        use("off");
        fixture.run(() -> {
            long object = kmalloc(96);
            kernel().calls().kfree((object & -AddressSpace.PAGE_SIZE) + AddressSpace.PAGE_SIZE / 96 * 96);
            kernel().calls().kfree(object);
        });
        assertThat(theReport("invalid-free").line("address")).isEqualTo("past the last object of its slab");
    }

    @Test
    void aFreeOfAnAddressOfAnotherKindSaysWhichKindItIs() {
        long[] page = new long[1];
        long[] device = new long[1];
        long[] large = new long[1];
        fixture.run(() -> {
            page[0] = kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 1);
            large[0] = kmalloc(20_000);
            device[0] = kernel().calls().ioremap(0xf005_1000L, 0x1000);
        });
        Object[][] foreign = {
            {device[0], "in the vmalloc and ioremap area"},
            {4096L, "a user address"},
            {8L, "in the page at 0, which is never mapped"},
            {AddressSpace.PAGE_OFFSET, "in the kernel's own memory"},
            {AddressSpace.LINEAR_END - 4, "above the end of low memory"},
            {0xffff_fff0L, "in the area of fixed mappings, which holds no allocations"},
            {page[0] + 4096, "in a block of order 1 at "},
            {large[0] + 8, "in a block of order 3 at "},
        };
        for (Object[] each : foreign) {
            fixture.run(() -> kernel().calls().kfree((Long) each[0]));
            Violation report = theReport("invalid-free");
            assertThat(report.line("address")).startsWith((String) each[1]);
            assertThat(report.line("instead")).contains("vfree for vmalloc");
        }
        fixture.run(() -> {
            kernel().calls().kfree(large[0]);
            kernel().calls().freePages(page[0], 1);
        });
        assertNothingReported();
        fixture.run(() -> kernel().calls().kfree(large[0]));
        assertThat(theReport("double-free").line("address")).startsWith("in free pages");
    }

    @Test
    void anObjectGivenToAnotherCacheGoesToItsOwn() {
        String before = fixture.accounting();
        fixture.run(() -> {
            long one = kernel().calls().kmemCacheCreate("one", 40, 0, 0, 0);
            long two = kernel().calls().kmemCacheCreate("two", 40, 0, 0, 0);
            long object = kernel().calls().kmemCacheAlloc(one, Gfp.GFP_KERNEL);
            kernel().calls().kmemCacheFree(two, object);
            check(kernel().calls().kmemCacheDestroy(one) && kernel().calls().kmemCacheDestroy(two),
                    "an object was left");
        });
        Violation report = theReport("wrong-cache");
        assertThat(report.summary()).endsWith(" to two, but the object is from one");
        assertThat(report.facts().value("given_to")).isEqualTo("two");
        assertThat(fixture.accounting()).isEqualTo(before);
        fixture.run(() -> {
            long one = kernel().calls().kmemCacheCreate("one", 40, 0, 0, 0);
            kernel().calls().kmemCacheFree(one, kernel().calls().kmemCacheAlloc(one, Gfp.GFP_KERNEL));
            kernel().calls().kmemCacheFree(one, 0);
            kernel().calls().kmemCacheDestroy(one);
        });
        assertNothingReported();
    }

    // ---- red zones ----

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 8, 9, 60, 64, 65, 96, 100, 190, 500, 4096, 5000})
    void oneByteBehindWhatWasAskedForIsNoticedWhenTheObjectIsFreedAndTheLastByteIsFine(int size) {
        fixture.run(() -> {
            long object = kmalloc(size);
            for (int i = 0; i < size; i++) {
                memory().store8(object + i, 0xee);
            }
            kernel().calls().kfree(object);
        });
        assertNothingReported();
        long[] object = new long[1];
        fixture.run(() -> {
            object[0] = kmalloc(size);
            memory().store8(object[0] + size, 0x11);
            kernel().calls().kfree(object[0]);
            checkSound(8192);
        });
        Violation report = theReport("object-overrun");
        assertThat(report.facts().value("first_bad")).isEqualTo("0x" + Long.toHexString(object[0] + size));
        assertThat(report.facts().value("has")).startsWith("11");
        assertThat(report.facts().value("expected")).startsWith("cc");
        assertThat(all(report)).contains("allocated at SlabMisuseTest.java:");
        assertThat(fixture.log.toString()).contains("Right Redzone overwritten");
    }

    @Test
    void aByteBeforeAnObjectIsNoticedTooAndSoIsOneFarBehindIt() {
        fixture.run(() -> {
            long object = kmalloc(24);
            memory().store8(object - 1, 0);
            kernel().calls().kfree(object);
        });
        assertThat(all(theReport("object-overrun"))).contains("1 before the object");
        fixture.run(() -> {
            long object = kmalloc(4096);
            memory().store8(object + 4096 + 200, 0);
            kernel().calls().kfree(object);
        });
        theReport("object-overrun");
    }

    /** The rest of a slab past its last object is not free to use either. */
    @Test
    void bytesBehindTheLastObjectOfASlabAreNoticed() {
        long[] last = new long[1];
        fixture.run(() -> {
            long cache = kernel().calls().kmemCacheCreate("odd", 1000, 0, 0, 0);
            long[] objects = new long[40];
            for (int i = 0; i < objects.length; i++) {
                objects[i] = kernel().calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
            }
            long slab = kernel().mm().memMap().head(memory(), kernel().calls().virtToPage(objects[0]));
            long end = kernel().calls().pageAddress(slab)
                    + ((long) AddressSpace.PAGE_SIZE << PageLayout.ORDER.get(memory(), slab));
            for (long object : objects) {
                last[0] = object < end && object > last[0] && object >= kernel().calls().pageAddress(slab) ? object
                        : last[0];
            }
            check(end - last[0] > 1100, "there are no bytes past the last object");
            memory().store8(end - 1, 0x11);
            for (long object : objects) {
                kernel().calls().kmemCacheFree(cache, object);
            }
            check(kernel().calls().kmemCacheDestroy(cache), "destroyed");
        });
        Violation report = theReport("object-overrun");
        assertThat(report.facts().value("object")).isEqualTo("0x" + Long.toHexString(last[0]));
        assertThat(report.facts().value("has")).isEqualTo("11");
        assertThat(report.facts().value("expected")).isEqualTo("5a");
    }

    @Test
    void whoeverAsksForTheSizeMayUseAllOfIt() {
        fixture.run(() -> {
            long object = kmalloc(100);
            check(kernel().calls().ksize(object) == 128, "ksize");
            memory().store8(object + 127, 1);
            kernel().calls().kfree(object);
        });
        assertNothingReported();
    }

    // ---- poison ----

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 63})
    void aWriteAfterTheFreeIsNoticedAtTheNextAllocation(int at) {
        String[] sites = new String[1];
        long[] object = new long[1];
        fixture.run(() -> {
            object[0] = kmalloc(64);
            sites[0] = here(1);
            kernel().calls().kfree(object[0]);
            memory().store8(object[0] + at, 0x42);
            check(kmalloc(64) == object[0], "another object");
        });
        Violation report = theReport("use-after-free");
        assertThat(all(report)).contains("freed at " + sites[0]).contains(at + " into the object: 42");
        assertThat(report.facts().value("has")).startsWith("42");
        assertThat(report.facts().value("expected")).startsWith(at == 63 ? "a5" : "6b");
    }

    @Test
    void aWriteAfterTheFreeIsNoticedWhenTheSlabGoes() {
        fixture.run(() -> {
            long cache = kernel().calls().kmemCacheCreate("short", 200, 0, SlabFlags.SLAB_POISON, 0);
            long object = kernel().calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
            kernel().calls().kmemCacheFree(cache, object);
            memory().store32(object + 100, 1);
            kernel().calls().kmemCacheDestroy(cache);
        });
        assertThat(theReport("use-after-free").facts().value("cache")).isEqualTo("short");
    }

    @Test
    void theBytesAreLinux() {
        fixture.run(() -> {
            long object = kmalloc(62);
            check(memory().load8(object) == 0x6b && memory().load8(object + 61) == 0x6b,
                    "an allocated object holds its poison until a store");
            check(memory().load8(object + 62) == 0xcc && memory().load8(object + 64) == 0xcc
                    && memory().load8(object - 1) == 0xcc, "red zones in use");
            kernel().calls().kfree(object);
            check(memory().load8(object) == 0x6b && memory().load8(object + 62) == 0x6b
                    && memory().load8(object + 63) == 0xa5, "poison");
            check(memory().load8(object + 64) == 0xbb && memory().load8(object - 1) == 0xbb,
                    "red zones of a free object");
        });
    }

    @Test
    void withoutPoisonAndRedZonesNobodyLooks() {
        use("off");
        fixture.run(() -> {
            long object = kmalloc(60);
            memory().store8(object + 60, 1);
            kernel().calls().kfree(object);
            memory().store8(object + 40, 1);
            kernel().calls().kfree(kmalloc(60));
        });
        assertNothingReported();
    }

    // ---- destroying ----

    @Test
    void aCacheWithLiveObjectsStaysAndTheReportNamesThem() {
        long[] objects = new long[10];
        long[] cache = new long[1];
        fixture.run(() -> {
            cache[0] = kernel().calls().kmemCacheCreate("mine", 300, 0, SlabFlags.SLAB_STORE_USER, 0);
            for (int i = 0; i < 10; i++) {
                objects[i] = kernel().calls().kmemCacheAlloc(cache[0], Gfp.GFP_KERNEL);
            }
            check(!kernel().calls().kmemCacheDestroy(cache[0]), "it was destroyed");
        });
        Violation report = theReport("cache-in-use");
        assertThat(report.summary()).isEqualTo("kmem_cache_destroy of mine, while 10 objects are allocated from it");
        assertThat(report.line("objects")).contains("allocated at SlabMisuseTest.java:").contains("'body'");
        assertThat(all(report)).contains("and 2 more");
        assertThat(fixture.log.toString()).contains("Objects remaining in mine on __kmem_cache_shutdown()");
        fixture.run(() -> {
            for (long object : objects) {
                kernel().calls().kmemCacheFree(cache[0], object);
            }
            check(kernel().calls().kmemCacheDestroy(cache[0]), "it was not destroyed");
            check(kernel().calls().kmemCacheDestroy(0), "a cache that is 0");
        });
        assertNothingReported();
    }

    @Test
    void highMemoryIsRefused() {
        fixture.run(() -> {
            check(kernel().calls().kmalloc(64, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM) == 0, "an object of high memory");
            check(kernel().calls().kmalloc(64, Gfp.GFP_KERNEL) != 0, "an object of low memory");
        });
        theReport("highmem-object");
        fixture.run(() -> check(kernel().calls().kmalloc(64_000, Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM) == 0,
                "a block of high memory"));
        theReport("highmem-object");
    }

    // ---- checks change nothing ----

    @Test
    void whetherTheRulesAreCheckedChangesNothingInTheMachine() {
        List<Machine.Digest> digests = new ArrayList<>();
        for (Checks checks : List.of(Checks.NONE, Checks.ALL)) {
            try (KernelFixture each = KernelFixture.options().checks(checks).bootArguments("slub_debug=FZPU").boot()) {
                each.run(() -> {
                    Kernel kernel = each.kernel();
                    long object = kernel.calls().kmalloc(20, Gfp.GFP_KERNEL);
                    each.memory().store8(object + 20, 1);
                    kernel.calls().kfree(object);
                    kernel.calls().kfree(object);
                    kernel.calls().kfree(object + 4);
                    each.memory().store8(object + 2, 1);
                    kernel.calls().kfree(kernel.calls().kmalloc(20, Gfp.GFP_KERNEL));
                    kernel.calls().kfree(5000);
                    long cache = kernel.calls().kmemCacheCreate("c", 20, 0, 0, 0);
                    kernel.calls().kmemCacheFree(cache, kernel.calls().kmalloc(20, Gfp.GFP_KERNEL));
                    kernel.calls().kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
                    kernel.calls().kmemCacheDestroy(cache);
                });
                assertThat(each.takeViolations()).hasSize(checks == Checks.NONE ? 0 : 7);
                digests.add(each.machine.digest());
            }
        }
        assertThat(digests.get(0)).isEqualTo(digests.get(1));
    }
}
