package ferrite.kernel.mm;

import static ferrite.kernel.mm.ZoneLayout.FREE;
import static ferrite.kernel.mm.ZoneLayout.FREE_AREA;
import static ferrite.kernel.mm.ZoneLayout.GUARDS;
import static ferrite.kernel.mm.ZoneLayout.LOWMEM_RESERVE;
import static ferrite.kernel.mm.ZoneLayout.MANAGED;
import static ferrite.kernel.mm.ZoneLayout.NR_GUARDS;
import static ferrite.kernel.mm.ZoneLayout.PRESENT;
import static ferrite.kernel.mm.ZoneLayout.SPANNED;
import static ferrite.kernel.mm.ZoneLayout.START_PFN;
import static ferrite.kernel.mm.ZoneLayout.WATERMARK_HIGH;
import static ferrite.kernel.mm.ZoneLayout.WATERMARK_LOW;
import static ferrite.kernel.mm.ZoneLayout.WATERMARK_MIN;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;

/** The three zones of the one node: their frames and their records. */
public final class Zones {

    public static final int DMA = 0;
    public static final int NORMAL = 1;
    public static final int HIGHMEM = 2;
    public static final int COUNT = 3;
    /** Orders 0 to 10 (LDD3 page 222). */
    public static final int MAX_ORDER = 11;

    private static final String[] NAMES = {"DMA", "Normal", "HighMem"};
    /** Linux's {@code sysctl_lowmem_reserve_ratio}. */
    private static final int[] LOWMEM_RESERVE_RATIO = {256, 32, 0};
    private static final int HIGHMEM_MIN_PAGES = 32;
    private static final int HIGHMEM_MAX_MIN_PAGES = 128;

    private final long base;

    /** @param base address of the first of the three records */
    public Zones(long base) {
        this.base = base;
    }

    public static String name(int zone) {
        return NAMES[zone];
    }

    public long record(int zone) {
        return base + (long) zone * ZoneLayout.SIZE;
    }

    /** Makes empty zones that are split at the given frames. The first boot step. */
    public void init(KernelMemory memory, long startPfn, long dmaEnd, long normalEnd, long endPfn) {
        long[] bounds = {startPfn, Math.min(dmaEnd, endPfn), Math.min(normalEnd, endPfn), endPfn};
        for (int zone = 0; zone < COUNT; zone++) {
            long record = record(zone);
            START_PFN.set(memory, record, bounds[zone]);
            SPANNED.set(memory, record, bounds[zone + 1] - bounds[zone]);
            PRESENT.set(memory, record, bounds[zone + 1] - bounds[zone]);
            for (int order = 0; order < MAX_ORDER; order++) {
                ListHead.init(memory, FREE_AREA.at(record, order));
            }
            ListHead.init(memory, GUARDS.at(record));
        }
    }

    /**
     * Sets watermarks and reserves from the managed pages, as Linux's {@code __setup_per_zone_wmarks} and
     * {@code setup_per_zone_lowmem_reserve} do.
     */
    public void setWatermarks(KernelMemory memory) {
        long lowPages = managed(memory, DMA) + managed(memory, NORMAL);
        long lowKiB = lowPages * 4;
        long minFreeKiB = Math.max(128, Math.min(262_144, (long) Math.sqrt(lowKiB * 16)));
        long pagesMin = minFreeKiB / 4;
        for (int zone = 0; zone < COUNT; zone++) {
            long managed = managed(memory, zone);
            long share = lowPages == 0 ? 0 : pagesMin * managed / lowPages;
            long min = zone == HIGHMEM ? highmemMin(managed) : share;
            long step = Math.max(share / 4, managed / 1000);
            long record = record(zone);
            WATERMARK_MIN.set(memory, record, min);
            WATERMARK_LOW.set(memory, record, min + step);
            WATERMARK_HIGH.set(memory, record, min + 2 * step);
            reserveFor(memory, zone);
        }
    }

    private static long highmemMin(long managed) {
        return managed == 0 ? 0 : Math.max(HIGHMEM_MIN_PAGES, Math.min(HIGHMEM_MAX_MIN_PAGES, managed / 1024));
    }

    /** Sets the pages that allocations for a higher zone must leave in this one. */
    private void reserveFor(KernelMemory memory, int zone) {
        long above = 0;
        for (int wanted = zone + 1; wanted < COUNT; wanted++) {
            above += managed(memory, wanted);
            boolean none = LOWMEM_RESERVE_RATIO[zone] == 0 || managed(memory, zone) == 0;
            long reserve = none ? 0 : above / LOWMEM_RESERVE_RATIO[zone];
            LOWMEM_RESERVE.set(memory, record(zone), wanted, reserve);
        }
    }

    /** Returns the zone that is searched first; the zones below it follow. */
    public static int highest(int gfp) {
        if ((gfp & Gfp.__GFP_DMA) != 0) {
            return DMA;
        }
        return (gfp & Gfp.__GFP_HIGHMEM) != 0 ? HIGHMEM : NORMAL;
    }

    /**
     * Returns the free pages that an attempt must leave, as in Linux's {@code zone_watermark_ok}: the watermark, and
     * the reserve for allocations that can use no higher zone.
     *
     * @param zone       address of the zone's record
     * @param wanted     the highest zone that the allocation can use
     * @param allocFlags see {@link AllocFlags}
     */
    long floor(ReadableMemory memory, long zone, int wanted, int allocFlags) {
        if ((allocFlags & AllocFlags.NO_WATERMARKS) != 0) {
            return 0;
        }
        long mark = (allocFlags & AllocFlags.WMARK_LOW) != 0 ? WATERMARK_LOW.get(memory, zone)
                : WATERMARK_MIN.get(memory, zone);
        if ((allocFlags & AllocFlags.HIGH) != 0) {
            mark -= mark / 2;
        }
        if ((allocFlags & AllocFlags.HARDER) != 0) {
            mark -= mark / 4;
        }
        return mark + LOWMEM_RESERVE.get(memory, zone, wanted);
    }

    /** Linux's {@code pgdat_balanced}: whether some zone can give a block and stay above its high watermark. */
    boolean isBalanced(ReadableMemory memory, int order, int wanted) {
        for (int zone = wanted; zone >= DMA; zone--) {
            long record = record(zone);
            long left = free(memory, zone) - (1L << order);
            long mark = WATERMARK_HIGH.get(memory, record) + LOWMEM_RESERVE.get(memory, record, wanted);
            if (left >= mark && hasBlock(memory, zone, order)) {
                return true;
            }
        }
        return false;
    }

    private boolean hasBlock(ReadableMemory memory, int zone, int order) {
        for (int size = order; size < MAX_ORDER; size++) {
            if (freeBlocks(memory, zone, size) > 0) {
                return true;
            }
        }
        return false;
    }

    /** Returns the zone of a frame. */
    public int zoneOf(ReadableMemory memory, long pfn) {
        if (pfn >= startPfn(memory, HIGHMEM) && spanned(memory, HIGHMEM) > 0) {
            return HIGHMEM;
        }
        return pfn >= startPfn(memory, NORMAL) && spanned(memory, NORMAL) > 0 ? NORMAL : DMA;
    }

    public long startPfn(ReadableMemory memory, int zone) {
        return START_PFN.get(memory, record(zone));
    }

    public long spanned(ReadableMemory memory, int zone) {
        return SPANNED.get(memory, record(zone));
    }

    public long managed(ReadableMemory memory, int zone) {
        return MANAGED.get(memory, record(zone));
    }

    public long free(ReadableMemory memory, int zone) {
        return FREE.get(memory, record(zone));
    }

    /** Returns the frames of a zone that guard blocks. */
    public long guards(ReadableMemory memory, int zone) {
        return NR_GUARDS.get(memory, record(zone));
    }

    /** Returns the free blocks of an order in a zone. */
    public long freeBlocks(ReadableMemory memory, int zone, int order) {
        return FreeAreaLayout.NR_FREE.get(memory, FREE_AREA.at(record(zone), order));
    }
}
