package ferrite.kernel.block;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelMemory;

/** Counts for {@code /proc/diskstats}. The queue's lock is held, or the disk has no queue. */
final class DiskStats {

    private static final int SECTOR = 512;

    private final BlockState state;
    private final KernelMemory memory;

    DiskStats(BlockState state) {
        this.state = state;
        this.memory = state.base().memory();
    }

    private static long at(long disk) {
        return GendiskLayout.STATS.at(disk);
    }

    /** Returns the index of an operation: 0 for reads, 1 for writes, 2 for flushes. */
    private static int index(int flags) {
        return Elevator.operation(flags);
    }

    void merged(long disk, int flags) {
        DiskStatsLayout.MERGES.add(memory, at(disk), index(flags), 1);
    }

    void moved(long disk, int flags, int bytes) {
        if (bytes > 0) {
            DiskStatsLayout.SECTORS.add(memory, at(disk), index(flags), bytes / SECTOR);
        }
    }

    void begins(long disk) {
        round(disk);
        DiskStatsLayout.IN_FLIGHT.add(memory, at(disk), 1);
    }

    void requeued(long disk) {
        round(disk);
        DiskStatsLayout.IN_FLIGHT.add(memory, at(disk), -1);
    }

    void ended(long disk, int flags, long start) {
        requeued(disk);
        DiskStatsLayout.IOS.add(memory, at(disk), index(flags), 1);
        DiskStatsLayout.TIMES.add(memory, at(disk), index(flags), (state.now() - start) / Clock.TICKS_PER_MICROSECOND);
    }

    /** Counts a bio of a disk without requests. */
    void served(long disk, int flags, int bytes) {
        DiskStatsLayout.IOS.add(memory, at(disk), index(flags), 1);
        moved(disk, flags, bytes);
    }

    /** Adds the time since the last change of the number of requests in flight. */
    private void round(long disk) {
        long now = state.now() / Clock.TICKS_PER_MICROSECOND;
        long passed = now - DiskStatsLayout.STAMP.get(memory, at(disk)) & 0xffff_ffffL;
        int inFlight = DiskStatsLayout.IN_FLIGHT.get(memory, at(disk));
        if (inFlight > 0) {
            DiskStatsLayout.IO_TIME.add(memory, at(disk), passed);
            DiskStatsLayout.QUEUE_TIME.add(memory, at(disk), passed * inFlight);
        }
        DiskStatsLayout.STAMP.set(memory, at(disk), now);
    }
}
