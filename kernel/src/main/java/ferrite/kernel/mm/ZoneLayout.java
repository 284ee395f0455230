package ferrite.kernel.mm;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;

/** {@code struct zone}. */
public final class ZoneLayout {

    public static final int SIZE = 0x100;

    public static final Struct STRUCT = Struct.of("zone", SIZE);

    /** Protects the free areas, the guards and their counts. */
    public static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    public static final ULong START_PFN = STRUCT.ulong("zone_start_pfn", 4);
    public static final ULong SPANNED = STRUCT.ulong("spanned_pages", 8);
    public static final ULong PRESENT = STRUCT.ulong("present_pages", 12);
    public static final ULong MANAGED = STRUCT.ulong("managed_pages", 16);
    public static final ULong FREE = STRUCT.ulong("nr_free_pages", 20);
    public static final ULong WATERMARK_MIN = STRUCT.ulong("_watermark_min", 24);
    public static final ULong WATERMARK_LOW = STRUCT.ulong("_watermark_low", 28);
    public static final ULong WATERMARK_HIGH = STRUCT.ulong("_watermark_high", 32);
    /** Pages that an allocation leaves, by the highest zone that it may use. */
    public static final ULong LOWMEM_RESERVE = STRUCT.ulong("lowmem_reserve", 36, Zones.COUNT);
    /** Free blocks by order. */
    public static final Embedded FREE_AREA = STRUCT.array("free_area", 64, FreeAreaLayout.STRUCT, Zones.MAX_ORDER);
    /** Frames that are kept free after blocks, and their number, see {@link FreeAreas}. */
    public static final Embedded GUARDS = STRUCT.list("guards", 200);
    public static final ULong NR_GUARDS = STRUCT.ulong("nr_guards", 208);

    private ZoneLayout() { }
}
