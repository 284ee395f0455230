package ferrite.kernel.block;

import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** {@code struct disk_stats}: a disk's figures in {@code /proc/diskstats}. Index 0 is for reads, 1 for writes. */
final class DiskStatsLayout {

    static final int SIZE = 68;

    static final Struct STRUCT = Struct.of("disk_stats", SIZE);

    static final ULong IOS = STRUCT.ulong("ios", 0, 3);
    static final ULong MERGES = STRUCT.ulong("merges", 12, 2);
    static final ULong SECTORS = STRUCT.ulong("sectors", 20, 2);
    /** Microseconds that requests took. */
    static final ULong TIMES = STRUCT.ulong("nsecs", 28, 3);
    /** The requests that were begun and have not ended. */
    static final Word IN_FLIGHT = STRUCT.u32("in_flight", 40);
    /** Microseconds in which a request was in flight, and the same times the number of those. */
    static final ULong IO_TIME = STRUCT.ulong("io_ticks", 44);
    static final ULong QUEUE_TIME = STRUCT.ulong("time_in_queue", 48);
    /** The time until which both are known, in microseconds. */
    static final ULong STAMP = STRUCT.ulong("stamp", 52);

    static final int FLUSHES = 2;

    private DiskStatsLayout() { }
}
