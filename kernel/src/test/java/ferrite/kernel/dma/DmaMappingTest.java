package ferrite.kernel.dma;

import static ferrite.kernel.KernelFixture.bugOf;
import static ferrite.kernel.KernelFixture.check;
import static ferrite.kernel.dma.DmaDirection.DMA_BIDIRECTIONAL;
import static ferrite.kernel.dma.DmaDirection.DMA_FROM_DEVICE;
import static ferrite.kernel.dma.DmaDirection.DMA_NONE;
import static ferrite.kernel.dma.DmaDirection.DMA_TO_DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusMaster;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The generic DMA layer on a booted kernel; the device is the test itself, on the bus. */
@Timeout(60)
class DmaMappingTest {

    private static final long MASK_24 = DmaAddress.bitMask(24);
    private static final long MASK_32 = DmaAddress.bitMask(32);
    private static final BusMaster DEVICE = new BusMaster("device", 24);

    private KernelFixture fixture;

    private KernelFixture boot(String arguments) {
        fixture = KernelFixture.options().bootArguments(arguments).boot();
        return fixture;
    }

    private void bootWithHighMemory(String arguments) {
        fixture = KernelFixture.options().ram(64L << 20).lowEnd(32L << 20)
                .bootArguments(("zone_normal=" + (32 << 20) + " " + arguments).strip()).boot();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private DmaMapping dma() {
        return fixture.kernel().dma().mapping();
    }

    private Swiotlb swiotlb() {
        return dma().swiotlb();
    }

    private long deviceWithMask(long mask) {
        long dev = fixture.zeroed(DmaDeviceLayout.SIZE);
        check(dma().dmaSetMaskAndCoherent(dev, mask) == 0, "the mask is refused");
        return dev;
    }

    private long pages(int gfp, int order) {
        long va = fixture.kernel().calls().__getFreePages(gfp, order);
        check(va != 0, "no pages");
        return va;
    }

    private long phys(long va) {
        return fixture.kernel().calls().virtToPhys(va);
    }

    private int bounced() {
        return swiotlb().bounced(fixture.memory());
    }

    private int used() {
        return swiotlb().used(fixture.memory());
    }

    private void deviceWrites(long dma, int value, int bytes) {
        byte[] data = new byte[bytes];
        java.util.Arrays.fill(data, (byte) value);
        fixture.machine.bus().write(DEVICE, dma, data, 0, bytes);
    }

    private int deviceReads(long dma) {
        return fixture.machine.bus().load(DEVICE, dma, 1);
    }

    // ---- masks ----

    @Test
    void aMaskIsSupportedThatReachesTheDmaZoneOrAllMemory() {
        boot("").run(() -> {
            long dev = fixture.zeroed(DmaDeviceLayout.SIZE);
            check(dma().dmaSupported(dev, MASK_24) && dma().dmaSupported(dev, MASK_32), "24 and 32 bits");
            check(!dma().dmaSupported(dev, DmaAddress.bitMask(23)), "less than the DMA zone");
            check(!dma().dmaSupported(dev, MASK_24 - 1) && !dma().dmaSupported(dev, 0), "no mask");
            check(dma().dmaSetMask(dev, DmaAddress.bitMask(20)) == -Errno.EIO, "dma_set_mask");
            check(dma().dmaSetCoherentMask(dev, DmaAddress.bitMask(20)) == -Errno.EIO, "dma_set_coherent_mask");
            check(swiotlb().total(fixture.memory()) == 0, "a pool that nobody needs");
            check(dma().dmaSetMask(dev, MASK_32) == 0 && swiotlb().total(fixture.memory()) == 0,
                    "all memory is reached: no pool");
            check(dma().dmaSetMask(dev, MASK_24) == 0 && swiotlb().total(fixture.memory()) == Swiotlb.DEFAULT_SLOTS,
                    "the pool");
        });
        assertThat(fixture.log)
                .anyMatch(line -> line.contains("software IO TLB: mapped [mem 0x") && line.contains("(512 KiB)"));
    }

    // ---- bouncing ----

    @Test
    void whatTheDeviceReachesIsMappedWhereItIs() {
        boot("").run(() -> {
            long low = deviceWithMask(MASK_24);
            long all = deviceWithMask(MASK_32);
            long inDmaZone = pages(Gfp.GFP_DMA, 0);
            long normal = pages(Gfp.GFP_KERNEL, 0);
            check(phys(normal) > MASK_24, "where it lies");
            check(dma().dmaMapSingle(low, inDmaZone + 5, 100, DMA_TO_DEVICE) == phys(inDmaZone) + 5, "in reach");
            check(dma().dmaMapSingle(all, normal, 4096, DMA_FROM_DEVICE) == phys(normal), "in reach of 32 bits");
            check(bounced() == 0, "bounced");
            check(dma().dmaMapSingle(low, normal, 100, DMA_TO_DEVICE) <= MASK_24, "out of reach");
            check(bounced() == 1, "not bounced");
        });
    }

    @Test
    void aBouncedBufferCarriesBytesInItsDirectionAndNoOther() {
        boot("").run(() -> {
            long dev = deviceWithMask(MASK_24);
            long buffer = pages(Gfp.GFP_KERNEL, 0);
            for (int direction : new int[] {DMA_TO_DEVICE, DMA_FROM_DEVICE, DMA_BIDIRECTIONAL}) {
                fixture.memory().fill(buffer, 1, 4096);
                long handle = dma().dmaMapSingle(dev, buffer + 7, 3000, direction);
                check(dma().dmaMappingError(dev, handle) == 0 && handle + 2999 <= MASK_24, "the handle");
                check(deviceReads(handle) == 1 && deviceReads(handle + 2999) == 1,
                        "what the device finds: the buffer, so that nothing of others leaks");
                deviceWrites(handle, 2, 3000);
                dma().dmaUnmapSingle(dev, handle, 3000, direction);
                int expected = direction == DMA_TO_DEVICE ? 1 : 2;
                check(fixture.memory().load8(buffer + 7) == expected
                        && fixture.memory().load8(buffer + 3006) == expected, "after unmap, direction " + direction);
                check(fixture.memory().load8(buffer + 6) == 1 && fixture.memory().load8(buffer + 3007) == 1,
                        "what lies beside it");
            }
            check(used() == 0, "slots are still used");
        });
    }

    @Test
    void syncCarriesBytesWhileTheMappingLives() {
        boot("").run(() -> {
            long dev = deviceWithMask(MASK_24);
            long buffer = pages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, 1);
            long handle = dma().dmaMapSingle(dev, buffer, 8192, DMA_BIDIRECTIONAL);
            deviceWrites(handle, 3, 8192);
            check(fixture.memory().load8(buffer) == 0, "before the sync");
            dma().dmaSyncSingleRangeForCpu(dev, handle, 5000, 100, DMA_BIDIRECTIONAL);
            check(fixture.memory().load8(buffer + 4999) == 0 && fixture.memory().load8(buffer + 5000) == 3
                    && fixture.memory().load8(buffer + 5099) == 3
                    && fixture.memory().load8(buffer + 5100) == 0, "the range");
            dma().dmaSyncSingleForCpu(dev, handle, 8192, DMA_TO_DEVICE);
            check(fixture.memory().load8(buffer) == 0, "the device only reads: nothing to fetch");
            fixture.memory().fill(buffer, 4, 8192);
            check(deviceReads(handle + 8191) == 3, "before the sync for the device");
            dma().dmaSyncSingleForDevice(dev, handle, 8192, DMA_FROM_DEVICE);
            check(deviceReads(handle + 8191) == 3, "the device only writes");
            fixture.kernel().calls().dmaSyncSingleRangeForDevice(dev, handle, 100, 10, DMA_BIDIRECTIONAL);
            check(deviceReads(handle + 109) == 4 && deviceReads(handle + 110) == 3, "the range for the device");
            dma().dmaSyncSingleForDevice(dev, handle, 8192, DMA_BIDIRECTIONAL);
            check(deviceReads(handle + 8191) == 4, "after it");
            dma().dmaSyncSingleRangeForCpu(dev, handle, 8000, 1 << 20, DMA_BIDIRECTIONAL);
            dma().dmaUnmapSingle(dev, handle, 8192, DMA_BIDIRECTIONAL);
        });
    }

    @Test
    void whoUnmapsSlotsTwiceIsStoppedAlsoWithoutDebugging() {
        boot("dma_debug=off").run(() -> {
            long dev = deviceWithMask(MASK_24);
            long handle = dma().dmaMapSingle(dev, pages(Gfp.GFP_KERNEL, 0), 4096, DMA_BIDIRECTIONAL);
            dma().dmaUnmapSingle(dev, handle, 4096, DMA_BIDIRECTIONAL);
            check(bugOf(() -> dma().dmaUnmapSingle(dev, handle, 4096, DMA_BIDIRECTIONAL))
                    .contains("a bounce buffer without a mapping"), "unmapped twice");
        });
    }

    @Test
    void highMemoryIsMappedByPageAndBouncedByteByByteAcrossPages() {
        bootWithHighMemory("");
        fixture.run(() -> {
            long dev = deviceWithMask(MASK_24);
            long page = fixture.kernel().calls().allocPages(Gfp.GFP_HIGHUSER, 1);
            check(fixture.kernel().calls().pageAddress(page) == 0, "it is high memory");
            long staging = pages(Gfp.GFP_KERNEL, 1);
            for (int i = 0; i < 8192; i++) {
                fixture.memory().store8(staging + i, i * 7 >> 3);
            }
            fixture.kernel().calls().memcpyToPage(page, 0, staging, 4096);
            fixture.kernel().calls().memcpyToPage(page + 32, 0, staging + 4096, 4096);
            long handle = dma().dmaMapPage(dev, page, 100, 8000, DMA_BIDIRECTIONAL);
            check(handle + 7999 <= MASK_24, "bounced");
            for (int at : new int[] {0, 3995, 3996, 7999}) {
                check(deviceReads(handle + at) == ((at + 100) * 7 >> 3 & 0xff), "byte " + at);
            }
            deviceWrites(handle + 3990, 0xee, 12);
            dma().dmaUnmapPage(dev, handle, 8000, DMA_BIDIRECTIONAL);
            fixture.kernel().calls().memcpyFromPage(staging, page, 0, 4096);
            fixture.kernel().calls().memcpyFromPage(staging + 4096, page + 32, 0, 4096);
            for (int i = 0; i < 8192; i++) {
                int expected = i >= 4090 && i < 4102 ? 0xee : i * 7 >> 3 & 0xff;
                check(fixture.memory().load8(staging + i) == expected, "byte " + i);
            }
            long all = deviceWithMask(MASK_32);
            int before = bounced();
            check(dma().dmaMapPage(all, page, 0, 4096, DMA_TO_DEVICE) == fixture.kernel().calls().pageToPfn(page) << 12
                    && bounced() == before, "32 bits reach it");
        });
    }

    @Test
    void aFullPoolIsAnErrorThatGoesAwayWhenSlotsComeBack() {
        boot("swiotlb=8").run(() -> {
            long dev = deviceWithMask(MASK_24);
            long buffer = pages(Gfp.GFP_KERNEL, 3);
            long[] handles = new long[4];
            for (int i = 0; i < 4; i++) {
                handles[i] = dma().dmaMapSingle(dev, buffer + 4096L * i, 4096, DMA_TO_DEVICE);
                check(dma().dmaMappingError(dev, handles[i]) == 0, "mapping " + i);
            }
            long more = dma().dmaMapSingle(dev, buffer, 1, DMA_TO_DEVICE);
            check(more == DmaAddress.DMA_MAPPING_ERROR && dma().dmaMappingError(dev, more) == -Errno.ENOMEM,
                    "one too many");
            dma().dmaUnmapSingle(dev, handles[0], 4096, DMA_TO_DEVICE);
            dma().dmaUnmapSingle(dev, handles[2], 4096, DMA_TO_DEVICE);
            check(dma().dmaMapSingle(dev, buffer, 4097, DMA_TO_DEVICE) == DmaAddress.DMA_MAPPING_ERROR,
                    "three slots in a row, where there are twice two");
            check(dma().dmaMapSingle(dev, buffer, 4096, DMA_TO_DEVICE) != DmaAddress.DMA_MAPPING_ERROR, "two slots");
        });
        assertThat(fixture.log).anyMatch(line ->
                line.contains("swiotlb buffer is full (sz: 1 bytes), total 8 (slots), used 8 (slots)"));
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aMappingIsAtMost128SlotsLong() {
        boot("").run(() -> {
            long dev = deviceWithMask(MASK_24);
            long buffer = pages(Gfp.GFP_KERNEL, 7);
            check(dma().dmaMaxMappingSize(dev) == 256 << 10, "dma_max_mapping_size");
            check(dma().dmaMapSingle(dev, buffer, (256 << 10) + 1, DMA_TO_DEVICE) == DmaAddress.DMA_MAPPING_ERROR,
                    "too long");
            check(dma().dmaMapSingle(dev, buffer, 256 << 10, DMA_TO_DEVICE) != DmaAddress.DMA_MAPPING_ERROR,
                    "as long as may be");
        });
    }

    @Test
    void withBouncingOffWhatIsOutOfReachIsRefused() {
        boot("swiotlb=off").run(() -> {
            long dev = deviceWithMask(MASK_24);
            check(dma().dmaMapSingle(dev, pages(Gfp.GFP_KERNEL, 0), 64, DMA_TO_DEVICE) == DmaAddress.DMA_MAPPING_ERROR,
                    "out of reach");
            long low = pages(Gfp.GFP_DMA, 0);
            check(dma().dmaMapSingle(dev, low, 64, DMA_TO_DEVICE) == phys(low), "in reach");
            check(swiotlb().total(fixture.memory()) == 0, "a pool");
        });
        assertThat(fixture.log).anyMatch(line -> line.contains("overflow (mask 0xffffff)"));
    }

    @Test
    void withForceAMissingSyncShowsEveryTimeAndWithoutTheMistakeNothingDoes() {
        boot("swiotlb=force").run(() -> {
            long dev = deviceWithMask(MASK_32);
            long buffer = pages(Gfp.GFP_DMA | Gfp.__GFP_ZERO, 0);
            for (int round = 1; round <= 20; round++) {
                for (boolean forgets : new boolean[] {true, false}) {
                    fixture.memory().fill(buffer, 0, 4096);
                    long handle = dma().dmaMapSingle(dev, buffer, 4096, DMA_FROM_DEVICE);
                    deviceWrites(handle, round, 4096);
                    if (!forgets) {
                        dma().dmaSyncSingleForCpu(dev, handle, 4096, DMA_FROM_DEVICE);
                    }
                    check(fixture.memory().load8(buffer + 17) == (forgets ? 0 : round), "round " + round);
                    dma().dmaUnmapSingle(dev, handle, 4096, DMA_FROM_DEVICE);
                }
            }
            check(bounced() == 40 && used() == 0, "everything is bounced, " + bounced());
        });
    }

    @Test
    void mappingsOutliveTheKernelsJavaObjects() {
        boot("");
        long[] kept = new long[3];
        fixture.run(() -> {
            kept[0] = deviceWithMask(MASK_24);
            kept[1] = pages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, 0);
            kept[2] = dma().dmaMapSingle(kept[0], kept[1], 4096, DMA_FROM_DEVICE);
        });
        fixture.reattach();
        assertThat(swiotlb().used(fixture.peek())).isEqualTo(2);
        fixture.run(() -> {
            deviceWrites(kept[2], 9, 4096);
            dma().dmaUnmapSingle(kept[0], kept[2], 4096, DMA_FROM_DEVICE);
            check(fixture.memory().load8(kept[1] + 4095) == 9 && used() == 0, "unmapped by another kernel object");
        });
    }

    // ---- coherent memory ----

    @Test
    void coherentMemoryIsZeroedAndLiesWhereItsMaskReaches() {
        boot("").run(() -> {
            long low = deviceWithMask(MASK_24);
            long all = deviceWithMask(MASK_32);
            long word = fixture.zeroed(8);
            long one = dma().dmaAllocCoherent(low, 5000, word, Gfp.GFP_KERNEL);
            long handle = fixture.memory().loadAddress(word);
            check(one != 0 && handle == phys(one) && handle + 4999 <= MASK_24, "24 bits");
            fixture.memory().fill(one, 1, 5000);
            dma().dmaFreeCoherent(low, 5000, one, handle);
            one = dma().dmaAllocCoherent(low, 5000, word, Gfp.GFP_KERNEL);
            check(fixture.memory().load8(one) == 0 && fixture.memory().load8(one + 4999) == 0, "zeroed");
            long two = dma().dmaAllocCoherent(all, 100, word, Gfp.GFP_KERNEL);
            check(phys(two) > MASK_24 && phys(two) == fixture.memory().loadAddress(word), "32 bits, from Normal");
            check(dma().dmaSetCoherentMask(low, DmaAddress.bitMask(25)) == 0, "25 bits");
            long three = dma().dmaAllocCoherent(low, 4096, word, Gfp.GFP_KERNEL);
            check(three != 0 && phys(three) + 4095 <= DmaAddress.bitMask(25), "25 bits");
            check(dma().dmaAllocCoherent(low, 8 << 20, word, Gfp.GFP_KERNEL) == 0 && dma().dmaAllocCoherent(low, 0,
                    word, Gfp.GFP_KERNEL) == 0, "what cannot be");
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void coherentMemoryInAtomicContextIsReportedWhateverItsSize() {
        boot("").run(() -> {
            long dev = deviceWithMask(MASK_24);
            long word = fixture.zeroed(8);
            for (int bytes : new int[] {0, 4096, 8 << 20}) {
                for (int gfp : new int[] {Gfp.GFP_KERNEL, Gfp.GFP_ATOMIC}) {
                    fixture.kernel().calls().preemptDisable();
                    dma().dmaAllocCoherent(dev, bytes, word, gfp);
                    fixture.kernel().calls().preemptEnable();
                    check(fixture.takeViolations().size() == (gfp == Gfp.GFP_KERNEL ? 1 : 0),
                            bytes + " bytes with " + Gfp.names(gfp));
                }
            }
        });
    }

    // ---- scatter/gather ----

    private long list(long... vaAndLength) {
        long sgl = fixture.zeroed(ScatterListLayout.SIZE * vaAndLength.length / 2);
        dma().lists().sgInitTable(sgl, vaAndLength.length / 2);
        dma().lists().forEachSg(sgl, vaAndLength.length / 2,
                (sg, i) -> dma().lists().sgSetBuf(sg, vaAndLength[2 * i], (int) vaAndLength[2 * i + 1]));
        return sgl;
    }

    @Test
    void neighboursBecomeOneSegmentWithinTheDevicesLimits() {
        boot("").run(() -> {
            long dev = deviceWithMask(MASK_32);
            long block = pages(Gfp.GFP_KERNEL, 3);
            long sgl = list(block, 4096, block + 4096, 4096, block + 8192, 100, block + 12288, 4096,
                    block + 16384, 4096);
            ScatterList lists = dma().lists();
            check(dma().dmaMapSg(dev, sgl, 5, DMA_TO_DEVICE) == 2, "three neighbours, and two after a gap");
            check(lists.sgDmaAddress(sgl) == phys(block) && lists.sgDmaLen(sgl) == 8292, "the first");
            check(lists.sgDmaAddress(lists.sgNext(sgl)) == phys(block) + 12288
                    && lists.sgDmaLen(lists.sgNext(sgl)) == 8192, "the second");
            check(lists.sgDmaLen(sgl + 2 * ScatterListLayout.SIZE) == 0 && lists.sgLength(sgl) == 4096,
                    "after the last; entries stay as they were");
            dma().dmaUnmapSg(dev, sgl, 5, DMA_TO_DEVICE);
            dma().dmaSetMaxSegSize(dev, 8192);
            check(dma().dmaMapSg(dev, sgl, 5, DMA_TO_DEVICE) == 3, "segments of 8 KiB");
            dma().dmaUnmapSg(dev, sgl, 5, DMA_TO_DEVICE);
            dma().dmaSetMaxSegSize(dev, 65536);
            dma().dmaSetSegBoundary(dev, 0x1fff);
            check(dma().dmaMapSg(dev, sgl, 5, DMA_TO_DEVICE) == 4, "segments between boundaries of 8 KiB");
            check(lists.sgDmaLen(sgl) == 8192 && lists.sgDmaLen(sgl + ScatterListLayout.SIZE) == 100,
                    "where the boundary is");
            check(bounced() == 0, "bounced");
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void ofAListOnlyWhatIsOutOfReachIsBouncedAndAllOfItComesBack() {
        bootWithHighMemory("");
        fixture.run(() -> {
            long dev = deviceWithMask(MASK_24);
            long inDmaZone = pages(Gfp.GFP_DMA | Gfp.__GFP_ZERO, 0);
            long normal = pages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, 0);
            long high = fixture.kernel().calls().allocPage(Gfp.GFP_HIGHUSER);
            long sgl = list(inDmaZone, 4096, normal, 4096, inDmaZone, 1);
            dma().lists().sgSetPage(sgl + 2 * ScatterListLayout.SIZE, high, 4096, 0);
            check(dma().dmaMapSg(dev, sgl, 3, DMA_FROM_DEVICE) == 3 && bounced() == 2, "bounced: " + bounced());
            dma().lists().forEachSg(sgl, 3, (sg, i) -> deviceWrites(dma().lists().sgDmaAddress(sg), i + 1, 4096));
            check(fixture.memory().load8(normal) == 0, "before the sync");
            dma().dmaSyncSgForCpu(dev, sgl, 3, DMA_FROM_DEVICE);
            check(fixture.memory().load8(normal) == 2, "after the sync");
            dma().dmaUnmapSg(dev, sgl, 3, DMA_FROM_DEVICE);
            fixture.kernel().calls().memcpyFromPage(normal, high, 0, 4096);
            check(fixture.memory().load8(inDmaZone + 4095) == 1 && fixture.memory().load8(normal + 4095) == 3
                    && used() == 0, "after unmap");
        });
    }

    @Test
    void aListThatThePoolCannotHoldIsNotMappedAtAll() {
        boot("swiotlb=4").run(() -> {
            long dev = deviceWithMask(MASK_24);
            long block = pages(Gfp.GFP_KERNEL, 3);
            long sgl = list(block, 4096, block + 4096, 4096, block + 8192, 4096);
            check(dma().dmaMapSg(dev, sgl, 3, DMA_TO_DEVICE) == 0 && used() == 0, "slots in use: " + used());
            check(dma().dmaMapSg(dev, sgl, 2, DMA_TO_DEVICE) == 2 && used() == 4, "what fits");
        });
    }

    @Test
    void listsAreGoneThroughAcrossLinksAndEndAtTheirMark() {
        boot("").run(() -> {
            ScatterList lists = dma().lists();
            long block = pages(Gfp.GFP_KERNEL, 0);
            long first = list(block, 1, block, 2, block, 3);
            long second = list(block + 8, 4, block + 16, 5);
            lists.sgChain(first, 3, second);
            int[] sum = {0};
            lists.forEachSg(first, 100, (sg, i) -> sum[0] = sum[0] * 10 + lists.sgLength(sg));
            check(sum[0] == 1245, "lengths " + sum[0]);
            check(lists.sgNext(second + ScatterListLayout.SIZE) == 0 && lists.sgVirt(second) == block + 8
                    && lists.sgOffset(second) == 8, "an entry");
            check(bugOf(() -> lists.sgSetBuf(first, AddressSpace.VMALLOC_START, 1))
                    .contains("make an entry for each page"), "a vmalloc address");
            check(bugOf(() -> lists.sgInitTable(first, 0)).contains("at least one"), "an empty table");
        });
    }

    // ---- refusals ----

    private void refused(String rule, LongSupplier call) {
        fixture.run(() -> check(call.getAsLong() == DmaAddress.DMA_MAPPING_ERROR, rule + " was mapped"));
        assertThat(fixture.takeViolations())
                .singleElement().satisfies(violation -> assertThat(violation.rule()).isEqualTo(rule));
    }

    private void refusedList(String rule, IntSupplier call) {
        fixture.run(() -> check(call.getAsInt() == 0, rule + " was mapped"));
        assertThat(fixture.takeViolations())
                .singleElement().satisfies(violation -> assertThat(violation.rule()).isEqualTo(rule));
    }

    private void fine(LongSupplier call) {
        fixture.run(() -> check(call.getAsLong() != DmaAddress.DMA_MAPPING_ERROR, "refused"));
        assertThat(fixture.takeViolations()).as("but for buffers that nobody allocated")
                .filteredOn(violation -> !violation.rule().equals("dma-bad-buffer")).isEmpty();
    }

    @Test
    void whatNoDriverMayMapIsReportedAndItsNearMissIsNot() {
        boot("");
        long[] it = new long[3];
        fixture.run(() -> {
            it[0] = deviceWithMask(MASK_32);
            it[1] = pages(Gfp.GFP_KERNEL, 2);
            it[2] = fixture.zeroed(DmaDeviceLayout.SIZE);
        });
        long buffer = it[1];
        refused("dma-bad-address",
                () -> dma().dmaMapSingle(it[0], AddressSpace.VMALLOC_END - 4096, 64, DMA_TO_DEVICE));
        refused("dma-bad-address", () -> dma().dmaMapSingle(it[0], 0x1000, 64, DMA_TO_DEVICE));
        refused("dma-bad-address", () -> dma().dmaMapSingle(it[0], 0xc000_0000L + (64 << 20) - 32, 64, DMA_TO_DEVICE));
        fine(() -> dma().dmaMapSingle(it[0], 0xc000_0000L + (64 << 20) - 64, 64, DMA_TO_DEVICE));
        refused("dma-bad-address", () -> dma().dmaMapPage(it[0], buffer, 0, 64, DMA_TO_DEVICE));
        fine(() -> dma().dmaMapPage(it[0], fixture.kernel().calls().virtToPage(buffer), 0, 64, DMA_TO_DEVICE));
        refused("dma-empty-mapping", () -> dma().dmaMapSingle(it[0], buffer, 0, DMA_TO_DEVICE));
        fine(() -> dma().dmaMapSingle(it[0], buffer, 1, DMA_TO_DEVICE));
        refused("dma-bad-direction", () -> dma().dmaMapSingle(it[0], buffer, 64, DMA_NONE));
        fine(() -> dma().dmaMapSingle(it[0], buffer + 4096, 64, DMA_BIDIRECTIONAL));
        refused("dma-mask-unchecked", () -> dma().dmaMapSingle(it[2], buffer, 64, DMA_TO_DEVICE));
        fixture.run(() -> check(dma().dmaSetMask(it[2], DmaAddress.bitMask(20)) == -Errno.EIO,
                "a mask that is refused"));
        refused("dma-mask-unchecked", () -> dma().dmaMapSingle(it[2], buffer, 64, DMA_TO_DEVICE));
        refusedList("dma-mask-unchecked", () -> (int) dma().dmaAllocCoherent(it[2], 64, buffer, Gfp.GFP_KERNEL));
        fixture.run(() -> check(dma().dmaSetMask(it[2], MASK_32) == 0, "a mask that is not"));
        fine(() -> dma().dmaMapSingle(it[2], buffer, 64, DMA_TO_DEVICE));
    }

    @Test
    void memoryOfAKernelStackIsForNoDevice() {
        boot("");
        long[] it = new long[2];
        fixture.run(() -> {
            it[0] = deviceWithMask(MASK_32);
            it[1] = list(pages(Gfp.GFP_KERNEL, 0), 64);
        });
        KernelCalls calls = fixture.kernel().calls();
        onStack(local -> check(dma().dmaMapSingle(it[0], local, 64, DMA_TO_DEVICE) == DmaAddress.DMA_MAPPING_ERROR,
                "mapped"));
        onStack(local -> {
            long dma = dma().dmaMapPage(it[0], calls.vmallocToPage(local), (int) local & 0xfff, 64, DMA_TO_DEVICE);
            check(dma().dmaMappingError(it[0], dma) == 0, "not mapped");
            dma().dmaUnmapPage(it[0], dma, 64, DMA_TO_DEVICE);
        });
        onStack(local -> check(bugOf(() -> calls.sgSetBuf(it[1], local, 64)).contains("the kernel stack of task"),
                "an entry"));
        fixture.run(() -> calls.onStack(64, local -> {
            check(bugOf(() -> calls.virtToPhys(local)).contains("'body': a local of 64 bytes at "), "a physical one");
            check(dma().dmaMapSg(it[0], it[1], 1, DMA_TO_DEVICE) == 1, "an entry of other memory");
            return 0;
        }));
        assertThat(fixture.takeViolations()).isEmpty();
    }

    /** Runs code with a local, and expects its report. */
    private void onStack(LongConsumer code) {
        fixture.run(() -> fixture.kernel().calls().onStack(64, local -> {
            code.accept(local);
            return 0;
        }));
        assertThat(fixture.takeViolations()).singleElement().satisfies(violation -> {
            assertThat(violation.rule()).isEqualTo("dma-stack");
            assertThat(violation.summary()).contains("the kernel stack of task").contains("'body'")
                    .contains("a local of 64 bytes at");
        });
    }

    @Test
    void anEntryThatTheDeviceCannotTakeIsReportedAndItsNearMissIsNot() {
        boot("");
        long[] it = new long[2];
        fixture.run(() -> {
            it[0] = deviceWithMask(MASK_32);
            it[1] = pages(Gfp.GFP_KERNEL, 2);
            dma().dmaSetMaxSegSize(it[0], 4096);
            dma().dmaSetSegBoundary(it[0], 0x1fff);
        });
        refusedList("dma-segment-too-long", () -> dma().dmaMapSg(it[0], list(it[1], 4097), 1, DMA_TO_DEVICE));
        fine(() -> dma().dmaMapSg(it[0], list(it[1], 4096), 1, DMA_TO_DEVICE));
        refusedList("dma-boundary-crossed", () -> dma().dmaMapSg(it[0], list(it[1] + 8000, 193), 1, DMA_TO_DEVICE));
        fine(() -> dma().dmaMapSg(it[0], list(it[1] + 8000, 192), 1, DMA_TO_DEVICE));
        refusedList("dma-empty-mapping", () -> dma().dmaMapSg(it[0], list(it[1], 64), 0, DMA_TO_DEVICE));
        refusedList("dma-bad-address", () -> dma().dmaMapSg(it[0], list(it[1], 64), 2, DMA_TO_DEVICE));
        refusedList("dma-bad-direction", () -> dma().dmaMapSg(it[0], list(it[1], 64), 1, DMA_NONE));
        refusedList("dma-empty-mapping", () -> dma().dmaMapSg(it[0], list(it[1], 0), 1, DMA_TO_DEVICE));
    }
}
