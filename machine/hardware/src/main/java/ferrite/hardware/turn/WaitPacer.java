package ferrite.hardware.turn;

import ferrite.hardware.clock.Clock;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Pacing of the machine's waits, so that they last as long for a person as for the machine.
 *
 * <p>Work is not paced. The host time that it takes counts as waited, so the short waits of a device at work cost
 * nothing. The pacer reads the host's clock, and decides only how long the host sleeps.
 */
final class WaitPacer {

    /** Minimum length of a wait. Shorter waits are added up and waited together. */
    private static final long NOTICEABLE_NANOSECONDS = 5_000_000;

    private long owed;
    private final LongSupplier hostClock;
    private long last;
    private long waitedTicks;

    /**
     * Creates a pacer.
     *
     * @param hostClock the host's clock in nanoseconds
     */
    WaitPacer(LongSupplier hostClock) {
        this.hostClock = hostClock;
        this.last = hostClock.getAsLong();
    }

    /**
     * Waits for this number of ticks, less the time that the host has worked meanwhile.
     *
     * @return the request that ended the wait, or null at its end
     */
    Runnable await(BlockingQueue<Runnable> posts, long ticks) {
        long start = hostClock.getAsLong();
        owed = Math.max(0, owed - (start - last));
        last = start;
        long wait = owed + nanoseconds(ticks);
        if (wait < NOTICEABLE_NANOSECONDS) {
            owed = wait;
            return null;
        }
        Runnable request = poll(posts, wait);
        long passed = hostClock.getAsLong() - start;
        last = start + passed;
        waitedTicks = Math.min(ticks, Math.max(0, passed - owed) / Clock.NANOSECONDS_PER_TICK);
        owed = request == null ? 0 : Math.max(0, owed - passed);
        return request;
    }

    /** Returns the ticks that had passed when a request ended the wait. */
    long waited() {
        return waitedTicks;
    }

    private static long nanoseconds(long ticks) {
        return ticks > Long.MAX_VALUE / (2 * Clock.NANOSECONDS_PER_TICK) ? Long.MAX_VALUE / 2
                : ticks * Clock.NANOSECONDS_PER_TICK;
    }

    /** Polls for a request. An interrupt of the host's thread does not end a wait of the machine. */
    private Runnable poll(BlockingQueue<Runnable> posts, long nanoseconds) {
        boolean interrupted = false;
        long end = hostClock.getAsLong() + nanoseconds;
        try {
            for (;;) {
                try {
                    return posts.poll(Math.max(0, end - hostClock.getAsLong()), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
