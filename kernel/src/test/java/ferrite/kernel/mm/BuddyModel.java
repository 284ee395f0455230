package ferrite.kernel.mm;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A page allocator that is simple enough to be right: a map of the free blocks of each zone. It predicts the zone and
 * the order of a block, and the free blocks afterwards. Among equal blocks the real allocator chooses.
 */
final class BuddyModel {

    private final SortedMap<Long, Integer>[] free;
    private final int[] min;
    private final int[] low;
    private final int[][] reserve;

    /** Starts from the blocks that are free now. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    BuddyModel(KernelFixture fixture) {
        free = new SortedMap[Zones.COUNT];
        min = new int[Zones.COUNT];
        low = new int[Zones.COUNT];
        reserve = new int[Zones.COUNT][Zones.COUNT];
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            free[zone] = new TreeMap<>(Frames.freeBlocks(fixture, zone));
            long record = fixture.kernel().mm().zones().record(zone);
            min[zone] = (int) ZoneLayout.WATERMARK_MIN.get(fixture.peek(), record);
            low[zone] = (int) ZoneLayout.WATERMARK_LOW.get(fixture.peek(), record);
            for (int wanted = 0; wanted < Zones.COUNT; wanted++) {
                reserve[zone][wanted] = (int) ZoneLayout.LOWMEM_RESERVE.get(fixture.peek(), record, wanted);
            }
        }
    }

    SortedMap<Long, Integer> free(int zone) {
        return free[zone];
    }

    long freePages(int zone) {
        return free[zone].values().stream().mapToLong(order -> 1L << order).sum();
    }

    /**
     * Returns the zone that has to give a block: the first that stays above its low watermark, else the first that the
     * flags allow; -1 if there is none.
     */
    int zoneFor(int gfp, int order) {
        int wanted = Zones.highest(gfp);
        for (int pass = 0; pass < 2; pass++) {
            for (int zone = wanted; zone >= Zones.DMA; zone--) {
                long floor = pass == 0 ? low[zone] + reserve[zone][wanted] : floor(zone, wanted, gfp);
                if (smallestFree(zone, order) >= 0 && freePages(zone) - (1L << order) >= floor) {
                    return zone;
                }
            }
        }
        return -1;
    }

    /** Returns the pages that an allocation must leave: Linux's {@code __zone_watermark_ok}. */
    private long floor(int zone, int wanted, int gfp) {
        long mark = min[zone];
        if ((gfp & Gfp.__GFP_HIGH) != 0) {
            mark -= mark / 2;
        }
        if ((gfp & Gfp.__GFP_DIRECT_RECLAIM) == 0) {
            mark -= mark / 4;
        }
        return mark + reserve[zone][wanted];
    }

    /** Returns the order of the smallest free block that is large enough, or -1. */
    private int smallestFree(int zone, int order) {
        return free[zone].values().stream().mapToInt(Integer::intValue).filter(have -> have >= order).min().orElse(-1);
    }

    /**
     * Removes a block that the real allocator took. It must be the first part of a smallest block that is large enough.
     */
    void take(int zone, long pfn, int order) {
        int from = smallestFree(zone, order);
        KernelFixture.check(Integer.valueOf(from).equals(free[zone].get(pfn)),
                "the block at frame " + pfn + " of order " + order
                        + " is not the start of a free block of order " + from);
        free[zone].remove(pfn);
        for (int half = from - 1; half >= order; half--) {
            free[zone].put(pfn + (1L << half), half);
        }
    }

    /** Frees a block and merges it with its free buddies. */
    void giveBack(int zone, long pfn, int order) {
        long first = pfn;
        int size = order;
        while (size < Zones.MAX_ORDER - 1 && Integer.valueOf(size).equals(free[zone].get(first ^ 1L << size))) {
            free[zone].remove(first ^ 1L << size);
            first &= ~(1L << size);
            size++;
        }
        free[zone].put(first, size);
    }
}
