package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.bugOf;
import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The contract's row "pages", call by call, on a machine with three small zones: DMA to 2 MiB, NORMAL to 20 MiB,
 * HIGHMEM to 28 MiB.
 */
@Timeout(60)
class PagesTest {

    private static final int LOW_END = 20 << 20;
    private static final String ZONES = "zone_dma=" + (2 << 20) + " zone_normal=" + LOW_END;

    private KernelFixture fixture;
    private Kernel kernel;

    @BeforeEach
    void boot() {
        boot("");
    }

    private void boot(String words) {
        if (fixture != null) {
            fixture.close();
        }
        fixture = KernelFixture.options().ram(28 << 20).lowEnd(LOW_END).harts(2).bootArguments(ZONES + words).boot();
        kernel = fixture.kernel();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private int zoneOf(long page) {
        return kernel.mm().zones().zoneOf(fixture.peek(), kernel.calls().pageToPfn(page));
    }

    private List<Long> exhaust(int gfp, int order) {
        List<Long> pages = new ArrayList<>();
        for (long page = kernel.calls().allocPages(gfp | Gfp.__GFP_NOWARN, order); page != 0;
                page = kernel.calls().allocPages(gfp | Gfp.__GFP_NOWARN, order)) {
            pages.add(page);
        }
        return pages;
    }

    private static int line() {
        return StackWalker.getInstance().walk(frames -> frames.skip(1).findFirst().orElseThrow().getLineNumber());
    }

    // ---- zones ----

    @Test
    void highmemSearchesHighMemoryThenNormalThenDma() {
        fixture.run(() -> {
            List<Long> pages = exhaust(Gfp.GFP_HIGHUSER | Gfp.__GFP_NORETRY, 0);
            List<Integer> zones = pages.stream().map(this::zoneOf).distinct().toList();
            check(zones.subList(0, 2).equals(List.of(Zones.HIGHMEM, Zones.NORMAL)) && zones.contains(Zones.DMA),
                    "zones in order: " + zones);
            check(kernel.calls().pageAddress(pages.get(0)) == 0, "high memory has an address");
            pages.forEach(page -> kernel.calls().__freePage(page));
        });
    }

    @Test
    void lowMemoryHasALinearAddressAndHighMemoryAndRegistersHaveNone() {
        KernelCalls calls = kernel.calls();
        long lowPa = kernel.base().space().physOffset() + LOW_END;
        fixture.run(() -> {
            long va = calls.__getFreePage(Gfp.GFP_KERNEL);
            check(calls.physToVirt(calls.virtToPhys(va + 5)) == va + 5, "phys_to_virt");
            check(calls.pfnValid(calls.pageToPfn(calls.virtToPage(va))), "a frame of memory");
            check(calls.pfnValid((lowPa >>> 12) - 1) && calls.pfnValid(lowPa >>> 12), "high memory");
            check(!calls.pfnValid(0xf000_0000L >>> 12) && calls.pfnToPage(0xf000_0000L >>> 12) == 0, "registers");
            check(bugOf(() -> calls.physToVirt(lowPa)).contains("which is high memory: call kmap"), "high memory");
            check(bugOf(() -> calls.physToVirt(0xf000_0000L)).contains("call ioremap"), "registers");
            calls.freePage(va);
        });
    }

    @Test
    void withoutHighmemNoPageIsHigh() {
        fixture.run(() -> {
            List<Long> pages = exhaust(Gfp.GFP_USER | Gfp.__GFP_NORETRY, 0);
            check(pages.stream().noneMatch(page -> zoneOf(page) == Zones.HIGHMEM), "a high page");
            check(pages.stream().anyMatch(page -> zoneOf(page) == Zones.DMA), "DMA was not searched");
            pages.forEach(page -> kernel.calls().__freePage(page));
        });
    }

    @Test
    void dmaSearchesNothingElse() {
        fixture.run(() -> {
            List<Long> pages = exhaust(Gfp.GFP_KERNEL | Gfp.__GFP_DMA | Gfp.__GFP_NORETRY, 0);
            check(!pages.isEmpty() && pages.stream().allMatch(page -> zoneOf(page) == Zones.DMA), "not DMA");
            pages.forEach(page -> kernel.calls().__freePage(page));
            long va = kernel.calls().__getDmaPages(Gfp.GFP_KERNEL, 1);
            check(zoneOf(kernel.calls().virtToPage(va)) == Zones.DMA, "__get_dma_pages");
            kernel.calls().freePages(va, 1);
        });
    }

    // ---- properties of a block ----

    @Test
    void aBlockIsAlignedContiguousAndOfTheOrder() {
        fixture.run(() -> {
            for (int order = 0; order <= 10; order++) {
                for (int gfp : new int[] {Gfp.GFP_KERNEL, Gfp.GFP_HIGHUSER}) {
                    long page = kernel.calls().allocPages(gfp, order);
                    check(page != 0, "order " + order);
                    check(kernel.calls().pageToPfn(page) % (1L << order) == 0, "order " + order + " is not aligned");
                    check(kernel.calls().pfnToPage(kernel.calls().pageToPfn(page)) == page, "pfn_to_page");
                    check(gfp != Gfp.GFP_KERNEL || kernel.calls().virtToPage(kernel.calls().pageAddress(page)) == page,
                            "virt_to_page");
                    kernel.calls().__freePages(page, order);
                }
            }
            check(kernel.calls().getOrder(1) == 0 && kernel.calls().getOrder(4096) == 0
                    && kernel.calls().getOrder(4097) == 1 && kernel.calls().getOrder(3 * 4096) == 2, "get_order");
            check(kernel.calls().allocPagesNode(1, Gfp.GFP_KERNEL, 0) == 0, "there is one node");
            long page = kernel.calls().allocPagesNode(0, Gfp.GFP_KERNEL, 0);
            check(page != 0, "node 0");
            kernel.calls().__freePage(page);
        });
    }

    @Test
    void zeroedMeansEveryByteInLowMemoryAndInHigh() {
        fixture.run(() -> {
            for (int gfp : new int[] {Gfp.GFP_KERNEL, Gfp.GFP_HIGHUSER}) {
                long page = kernel.calls().allocPages(gfp | Gfp.__GFP_ZERO, 3);
                long pa = kernel.calls().pageToPfn(page) << 12;
                byte[] bytes = new byte[8 * 4096];
                java.util.Arrays.fill(bytes, (byte) 0x5a);
                fixture.machine.bus().write(new ferrite.hardware.bus.BusMaster("test", 32), pa, bytes, 0, bytes.length);
                kernel.calls().__freePages(page, 3);
                long again = kernel.calls().allocPages(gfp | Gfp.__GFP_ZERO, 3);
                check(again == page, "another block");
                fixture.machine.bus().peek(pa, bytes, 0, bytes.length);
                for (byte b : bytes) {
                    check(b == 0, "a byte is left");
                }
                kernel.calls().__freePages(page, 3);
            }
            long va = kernel.calls().getZeroedPage(Gfp.GFP_KERNEL);
            check(fixture.memory().load32(va) == 0, "get_zeroed_page");
            kernel.calls().freePage(va);
        });
    }

    @Test
    void aBlockIsFreeWhenItsLastReferenceIsGivenUp() {
        String before = fixture.proc("buddyinfo");
        fixture.run(() -> {
            long page = kernel.calls().allocPages(Gfp.GFP_KERNEL, 3);
            kernel.calls().getPage(page + 5 * 32);                   // any page of the block will do
            kernel.calls().__freePages(page, 3);
            check(kernel.mm().owners().freedBy(fixture.peek(), kernel.calls().pageToPfn(page)) == null,
                    "it was freed while there was a reference");
            kernel.calls().putPage(page);
        });
        assertThat(fixture.proc("buddyinfo")).isEqualTo(before);
    }

    // ---- the harts' own lists ----

    @Test
    void aHartGetsTheHotPageBackThatItFreedLastAndAColdOneOnlyWhenItAsks() {
        fixture.run(() -> {
            long first = kernel.calls().allocPage(Gfp.GFP_KERNEL);
            long second = kernel.calls().allocPage(Gfp.GFP_KERNEL);
            long cold = kernel.calls().allocPage(Gfp.GFP_KERNEL);
            kernel.calls().__freePage(first);
            kernel.calls().__freePage(second);
            kernel.mm().pages().freeColdPage(cold);
            check(kernel.calls().allocPage(Gfp.GFP_KERNEL | Gfp.__GFP_COLD) == cold, "not the cold page");
            check(kernel.calls().allocPage(Gfp.GFP_KERNEL) == second, "not the hottest page");
            check(kernel.calls().allocPage(Gfp.GFP_KERNEL) == first, "not the next hottest page");
            List.of(first, second, cold).forEach(page -> kernel.calls().__freePage(page));
        });
    }

    @Test
    void pagesMoveBetweenAZoneAndAHartInBatches() {
        try (KernelFixture large = KernelFixture.options().ram(128 << 20).boot()) {
            Kernel big = large.kernel();
            large.run(() -> {
                big.mm().pages().pageSets().drainAll();
                int batch = big.mm().pages().pageSets().batch(large.peek(), 0, Zones.NORMAL);
                check(batch == 7,
                        "batch " + batch + ": 112 MiB / 1024 / 4 pages, half more, one less than a power of two");
                long free = big.mm().zones().free(large.peek(), Zones.NORMAL);
                long page = big.calls().allocPage(Gfp.GFP_KERNEL);
                check(big.mm().zones().free(large.peek(), Zones.NORMAL) == free - batch, "a batch was not taken");
                check(big.mm().pages().pageSets().count(large.peek(), 0, Zones.NORMAL) == batch - 1,
                        "the rest of it is not there");
                big.calls().__freePage(page);
                List<Long> pages = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    pages.add(big.calls().allocPage(Gfp.GFP_KERNEL));
                }
                pages.forEach(each -> big.calls().__freePage(each));
                long held = big.mm().pages().pageSets().count(large.peek(), 0, Zones.NORMAL);
                check(held <= 6 * batch && held > 4 * batch, "the hart holds " + held);
                check(large.proc("zoneinfo").contains("count: " + held + "\n"), "zoneinfo");
            });
        }
    }

    // ---- failures ----

    @Test
    void aFailureIsReportedAsLinuxDoesWithTheCallSite() {
        int[] line = new int[1];
        fixture.run(() -> {
            List<Long> blocks = exhaust(Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY, 4);
            fixture.log.clear();
            check(kernel.calls().allocPages(Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN, 4) == 0, "there was a block");
            check(fixture.log.isEmpty(), "__GFP_NOWARN wrote " + fixture.log);
            line[0] = line() + 1;
            check(kernel.calls().__getFreePages(Gfp.GFP_KERNEL, 4) == 0, "there was a block");
            blocks.forEach(block -> kernel.calls().__freePages(block, 4));
        });
        String text = String.join("", fixture.log).replaceAll("(?m)^\\[ *\\d+\\.\\d+\\] ", "");
        assertThat(text)
                .startsWith("body: page allocation failure: order:4, mode:0xcc0(GFP_KERNEL), nodemask=(null)\nCPU: ")
                .contains("Call Trace:\n PagesTest.java:" + line[0] + "\nMem-Info:\n");
        for (String zone : List.of("DMA", "Normal", "HighMem")) {
            assertThat(text).containsPattern(zone + " free:\\d+kB boost:0kB min:\\d+kB low:\\d+kB high:\\d+kB .* "
                    + "present:\\d+kB managed:\\d+kB .*free_pcp:\\d+kB local_pcp:\\d+kB")
                    .containsPattern("(?m)^" + zone + ": (\\d+\\*\\d+kB (\\(U\\) )?){11}= \\d+kB$");
        }
        assertThat(text).containsPattern("lowmem_reserve\\[\\]: 0 \\d+ \\d+\n")
                .contains("\n7168 pages RAM\n2048 pages HighMem/MovableOnly\n");
        assertThat(sum(text, "Normal")).as("blocks of Normal, in kB")
                .isEqualTo(kilobytes(text, "Normal free:(\\d+)kB"));
    }

    private static long kilobytes(String text, String pattern) {
        var matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private static long sum(String text, String zone) {
        String line = text.lines().filter(each -> each.startsWith(zone + ": ")).findFirst().orElseThrow();
        return Pattern.compile("(\\d+)\\*(\\d+)kB").matcher(line)
                .results().mapToLong(each -> Long.parseLong(each.group(1)) * Long.parseLong(each.group(2))).sum();
    }

    @Test
    void anOrderThatDoesNotExistFails() {
        fixture.run(() -> check(kernel.calls().allocPages(Gfp.GFP_KERNEL,
                11) == 0 && kernel.calls().allocPages(Gfp.GFP_KERNEL, -1) == 0, "a block"));
        assertThat(fixture.log).anyMatch(line -> line.contains("page allocation failure: order:11"));
    }

    // ---- fault injection ----

    @Test
    void everySecondAllocationFailsWhenAskedTo() {
        boot(" fail_page_alloc=2,100,0,-1");
        fixture.run(() -> {
            StringBuilder outcome = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                long page = kernel.calls().allocPage(Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN);
                outcome.append(page == 0 ? '-' : '+');
                if (page != 0) {
                    kernel.calls().__freePage(page);
                }
            }
            check(outcome.toString().contains("+-+-+-+-+-+-+-+-+-+"), outcome.toString());
            for (int i = 0; i < 5; i++) {
                long page = kernel.calls().allocPage(Gfp.GFP_KERNEL | Gfp.__GFP_NOFAIL);
                check(page != 0, "__GFP_NOFAIL failed");
                kernel.calls().__freePage(page);
            }
        });
    }

    @Test
    void failuresCanBeSparedLimitedAndLeftToChance() {
        boot(" fail_page_alloc=1,50,40960,3");
        fixture.run(() -> {
            List<Integer> failed = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                long page = kernel.calls().allocPage(Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN);
                if (page == 0) {
                    failed.add(i);
                } else {
                    kernel.calls().__freePage(page);
                }
            }
            check(failed.size() == 3 && failed.get(2) > failed.get(0) + 2, "failed: " + failed);
        });
    }

    @Test
    void whatToFailIsRefusedUnlessItIsFourNumbersThatMakeSense() {
        for (String wrong : List.of("", "1", "1,2,3", "0,100,0,-1", "1,101,0,-1", "1,-1,0,0", "1,1,-1,0", "1,1,1,-2",
                "a,b,c,d", "1,1,1,1,1")) {
            assertThatThrownBy(() -> FailPageAlloc.parse(wrong))
                    .hasMessageContaining("INTERVAL,PROBABILITY,SPACE,TIMES");
        }
    }
}
