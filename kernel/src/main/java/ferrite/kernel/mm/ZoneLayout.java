package ferrite.kernel.mm;

/** {@code struct zone}. */
public final class ZoneLayout {

    public static final int SIZE = 0x100;

    public static final int LOCK = 0;
    public static final int START_PFN = 4;
    public static final int SPANNED = 8;
    public static final int PRESENT = 12;
    public static final int MANAGED = 16;
    public static final int FREE = 20;
    public static final int WATERMARK_MIN = 24;
    public static final int WATERMARK_LOW = 28;
    public static final int WATERMARK_HIGH = 32;
    /** By the highest zone that the allocation would have liked. */
    public static final int LOWMEM_RESERVE = 36;
    /** By order: a list head, and how many blocks are on it. */
    public static final int FREE_AREA = 64;
    public static final int FREE_AREA_SIZE = 12;
    public static final int NR_FREE = 8;
    /** List head of the frames that guard blocks, and how many there are. */
    public static final int GUARDS = FREE_AREA + Zones.MAX_ORDER * FREE_AREA_SIZE + 4;
    public static final int NR_GUARDS = GUARDS + 8;

    private ZoneLayout() { }

    static long freeArea(long zone, int order) {
        return zone + FREE_AREA + (long) order * FREE_AREA_SIZE;
    }
}
