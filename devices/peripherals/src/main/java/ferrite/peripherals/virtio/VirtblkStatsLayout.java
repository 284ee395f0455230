package ferrite.peripherals.virtio;

import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** A hart's counts of a block device's requests: a per-CPU variable. */
final class VirtblkStatsLayout {

    static final int SIZE = 28;

    static final Struct STRUCT = Struct.of("virtblk_stats", SIZE);

    static final Word READS = STRUCT.u32("reads", 0);
    static final Word READ_SECTORS = STRUCT.u32("read_sectors", 4);
    static final Word WRITES = STRUCT.u32("writes", 8);
    static final Word WRITTEN_SECTORS = STRUCT.u32("written_sectors", 12);
    static final Word FLUSHES = STRUCT.u32("flushes", 16);
    static final Word ERRORS = STRUCT.u32("errors", 20);
    static final Word INTERRUPTS = STRUCT.u32("interrupts", 24);

    private VirtblkStatsLayout() { }
}
