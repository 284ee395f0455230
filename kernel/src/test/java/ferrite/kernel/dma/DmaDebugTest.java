package ferrite.kernel.dma;

import static ferrite.kernel.KernelFixture.check;
import static ferrite.kernel.dma.DmaDirection.DMA_BIDIRECTIONAL;
import static ferrite.kernel.dma.DmaDirection.DMA_FROM_DEVICE;
import static ferrite.kernel.dma.DmaDirection.DMA_TO_DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.ReportText;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.check.Checks;
import ferrite.kernel.monitor.WhoCommand;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong unmaps: each mistake with a near miss, on memory that is bounced and on memory that is not. */
@Timeout(60)
class DmaDebugTest {

    /** Rules of other tests: the buffers here are a few bytes of a block each. */
    private static final List<String> OTHERS = List.of("dma-bad-buffer", "dma-shared-line");

    private KernelFixture fixture;
    private long dev;
    private long buffer;

    private void boot(String arguments) {
        fixture = KernelFixture.options().bootArguments(arguments).boot();
        fixture.run(() -> {
            if (arguments.contains("fail_page_alloc")) {
                fixture.kernel().mm().pages().failures().arm(false);
            }
            dev = fixture.zeroed(DmaDeviceLayout.SIZE);
            check(dma().dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(32)) == 0, "the mask is refused");
            buffer = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 2);
        });
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private DmaMapping dma() {
        return fixture.kernel().dma().mapping();
    }

    private long map(long va, int bytes, int direction) {
        long handle = dma().dmaMapSingle(dev, va, bytes, direction);
        check(dma().dmaMappingError(dev, handle) == 0, "not mapped");
        return handle;
    }

    private void fine(KernelFixture.Body body) {
        fixture.run(body);
        assertThat(fixture.takeViolations()).as("but for buffers that nobody allocated")
                .filteredOn(violation -> !OTHERS.contains(violation.rule())).isEmpty();
    }

    private Violation broken(String rule, KernelFixture.Body body) {
        fixture.run(body);
        List<Violation> all = fixture.takeViolations().stream()
                .filter(violation -> !OTHERS.contains(violation.rule())).toList();
        assertThat(all).extracting(Violation::rule).containsExactly(rule);
        return all.get(0);
    }

    private List<String> claims() {
        return fixture.kernel().base().states().claims().live().stream().map(claim -> claim.describe()
                .replaceFirst("by dma_pool_alloc at .*", "by dma_pool_alloc") + (claim.isUnasked() ? ", unasked" : ""))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "swiotlb=force"})
    void aKernelThatAttachesKnowsWhatDevicesMayAccess(String arguments) {
        boot(arguments);
        long[] addresses = new long[6];
        fine(() -> {
            long handle = fixture.zeroed(8);
            addresses[0] = map(buffer, 100, DMA_FROM_DEVICE);
            addresses[1] = dma().dmaMapSingle(dev, buffer + 4096, 200, DMA_TO_DEVICE);
            addresses[2] = dma().dmaAllocCoherent(dev, 3000, handle, Gfp.GFP_KERNEL);
            addresses[3] = dma().dmaAllocCoherent(dev, 4096, handle, Gfp.GFP_KERNEL);
            dma().dmaFreeCoherent(dev, 3000, addresses[2], fixture.kernel().mm().virtToPhys(addresses[2]));
            addresses[4] = fixture.kernel().dma().pools().dmaPoolCreate("pool", dev, 64, 64, 0);
            addresses[5] = fixture.kernel().dma().pools().dmaPoolAlloc(addresses[4], Gfp.GFP_KERNEL, handle);
        });
        List<String> before = claims();
        assertThat(before).hasSize(4).anyMatch(claim -> claim.endsWith(", unasked"));

        fixture.reattach();

        assertThat(claims()).isEqualTo(before);
        assertThat(fixture.kernel().base().states().shadow().state(addresses[5] + 63)).isZero();
        assertThat(fixture.kernel().base().states().shadow().state(addresses[5] + 64)).isNotZero();
        fine(() -> {
            dma().dmaUnmapSingle(dev, addresses[0], 100, DMA_FROM_DEVICE);
            dma().dmaFreeCoherent(dev, 4096, addresses[3], fixture.kernel().mm().virtToPhys(addresses[3]));
        });
        assertThat(claims()).hasSize(2);
        assertThat(broken("dma-freed-in-use", () -> fixture.kernel().calls().freePages(buffer, 2)).summary())
                .contains("is mapped for device");
    }

    @ParameterizedTest
    @ValueSource(longs = {0x10, 0xffff_fff0L, 0})
    void aKernelAttachesToADamagedTable(long next) {
        boot("");
        fine(() -> {
            map(buffer, 100, DMA_FROM_DEVICE);
            long pool = fixture.kernel().dma().pools().dmaPoolCreate("pool", dev, 64, 64, 0);
            fixture.kernel().dma().pools().dmaPoolAlloc(pool, Gfp.GFP_KERNEL, fixture.zeroed(8));
            KernelMemory memory = fixture.kernel().base().memory();
            long table = RootLayout.DMA_DEBUG.get(memory, fixture.kernel().base().root());
            int bucket = 0;
            while (DmaDebugLayout.TABLE.get(memory, table, bucket) == 0) {
                bucket++;
            }
            long entry = DmaDebugLayout.TABLE.get(memory, table, bucket);
            DmaDebugEntryLayout.NEXT.set(memory, entry, next == 0 ? entry : next);
            long page = DmaPoolLayout.PAGES.get(memory, pool);
            DmaPageLayout.NEXT.set(memory, page, next == 0 ? page : next);
        });

        fixture.reattach();

        fine(() -> fixture.kernel().calls().kfree(fixture.kernel().calls().kmalloc(64, Gfp.GFP_KERNEL)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "swiotlb=force"})
    void aMappingIsUnmappedOnce(String arguments) {
        boot(arguments);
        long[] handle = new long[1];
        fine(() -> {
            handle[0] = map(buffer, 100, DMA_FROM_DEVICE);
            dma().dmaUnmapSingle(dev, handle[0], 100, DMA_FROM_DEVICE);
        });
        Violation report = broken("dma-bad-unmap", () -> dma().dmaUnmapSingle(dev, handle[0], 100, DMA_FROM_DEVICE));
        assertThat(report.summary())
                .matches("dma_unmap_single of 100 bytes at 0x[0-9a-f_]+, which is not mapped for device");
        assertThat(report.line("where")).contains("DmaDebugTest.java:");
        broken("dma-bad-unmap", () -> dma().dmaUnmapPage(dev, 0x1234_5000L, 100, DMA_FROM_DEVICE));
        broken("dma-bad-unmap", () -> dma().dmaSyncSingleForCpu(dev, handle[0], 100, DMA_FROM_DEVICE));
        fine(() -> {
            long again = map(buffer, 100, DMA_FROM_DEVICE);
            dma().dmaSyncSingleRangeForCpu(dev, again, 50, 50, DMA_FROM_DEVICE);
            dma().dmaUnmapSingle(dev, again, 100, DMA_FROM_DEVICE);
        });
        assertThat(dma().liveMappings(fixture.peek())).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "swiotlb=force"})
    void aMappingIsUnmappedAsItWasMapped(String arguments) {
        boot(arguments);
        Violation size = broken("dma-wrong-unmap",
                () -> dma().dmaUnmapSingle(dev, map(buffer, 100, DMA_TO_DEVICE), 101, DMA_TO_DEVICE));
        assertThat(size.summary()).endsWith("with 101 bytes, which was made with 100");
        assertThat(size.line("mapping")).containsPattern(
                "100 bytes at physical 0x[0-9a-f_]+ with DMA_TO_DEVICE for device, at bus address 0x[0-9a-f_]+, "
                        + "by dma_map_single at DmaDebugTest.java:\\d+ of task \\d+ 'body'");
        Violation direction = broken("dma-wrong-unmap",
                () -> dma().dmaUnmapSingle(dev, map(buffer, 100, DMA_TO_DEVICE), 100, DMA_FROM_DEVICE));
        assertThat(direction.summary()).endsWith("with DMA_FROM_DEVICE, which was made with DMA_TO_DEVICE");
        Violation call = broken("dma-wrong-unmap",
                () -> dma().dmaUnmapPage(dev, map(buffer, 100, DMA_TO_DEVICE), 100, DMA_TO_DEVICE));
        assertThat(call.summary()).startsWith("dma_unmap_page of the mapping")
                .endsWith("which was made with dma_map_single");
        fine(() -> {
            long page = dma().dmaMapPage(dev, fixture.kernel().calls().virtToPage(buffer), 8, 100, DMA_BIDIRECTIONAL);
            check(dma().dmaMappingError(dev, page) == 0, "not mapped");
            dma().dmaUnmapPage(dev, page, 100, DMA_BIDIRECTIONAL);
        });
        assertThat(dma().liveMappings(fixture.peek())).isZero();
    }

    @Test
    void ofSeveralMappingsOfTheSameBytesTheOneIsMeantThatIsLikeIt() {
        boot("");
        fine(() -> {
            long first = map(buffer, 100, DMA_TO_DEVICE);
            long second = map(buffer, 200, DMA_TO_DEVICE);
            check(first == second, "the same address");
            dma().dmaUnmapSingle(dev, first, 100, DMA_TO_DEVICE);
            dma().dmaUnmapSingle(dev, second, 200, DMA_TO_DEVICE);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "swiotlb=force"})
    void whoeverMapsAsksWhetherItWorked(String arguments) {
        boot(arguments);
        Violation report = broken("dma-error-unchecked",
                () -> dma().dmaUnmapSingle(dev, dma().dmaMapSingle(dev, buffer, 64, DMA_TO_DEVICE), 64, DMA_TO_DEVICE));
        assertThat(report.summary()).endsWith("for which dma_mapping_error was never called");
        broken("dma-error-unchecked", () -> {
            long page = fixture.kernel().calls().virtToPage(buffer);
            dma().dmaUnmapPage(dev, dma().dmaMapPage(dev, page, 0, 64, DMA_TO_DEVICE), 64, DMA_TO_DEVICE);
        });
        broken("dma-error-unchecked", () -> {
            long unchecked = dma().dmaMapSingle(dev, buffer, 64, DMA_TO_DEVICE);
            // a check of another mapping does not count
            dma().dmaUnmapSingle(dev, map(buffer + 64, 64, DMA_TO_DEVICE), 64, DMA_TO_DEVICE);
            dma().dmaUnmapSingle(dev, unchecked, 64, DMA_TO_DEVICE);
        });
        fine(() -> dma().dmaUnmapSingle(dev, map(buffer, 64, DMA_TO_DEVICE), 64, DMA_TO_DEVICE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "swiotlb=force"})
    void bytesThatADeviceMayWriteAreMappedOnceAtATime(String arguments) {
        boot(arguments);
        long[] first = new long[1];
        fine(() -> {
            first[0] = map(buffer + 4000, 200, DMA_FROM_DEVICE);
            map(buffer + 4200, 100, DMA_FROM_DEVICE);
            map(buffer + 3900, 100, DMA_FROM_DEVICE);
        });
        Violation report = broken("dma-overlap", () -> map(buffer + 4199, 1, DMA_TO_DEVICE));
        assertThat(report.summary()).matches("mapping 1 bytes at physical 0x[0-9a-f_]+ with DMA_TO_DEVICE for device, "
                + "part of which is mapped already");
        assertThat(report.line("first")).startsWith("200 bytes at physical").contains("DMA_FROM_DEVICE");
        broken("dma-overlap", () -> map(buffer + 8000, 16, DMA_BIDIRECTIONAL),
                () -> map(buffer + 7990, 11, DMA_TO_DEVICE));
        fine(() -> {
            map(buffer + 12000, 200, DMA_TO_DEVICE);
            map(buffer + 12100, 200, DMA_TO_DEVICE);        // several devices may read the same bytes
            dma().dmaUnmapSingle(dev, first[0], 200, DMA_FROM_DEVICE);
            map(buffer + 4000, 190, DMA_FROM_DEVICE);
        });
    }

    @Test
    void aMappingOfManyMegabytesIsFoundAtItsEndToo() {
        boot("");
        long linear = 0xc000_0000L;
        broken("dma-overlap", () -> map(linear + (2 << 20), 40 << 20, DMA_FROM_DEVICE),
                () -> map(linear + (42 << 20) - 8, 8, DMA_TO_DEVICE));
        fine(() -> {
            map(linear + (42 << 20), 8, DMA_FROM_DEVICE);
            dma().dmaSyncSingleForCpu(dev, (42 << 20) - 1, 1, DMA_FROM_DEVICE);
            dma().dmaUnmapSingle(dev, 2 << 20, 40 << 20, DMA_FROM_DEVICE);
        });
    }

    private void broken(String rule, KernelFixture.Body before, KernelFixture.Body mistake) {
        fine(before);
        broken(rule, mistake);
    }

    private long list(int entries) {
        ScatterList lists = dma().lists();
        long sgl = fixture.zeroed(ScatterListLayout.SIZE * entries);
        lists.sgInitTable(sgl, entries);
        lists.forEachSg(sgl, entries, (sg, i) -> lists.sgSetBuf(sg, buffer + 4096L * i + i * 8L, 1000));
        return sgl;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "swiotlb=force"})
    void aListIsUnmappedOnceWithAsManyEntriesAsItWasMappedWith(String arguments) {
        boot(arguments);
        long[] sgl = new long[1];
        fine(() -> {
            sgl[0] = list(3);
            check(dma().dmaMapSg(dev, sgl[0], 3, DMA_FROM_DEVICE) == 3, "segments");
            dma().dmaSyncSgForCpu(dev, sgl[0], 3, DMA_FROM_DEVICE);
            dma().dmaUnmapSg(dev, sgl[0], 3, DMA_FROM_DEVICE);
        });
        broken("dma-bad-unmap", () -> dma().dmaUnmapSg(dev, sgl[0], 3, DMA_FROM_DEVICE));
        broken("dma-wrong-unmap", () -> {
            dma().dmaMapSg(dev, sgl[0], 3, DMA_FROM_DEVICE);
            dma().dmaUnmapSg(dev, sgl[0], 3, DMA_TO_DEVICE);
        });
        Violation count = broken("dma-wrong-unmap", () -> {
            dma().dmaMapSg(dev, sgl[0], 3, DMA_FROM_DEVICE);
            dma().dmaUnmapSg(dev, sgl[0], 2, DMA_FROM_DEVICE);
        });
        assertThat(count.summary()).endsWith("with 2 entries, which was made with 3");
        assertThat(dma().liveMappings(fixture.peek())).as("the third segment is left mapped, as in Linux").isEqualTo(1);
    }

    @Test
    void anotherDevicesMappingIsNotThisOnes() {
        boot("");
        broken("dma-bad-unmap", () -> {
            long other = fixture.zeroed(DmaDeviceLayout.SIZE);
            dma().dmaSetMask(other, DmaAddress.bitMask(32));
            dma().dmaUnmapSingle(other, map(buffer, 64, DMA_TO_DEVICE), 64, DMA_TO_DEVICE);
        });
    }

    @Test
    void manyMappingsAreKnownAndWithoutMemoryForMoreNothingIsSaidAnyMore() {
        boot("dma_debug_entries=85 fail_page_alloc=1,100,0,-1");
        fine(() -> {
            long[] handles = new long[200];
            for (int i = 0; i < 200; i++) {
                handles[i] = map(buffer + 8L * i, 8, DMA_FROM_DEVICE);
            }
            check(dma().liveMappings(fixture.memory()) == 200, "live");
            for (long handle : handles) {
                dma().dmaUnmapSingle(dev, handle, 8, DMA_FROM_DEVICE);
            }
            check(dma().liveMappings(fixture.memory()) == 0, "live");
            fixture.kernel().mm().pages().failures().arm(true);
            for (int i = 0; i < 300; i++) {
                map(buffer + 8L * i, 8, DMA_FROM_DEVICE);
            }
            dma().dmaUnmapSingle(dev, 0x1000, 8, DMA_FROM_DEVICE);
        });
        assertThat(fixture.log)
                .filteredOn(line -> line.contains("DMA-API: debugging out of memory - disabling")).hasSize(1);
    }

    /** The table is kept without the rules too, so that the choice of rules does not change a run. */
    @Test
    void whichRulesAreCheckedChangesNoRun() {
        String[] digests = new String[2];
        for (int i = 0; i < 2; i++) {
            if (fixture != null) {
                fixture.close();
            }
            fixture = KernelFixture.options().bootArguments("swiotlb=force")
                    .checks(i == 0 ? Checks.DEFAULT : Checks.NONE).boot();
            fixture.run(() -> {
                dev = fixture.zeroed(DmaDeviceLayout.SIZE);
                dma().dmaSetMask(dev, DmaAddress.bitMask(32));
                buffer = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 2);
                long handle = dma().dmaMapSingle(dev, buffer, 64, DMA_FROM_DEVICE);
                dma().dmaMapSingle(dev, buffer, 64, DMA_FROM_DEVICE);
                dma().dmaUnmapSingle(dev, handle, 65, DMA_TO_DEVICE);
                dma().dmaUnmapSingle(dev, handle, 64, DMA_FROM_DEVICE);
            });
            digests[i] = fixture.machine.digest().toString();
        }
        assertThat(digests[1]).isEqualTo(digests[0]);
    }

    @Test
    void whoSaysForWhichDeviceAnAddressIsMapped() throws Exception {
        boot("");
        fine(() -> map(buffer + 10, 50, DMA_FROM_DEVICE));
        String text = ReportText.of(new WhoCommand(fixture.machine, fixture::kernel)
                .run("0x" + Long.toHexString(buffer + 59)));
        assertThat(text).contains("50 bytes at physical").contains("DMA_FROM_DEVICE for device")
                .containsPattern("DmaDebugTest.java:\\d+");
        assertThat(ReportText.of(new WhoCommand(fixture.machine, fixture::kernel)
                .run("0x" + Long.toHexString(buffer + 60)))).doesNotContain("DMA_FROM_DEVICE");
    }

    /** Several drivers probe at once: there is one pool and one table, whichever driver is first. */
    @Test
    void whatTheFirstDeviceMakesIsMadeOnce() {
        String[] expected = new String[1];
        for (int seed = 0; seed < 25; seed++) {
            if (fixture != null) {
                fixture.close();
            }
            fixture = KernelFixture.options().harts(4).interleaving(Interleavings.RANDOM, seed).boot();
            String before = fixture.accounting();
            long[] devices = new long[4];
            java.util.function.IntConsumer probe = hart -> {
                devices[hart] = fixture.zeroed(DmaDeviceLayout.SIZE);
                check(dma().dmaSetMaskAndCoherent(devices[hart], DmaAddress.bitMask(24)) == 0, "the mask is refused");
                long page = fixture.kernel().calls().__getFreePage(Gfp.GFP_KERNEL);
                long handle = dma().dmaMapSingle(devices[hart], page, 4096, DMA_TO_DEVICE);
                check(dma().dmaMappingError(devices[hart], handle) == 0, "not mapped");
                dma().dmaUnmapSingle(devices[hart], handle, 4096, DMA_TO_DEVICE);
                fixture.kernel().calls().freePage(page);
            };
            fixture.run(seed == 0 ? List.of(KernelFixture.Job.on(0, () -> List.of(0, 1, 2, 3).forEach(probe::accept)))
                    : fixture.onEveryHart(probe::accept));
            fixture.shrinkAfterRuns = true;
            fixture.run(() -> { });
            String after = fixture.accounting();
            assertThat(before).isNotEqualTo(after);
            expected[0] = seed == 0 ? after : expected[0];
            assertThat(after).as("seed " + seed).isEqualTo(expected[0]);
            assertThat(fixture.violations).isEmpty();
        }
    }
}
