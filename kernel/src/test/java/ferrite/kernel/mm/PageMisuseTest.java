package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Checks;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Each misuse of page blocks is reported and changes nothing, and the run goes on. Similar calls that are legal are not
 * reported.
 */
@Timeout(60)
class PageMisuseTest {

    private KernelFixture fixture;
    private Kernel kernel;

    @BeforeEach
    void boot() {
        fixture = KernelFixture.options().ram(32 << 20).harts(2).boot();
        kernel = fixture.kernel();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private static int line() {
        return StackWalker.getInstance().walk(frames -> frames.skip(1).findFirst().orElseThrow().getLineNumber());
    }

    /** Runs a misuse. Requires one report and unchanged free memory. */
    private Violation reported(String rule, KernelFixture.Body misuse) {
        String free = fixture.proc("buddyinfo");
        fixture.run(misuse);
        List<Violation> reports = fixture.takeViolations();
        assertThat(reports).hasSize(1);
        assertThat(reports.get(0).rule()).isEqualTo(rule);
        assertThat(reports.get(0).line("instead")).isNotBlank();
        assertThat(fixture.proc("buddyinfo")).as("free memory afterwards").isEqualTo(free);
        return reports.get(0);
    }

    private static String all(Violation report) {
        return report.lines().toString();
    }

    @Test
    void aSecondFreeNamesWhoAllocatedAndWhoFreed() {
        for (int order : new int[] {0, 3}) {
            int[] lines = new int[3];
            Violation report = reported("page-double-free", () -> {
                lines[0] = line() + 1;
                long va = kernel.calls().__getFreePages(Gfp.GFP_KERNEL, order);
                lines[1] = line() + 1;
                kernel.calls().freePages(va, order);
                lines[2] = line() + 1;
                kernel.calls().freePages(va, order);
            });
            assertThat(report.summary()).contains("which is free already");
            assertThat(report.line("where")).contains("PageMisuseTest.java:" + lines[2]);
            assertThat(all(report)).contains("allocated at PageMisuseTest.java:" + lines[0])
                    .contains("freed at PageMisuseTest.java:" + lines[1]);
        }
    }

    @Test
    void ofTwoHartsThatFreeTheSamePageAtOnceOneIsReported() {
        int rounds = 1500;
        Seed seed = Seed.fresh();
        try (KernelFixture random = KernelFixture.options().ram(32 << 20).harts(2)
                .interleaving(Interleavings.RANDOM, seed.value()).boot()) {
            long[] page = new long[1];
            int[] ready = new int[1];
            random.run(random.onEveryHart(hart -> {
                for (int round = 1; round <= rounds; round++) {
                    if (hart == 0) {
                        page[0] = random.kernel().calls().allocPage(Gfp.GFP_KERNEL);
                    }
                    ready[0]++;
                    while (ready[0] < 4 * round - 2) {
                        random.cpu().relax();
                    }
                    random.kernel().calls().__freePage(page[0]);
                    ready[0]++;
                    while (ready[0] < 4 * round) {
                        random.cpu().relax();
                    }
                }
            }));
            assertThat(random.takeViolations()).as(seed.replay("two harts")).hasSize(rounds).extracting(Violation::rule)
                    .containsOnly("page-double-free");
        }
    }

    @Test
    void aFreeWithAnotherOrderSaysWhichWouldBeRight() {
        for (int wrong : new int[] {2, 4, 0}) {
            Violation report = reported("page-wrong-order", () -> {
                long va = kernel.calls().__getFreePages(Gfp.GFP_KERNEL, 3);
                kernel.calls().freePages(va, wrong);
                kernel.calls().freePages(va, 3);
            });
            assertThat(report.summary()).endsWith("with order " + wrong + ", which was allocated with order 3");
            assertThat(report.line("block")).contains("order 3, zone Normal");
        }
    }

    @Test
    void aFreeInsideABlockIsReported() {
        Violation report = reported("page-bad-free", () -> {
            long va = kernel.calls().__getFreePages(Gfp.GFP_KERNEL, 3);
            kernel.calls().freePages(va + 3 * 4096, 0);
            kernel.calls().freePages(va, 3);
        });
        assertThat(report.summary()).contains("page 3 of the block of order 3");
    }

    @Test
    void aFreeOfWhatNobodyWasGivenIsReported() {
        assertThat(reported("page-bad-free", () -> kernel.calls().__freePage(kernel.calls().pfnToPage(0))).summary())
                .contains("reserved");
        assertThat(reported("page-bad-free", () -> kernel.calls().__freePage(kernel.calls().pfnToPage(0) + 8))
                .summary()).contains("not a struct page");
        assertThat(reported("page-bad-free", () -> kernel.calls().freePages(fixture.timerRegisters(), 0)).summary())
                .contains("not an address of the linear map");
        assertThat(reported("page-bad-free", () -> {
            long va = kernel.calls().__getFreePage(Gfp.GFP_KERNEL);
            kernel.calls().freePage(va + 16);
            kernel.calls().freePage(va);
        }).summary()).contains("not the beginning of a page");
    }

    @Test
    void aSlabIsNotFreedAsPages() {
        // so that kmalloc's slab stays in the cache
        fixture.run(() -> kernel.calls().kfree(kernel.calls().kmalloc(64, Gfp.GFP_KERNEL)));
        Violation report = reported("page-bad-free", () -> {
            long object = kernel.calls().kmalloc(64, Gfp.GFP_KERNEL);
            kernel.calls().freePage(object & -4096L);
            kernel.calls().kfree(object);
        });
        assertThat(report.summary()).contains("slab of kmalloc-64");
    }

    @Test
    void aReferenceToAFreePageIsReported() {
        reported("page-bad-reference", () -> {
            long page = kernel.calls().allocPage(Gfp.GFP_KERNEL);
            kernel.calls().putPage(page);
            kernel.calls().putPage(page);
        });
        reported("page-bad-reference", () -> {
            long page = kernel.calls().allocPages(Gfp.GFP_KERNEL, 2);
            kernel.calls().__freePages(page, 2);
            kernel.calls().getPage(page);
        });
    }

    @Test
    void anAddressOfHighMemoryIsRefused() {
        Violation report = reported("highmem-address",
                () -> check(kernel.calls().__getFreePages(Gfp.GFP_HIGHUSER, 0) == 0, "an address"));
        assertThat(report.summary()).contains("GFP_HIGHUSER");
        assertThat(report.line("instead")).contains("alloc_pages");
    }

    // ---- accesses to free pages ----

    @Test
    void whoTouchesAPageAfterItWasFreedIsToldWhoAllocatedAndWhoFreedIt() {
        for (int order : new int[] {0, 1, 3, 7}) {
            for (boolean store : new boolean[] {false, true}) {
                int[] lines = new int[3];
                Violation report = reported("page-use-after-free", () -> {
                    lines[0] = line() + 1;
                    long va = kernel.calls().__getFreePages(Gfp.GFP_KERNEL, order);
                    long last = va + (4096L << order) - 4;
                    // so that the hart has the fast path
                    fixture.memory().store32(last, fixture.memory().load32(last));
                    lines[1] = line() + 1;
                    kernel.calls().freePages(va, order);
                    lines[2] = line() + (store ? 2 : 4);
                    if (store) {
                        fixture.memory().store32(last, 1);
                    } else {
                        fixture.memory().load32(last);
                    }
                });
                assertThat(report.summary()).startsWith(store ? "store of 4 bytes at 0x" : "load of 4 bytes at 0x")
                        .endsWith("in a free page");
                assertThat(report.line("where")).contains("PageMisuseTest.java:" + lines[2]);
                assertThat(report.line("page"))
                        .contains("page " + ((1 << order) - 1) + " of a former block of order " + order);
                assertThat(all(report)).contains("allocated at PageMisuseTest.java:" + lines[0])
                        .contains("freed at PageMisuseTest.java:" + lines[1]);
            }
        }
    }

    @Test
    void anotherHartThatGoesOnIsReportedToo() {
        long[] va = new long[1];
        int[] step = new int[1];
        fixture.run(fixture.onEveryHart(hart -> {
            if (hart == 0) {
                va[0] = kernel.calls().__getFreePage(Gfp.GFP_KERNEL);
                step[0] = 1;
                waitFor(step, 2);
                kernel.calls().freePage(va[0]);
                step[0] = 3;
            } else {
                waitFor(step, 1);
                fixture.memory().store32(va[0], 1);                         // so that this hart has the fast path
                step[0] = 2;
                waitFor(step, 3);
                fixture.memory().store32(va[0], 2);
            }
        }));
        assertThat(fixture.takeViolations()).hasSize(1).first().satisfies(report -> {
            assertThat(report.rule()).isEqualTo("page-use-after-free");
            assertThat(report.when().hart()).isEqualTo(1);
        });
    }

    private void waitFor(int[] step, int value) {
        while (step[0] != value) {
            fixture.cpu().relax();
        }
    }

    @Test
    void aBlockOfBytesThatReachesIntoFreePagesIsReported() {
        reported("page-use-after-free", () -> {
            long va = kernel.calls().__getFreePages(Gfp.GFP_KERNEL, 1);
            kernel.calls().freePages(va, 1);
            fixture.memory().write(va + 4000, new byte[50], 0, 50);
        });
    }

    @Test
    void highMemoryIsNoticedByWhateverAddressItIsReached() {
        try (KernelFixture large = KernelFixture.options().ram(32 << 20).lowEnd(20 << 20)
                .bootArguments("zone_normal=" + (20 << 20)).boot()) {
            large.run(() -> {
                long page = large.kernel().calls().allocPage(Gfp.GFP_HIGHUSER);
                long area = large.kernel().mm().vmalloc().getVmArea(4096);
                check(large.kernel().mm().vmalloc().ioremapPageRange(area, area + 4096,
                        large.kernel().calls().pageToPfn(page) << 12, true) == 0, "mapped");
                large.memory().store32(area, 7);
                check(large.takeViolations().isEmpty(), "it is allocated");
                large.kernel().calls().__freePage(page);
                large.memory().store32(area, 8);
            });
            assertThat(large.takeViolations()).extracting(Violation::rule).containsExactly("page-use-after-free");
        }
    }

    @Test
    void whoWritesPastABlockIsToldWhichAndByHowMuch() {
        try (KernelFixture guarded = KernelFixture.options().ram(64 << 20).harts(2)
                .bootArguments("guard_pages=on").boot()) {
            for (int order = 0; order <= 8; order++) {
                int size = order;
                int[] lines = new int[2];
                guarded.run(() -> {
                    lines[0] = line() + 1;
                    long va = guarded.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, size);
                    lines[1] = line() + 1;
                    guarded.memory().store8(va + (4096L << size) + 12, 1);
                    guarded.kernel().calls().freePages(va, size);
                });
                List<Violation> reports = guarded.takeViolations();
                assertThat(reports).hasSize(1);
                assertThat(reports.get(0).rule()).isEqualTo("page-overrun");
                assertThat(reports.get(0).summary()).endsWith("12 bytes past the end of a page block");
                assertThat(reports.get(0).line("where")).contains("PageMisuseTest.java:" + lines[1]);
                assertThat(reports.get(0).line("block")).contains("order " + order);
                assertThat(all(reports.get(0))).contains("allocated at PageMisuseTest.java:" + lines[0]);
            }
        }
    }

    /** Without guards some tasks would write into each other's blocks. */
    @Test
    void ofHundredsOfBlocksSideBySideEachOverrunIsNoticed() {
        try (KernelFixture guarded = KernelFixture.options().ram(64 << 20).harts(2)
                .bootArguments("guard_pages=on").boot()) {
            int blocks = 400;
            guarded.run(() -> {
                long[] va = new long[blocks];
                for (int i = 0; i < blocks; i++) {
                    va[i] = guarded.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, i % 4);
                    if (i % 3 == 2) {
                        // so that blocks come from everywhere
                        guarded.kernel().calls().freePages(va[i - 1], (i - 1) % 4);
                        va[i - 1] = guarded.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, (i - 1) % 4);
                    }
                }
                for (int i = 0; i < blocks; i++) {
                    guarded.memory().store32(va[i] + (4096L << i % 4), i);
                }
                for (int i = 0; i < blocks; i++) {
                    guarded.kernel().calls().freePages(va[i], i % 4);
                }
            });
            assertThat(guarded.takeViolations()).hasSize(blocks).extracting(Violation::rule)
                    .containsOnly("page-overrun");
        }
    }

    @Test
    void noAllocationFailsBecauseOfGuards() {
        int[] got = new int[2];
        for (int guards = 0; guards < 2; guards++) {
            try (KernelFixture machine = KernelFixture.options().ram(24 << 20)
                    .bootArguments("guard_pages=" + (guards == 0 ? "off" : "on")).boot()) {
                int number = guards;
                machine.run(() -> {
                    long last = 0;
                    for (long va; (va = machine.kernel().calls().__getFreePage(Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN)) != 0;
                            last = va) {
                        machine.memory().storeAddress(va, last);
                        got[number]++;
                    }
                    while (last != 0) {
                        long before = machine.memory().loadAddress(last);
                        machine.kernel().calls().freePage(last);
                        last = before;
                    }
                    long large = machine.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 9);
                    check(large != 0, "single pages did not merge into a large block again");
                    machine.kernel().calls().freePages(large, 9);
                });
                assertThat(machine.takeViolations()).isEmpty();
            }
        }
        assertThat(got[0]).isGreaterThan(4000);
        assertThat(got[1]).isEqualTo(got[0]);
    }

    @Test
    void whatSomebodyHasMayBeTouchedToItsLastByte() {
        try (KernelFixture guarded = KernelFixture.options().ram(64 << 20).harts(2)
                .bootArguments("guard_pages=on").boot()) {
            guarded.run(() -> {
                for (int order = 0; order < 9; order++) {
                    long va = guarded.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, order);
                    guarded.memory().fill(va, 1, 4096 << order);
                    long page = guarded.kernel().calls().virtToPage(va);
                    guarded.kernel().calls().getPage(page);
                    guarded.kernel().calls().freePages(va, order);
                    guarded.memory().store32(va, 1);                             // another reference is left
                    guarded.kernel().calls().putPage(page);
                    long again = guarded.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, order);
                    guarded.memory().store32(again + (4096L << order) - 4, 1);
                    guarded.kernel().calls().freePages(again, order);
                }
            });
            assertThat(guarded.takeViolations()).isEmpty();
        }
    }

    @Test
    void theChecksChangeNoRun() {
        String[] digests = new String[2];
        for (int checked = 0; checked < 2; checked++) {
            try (KernelFixture machine = KernelFixture.options().ram(32 << 20).harts(2)
                    .checks(checked == 0 ? Checks.NONE : Checks.ALL).boot()) {
                machine.run(() -> {
                    long va = machine.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 2);
                    machine.memory().store32(va, 1);
                    machine.kernel().calls().freePages(va, 2);
                    machine.memory().fill(va, 3, 10_000);
                    check(machine.memory().load32(va) == 0x0303_0303, "the stored bytes");
                });
                digests[checked] = machine.machine.digest().toString();
            }
        }
        assertThat(digests[1]).isEqualTo(digests[0]);
    }

    @Test
    void whatIsRightIsNotReported() {
        fixture.run(fixture.onEveryHart(hart -> {
            for (int order = 0; order < 11; order++) {
                long va = kernel.calls().__getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN, order);
                kernel.calls().freePages(va, order);
            }
            kernel.calls().freePages(0, 3);
            long page = kernel.calls().allocPages(Gfp.GFP_HIGHUSER, 2);
            kernel.calls().getPage(page);
            kernel.calls().__freePages(page, 2);
            kernel.calls().putPage(page);
            long shared = kernel.calls().allocPage(Gfp.GFP_ATOMIC);
            kernel.calls().getPage(shared);
            kernel.calls().putPage(shared);
            kernel.calls().freePage(kernel.calls().pageAddress(shared));
            long again = kernel.calls().__getFreePage(Gfp.GFP_KERNEL);
            kernel.calls().freePage(again);
        }));
        assertThat(fixture.takeViolations()).isEmpty();
    }
}
