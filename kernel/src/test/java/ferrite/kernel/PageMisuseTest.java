package ferrite.kernel;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.check.KernelViolation;
import ferrite.kernel.mm.Gfp;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each mistake that can be made with blocks of pages is reported, changes nothing, and the run goes on; what only looks like it is not reported. */
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

    /** Runs what is wrong; there is one report, and what is free has not changed. */
    private KernelViolation reported(String rule, KernelFixture.Body misuse) {
        String free = fixture.proc("buddyinfo");
        fixture.run(misuse);
        List<KernelViolation> reports = fixture.takeViolations();
        assertThat(reports).hasSize(1);
        assertThat(reports.get(0).rule()).isEqualTo(rule);
        assertThat(reports.get(0).line("instead")).isNotBlank();
        assertThat(fixture.proc("buddyinfo")).as("free memory afterwards").isEqualTo(free);
        return reports.get(0);
    }

    private static String all(KernelViolation report) {
        return report.lines().toString();
    }

    @Test
    void aSecondFreeNamesWhoAllocatedAndWhoFreed() {
        for (int order : new int[] {0, 3}) {
            int[] lines = new int[3];
            KernelViolation report = reported("page-double-free", () -> {
                lines[0] = line() + 1;
                long va = kernel.getFreePages(Gfp.GFP_KERNEL, order);
                lines[1] = line() + 1;
                kernel.freePages(va, order);
                lines[2] = line() + 1;
                kernel.freePages(va, order);
            });
            assertThat(report.summary()).contains("which is free already");
            assertThat(report.line("where")).contains("PageMisuseTest.java:" + lines[2]);
            assertThat(all(report)).contains("allocated at PageMisuseTest.java:" + lines[0]).contains("freed at PageMisuseTest.java:" + lines[1]);
        }
    }

    @Test
    void ofTwoHartsThatFreeTheSamePageAtOnceOneIsReported() {
        int rounds = 1500;
        Seed seed = Seed.printed();
        try (KernelFixture random = KernelFixture.options().ram(32 << 20).harts(2).interleaving(Interleavings.RANDOM, seed.value()).boot()) {
            long[] page = new long[1];
            int[] ready = new int[1];
            random.run(random.onEveryHart(hart -> {
                for (int round = 1; round <= rounds; round++) {
                    if (hart == 0) {
                        page[0] = random.kernel().allocPage(Gfp.GFP_KERNEL);
                    }
                    ready[0]++;
                    while (ready[0] < 4 * round - 2) {
                        random.cpu().relax();
                    }
                    random.kernel().__freePage(page[0]);
                    ready[0]++;
                    while (ready[0] < 4 * round) {
                        random.cpu().relax();
                    }
                }
            }));
            assertThat(random.takeViolations()).as(seed.replay("two harts")).hasSize(rounds).extracting(KernelViolation::rule).containsOnly("page-double-free");
        }
    }

    @Test
    void aFreeWithAnotherOrderSaysWhichWouldBeRight() {
        for (int wrong : new int[] {2, 4, 0}) {
            KernelViolation report = reported("page-wrong-order", () -> {
                long va = kernel.getFreePages(Gfp.GFP_KERNEL, 3);
                kernel.freePages(va, wrong);
                kernel.freePages(va, 3);
            });
            assertThat(report.summary()).endsWith("with order " + wrong + ", which was allocated with order 3");
            assertThat(report.line("block")).contains("order 3, zone Normal");
        }
    }

    @Test
    void aFreeInsideABlockIsReported() {
        KernelViolation report = reported("page-bad-free", () -> {
            long va = kernel.getFreePages(Gfp.GFP_KERNEL, 3);
            kernel.freePages(va + 3 * 4096, 0);
            kernel.freePages(va, 3);
        });
        assertThat(report.summary()).contains("page 3 of the block of order 3");
    }

    @Test
    void aFreeOfWhatNobodyWasGivenIsReported() {
        assertThat(reported("page-bad-free", () -> kernel.__freePage(kernel.pfnToPage(0))).summary()).contains("reserved");
        assertThat(reported("page-bad-free", () -> kernel.__freePage(kernel.pfnToPage(0) + 8)).summary()).contains("no struct page");
        assertThat(reported("page-bad-free", () -> kernel.freePages(fixture.timerRegisters(), 0)).summary()).contains("not an address of the linear map");
        assertThat(reported("page-bad-free", () -> {
            long va = kernel.getFreePage(Gfp.GFP_KERNEL);
            kernel.freePage(va + 16);
            kernel.freePage(va);
        }).summary()).contains("not where a page begins");
    }

    @Test
    void aSlabIsNotFreedAsPages() {
        fixture.run(() -> kernel.kfree(kernel.kmalloc(64, Gfp.GFP_KERNEL)));           // its slab stays in the cache
        KernelViolation report = reported("page-bad-free", () -> {
            long object = kernel.kmalloc(64, Gfp.GFP_KERNEL);
            kernel.freePage(object & -4096L);
            kernel.kfree(object);
        });
        assertThat(report.summary()).contains("slab of kmalloc-64");
    }

    @Test
    void aReferenceToAFreePageIsReported() {
        reported("page-bad-reference", () -> {
            long page = kernel.allocPage(Gfp.GFP_KERNEL);
            kernel.putPage(page);
            kernel.putPage(page);
        });
        reported("page-bad-reference", () -> {
            long page = kernel.allocPages(Gfp.GFP_KERNEL, 2);
            kernel.__freePages(page, 2);
            kernel.getPage(page);
        });
    }

    @Test
    void anAddressOfHighMemoryIsRefused() {
        KernelViolation report = reported("highmem-address", () -> check(kernel.getFreePages(Gfp.GFP_HIGHUSER, 0) == 0, "an address"));
        assertThat(report.summary()).contains("GFP_HIGHUSER");
        assertThat(report.line("instead")).contains("alloc_pages");
    }

    @Test
    void whatIsRightIsNotReported() {
        fixture.run(fixture.onEveryHart(hart -> {
            for (int order = 0; order < 11; order++) {
                long va = kernel.getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN, order);
                kernel.freePages(va, order);
            }
            kernel.freePages(0, 3);
            long page = kernel.allocPages(Gfp.GFP_HIGHUSER, 2);
            kernel.getPage(page);
            kernel.__freePages(page, 2);
            kernel.putPage(page);
            long shared = kernel.allocPage(Gfp.GFP_ATOMIC);
            kernel.getPage(shared);
            kernel.putPage(shared);
            kernel.freePage(kernel.pageAddress(shared));
            long again = kernel.getFreePage(Gfp.GFP_KERNEL);
            kernel.freePage(again);
        }));
        assertThat(fixture.takeViolations()).isEmpty();
    }
}
