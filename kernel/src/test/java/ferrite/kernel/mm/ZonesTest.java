package ferrite.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.ULong;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From a device tree to zones with watermarks, for small machines and large ones. */
@Timeout(60)
class ZonesTest {

    private static final int FRAMES_PER_MIB = 256;

    private static long spanned(KernelFixture fixture, int zone) {
        return fixture.kernel().mm().zones().spanned(fixture.peek(), zone);
    }

    private static long managed(KernelFixture fixture, int zone) {
        return fixture.kernel().mm().zones().managed(fixture.peek(), zone);
    }

    private static long word(KernelFixture fixture, int zone, ULong field) {
        return field.get(fixture.peek(), fixture.kernel().mm().zones().record(zone));
    }

    private static long reserve(KernelFixture fixture, int zone, int wanted) {
        return ZoneLayout.LOWMEM_RESERVE.get(fixture.peek(), fixture.kernel().mm().zones().record(zone), wanted);
    }

    // ---- spans ----

    @ParameterizedTest(name = "{0} MiB")
    @ValueSource(ints = {8, 15, 16, 17, 64, 512, 895, 896, 897, 1024, 2048, 3840})
    void zonesFallOutOfTheMemoryMapAsInTheBook(int mebibytes) {
        try (KernelFixture fixture = KernelFixture.options().ram((long) mebibytes << 20).boot()) {
            long dma = Math.min(16, mebibytes);
            long normal = Math.min(896, mebibytes) - dma;
            assertThat(spanned(fixture, Zones.DMA)).isEqualTo(dma * FRAMES_PER_MIB);
            assertThat(spanned(fixture, Zones.NORMAL)).isEqualTo(normal * FRAMES_PER_MIB);
            assertThat(spanned(fixture, Zones.HIGHMEM)).isEqualTo((mebibytes - dma - normal) * FRAMES_PER_MIB);
            assertThat(fixture.proc("buddyinfo").lines()).hasSize(mebibytes <= 16 ? 1 : mebibytes <= 896 ? 2 : 3);

            Frames frames = Frames.of(fixture);
            for (int zone = 0; zone < Zones.COUNT; zone++) {
                long present = word(fixture, zone, ZoneLayout.PRESENT);
                assertThat(present).isEqualTo(spanned(fixture, zone));
                assertThat(frames.free[zone]).isEqualTo(fixture.kernel().mm().zones().free(fixture.peek(), zone));
                assertThat(frames.free[zone] + frames.allocated[zone]).isEqualTo(managed(fixture, zone));
                assertThat(managed(fixture, zone) + frames.reserved[zone]).isEqualTo(present);
                Frames.freeBlocks(fixture, zone);
            }
            assertThat(frames.allocated[Zones.HIGHMEM]).as("the kernel itself uses high memory for stacks alone")
                    .isEqualTo(mebibytes <= 896 ? 0 : fixture.kernel().mm().stacks().pages(fixture.peek()));
        }
    }

    @ParameterizedTest(name = "{0} MiB")
    @ValueSource(ints = {17, 64, 1024, 3840})
    void whatBootNeedsStaysOutOfTheDmaZone(int mebibytes) {
        try (KernelFixture fixture = KernelFixture.options().ram((long) mebibytes << 20).boot()) {
            ReadableMemory view = fixture.peek();
            for (Pointer pointer : List.of(RootLayout.MEM_MAP, RootLayout.PAGE_EXT, RootLayout.LOG, RootLayout.STRINGS,
                    RootLayout.PER_CPU)) {
                long pa = fixture.kernel().calls().virtToPhys(pointer.get(view, fixture.kernel().base().root()));
                assertThat(pa).as(pointer.name()).isBetween(16L << 20, (896L << 20) - 1);
            }
            assertThat(Frames.of(fixture).reserved[Zones.DMA]).as("frame 0 and the root page").isEqualTo(2);
        }
    }

    @Test
    void frameZeroIsNobodysForEver() {
        try (KernelFixture fixture = KernelFixture.small()) {
            assertThat(PageLayout.FLAGS.get(fixture.peek(), fixture.kernel().mm().memMap().pfnToPage(0)))
                    .isEqualTo(PageLayout.RESERVED);
        }
    }

    @ParameterizedTest
    @CsvSource({"64, 4, 32", "64, 1, 8", "64, 16, 16", "128, 16, 100", "1024, 8, 896", "40, 2, 33"})
    void theCommandLineMovesTheZonesEnds(int ram, int dma, int normal) {
        String words = "zone_dma=" + (dma << 20) + " zone_normal=" + ((long) normal << 20);
        try (KernelFixture fixture = KernelFixture.options().ram((long) ram << 20).lowEnd((long) normal << 20)
                .bootArguments(words).boot()) {
            assertThat(spanned(fixture, Zones.DMA)).isEqualTo((long) dma * FRAMES_PER_MIB);
            assertThat(spanned(fixture, Zones.NORMAL)).isEqualTo((long) (normal - dma) * FRAMES_PER_MIB);
            assertThat(spanned(fixture, Zones.HIGHMEM)).isEqualTo((long) (ram - normal) * FRAMES_PER_MIB);
            Frames frames = Frames.of(fixture);
            for (int zone = 0; zone < Zones.COUNT; zone++) {
                assertThat(managed(fixture, zone) + frames.reserved[zone]).isEqualTo(spanned(fixture, zone));
            }
            fixture.run(() -> {
                long page = fixture.kernel().calls().__getFreePages(Gfp.GFP_DMA, 0);
                KernelFixture.check(page != 0 && fixture.kernel().calls().virtToPhys(page) < (long) dma << 20,
                        "a page for DMA lies above the zone's end");
                fixture.kernel().calls().freePages(page, 0);
            });
        }
    }

    @Test
    void aZoneLimitThatIsNoMultipleOfABlockSplitsNoBlock() {
        String words = "zone_dma=" + (3 << 20) + " zone_normal=" + (27L << 20);
        try (KernelFixture fixture = KernelFixture.options().ram(61 << 20).lowEnd(27 << 20)
                .bootArguments(words).boot()) {
            for (int zone = 0; zone < Zones.COUNT; zone++) {
                long start = fixture.kernel().mm().zones().startPfn(fixture.peek(), zone);
                long end = start + spanned(fixture, zone);
                Frames.freeBlocks(fixture, zone)
                        .forEach((pfn, order) -> assertThat(pfn + (1L << order)).isBetween(start, end));
            }
        }
    }

    // ---- values that Linux computes from the spans ----

    /**
     * mm/page_alloc.c of Linux 6.1: calculate_min_free_kbytes, __setup_per_zone_wmarks, setup_per_zone_lowmem_reserve.
     */
    @ParameterizedTest(name = "{0} MiB")
    @ValueSource(ints = {8, 64, 1024, 3840})
    void watermarksAndReservesAreThoseOfLinux(int mebibytes) {
        try (KernelFixture fixture = KernelFixture.options().ram((long) mebibytes << 20).boot()) {
            long[] managed = {managed(fixture, 0), managed(fixture, 1), managed(fixture, 2)};
            long lowmemPages = managed[0] + managed[1];
            long root = 0;
            while ((root + 1) * (root + 1) <= lowmemPages * 4 * 16) {
                root++;
            }
            long minFreeKbytes = Math.min(Math.max(root, 128), 262_144);
            long pagesMin = minFreeKbytes >> 2;
            for (int zone = 0; zone < Zones.COUNT; zone++) {
                long tmp = pagesMin * managed[zone] / lowmemPages;
                long min = tmp;
                if (zone == Zones.HIGHMEM && managed[zone] > 0) {
                    min = Math.min(Math.max(managed[zone] / 1024, 32), 128);
                }
                long step = Math.max(tmp >> 2, managed[zone] * 10 / 10_000);
                assertThat(word(fixture, zone, ZoneLayout.WATERMARK_MIN))
                        .as("min of " + Zones.name(zone)).isEqualTo(min);
                assertThat(word(fixture, zone, ZoneLayout.WATERMARK_LOW)).as("low of " + Zones.name(zone))
                        .isEqualTo(min + step);
                assertThat(word(fixture, zone, ZoneLayout.WATERMARK_HIGH)).as("high of " + Zones.name(zone))
                        .isEqualTo(min + 2 * step);
            }
            assertThat(reserve(fixture, Zones.DMA, Zones.DMA)).isZero();
            assertThat(reserve(fixture, Zones.DMA, Zones.NORMAL)).isEqualTo(managed[1] / 256);
            assertThat(reserve(fixture, Zones.DMA, Zones.HIGHMEM)).isEqualTo((managed[1] + managed[2]) / 256);
            assertThat(reserve(fixture, Zones.NORMAL, Zones.HIGHMEM)).isEqualTo(managed[2] / 32);
            assertThat(reserve(fixture, Zones.HIGHMEM, Zones.HIGHMEM)).isZero();
        }
    }

    @Test
    void aMachineOfOneGibibyteHasTheNumbersThatAnyoneCanCheckByHand() {
        try (KernelFixture fixture = KernelFixture.options().ram(1L << 30).boot()) {
            assertThat(fixture.proc("zoneinfo")).contains("start_pfn:           0\n")
                    .contains("start_pfn:           4096\n").contains("start_pfn:           229376\n");
            assertThat(word(fixture, Zones.HIGHMEM, ZoneLayout.WATERMARK_MIN)).isEqualTo(32);
            assertThat(managed(fixture, Zones.DMA)).isEqualTo(4094);
            assertThat(managed(fixture, Zones.HIGHMEM)).isEqualTo(32_768);
        }
    }
}
