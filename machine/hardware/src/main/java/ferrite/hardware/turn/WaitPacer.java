package ferrite.hardware.turn;

import ferrite.hardware.clock.Clock;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Makes waits of the machine as long for a person as they are for the machine. Work is not paced: the time that it takes the host counts as
 * waited, so that the short waits of a device at work cost nothing. It reads a clock of the host's, and decides nothing but how long the host sleeps.
 */
final class WaitPacer {

    /** Shorter waits are owed, and paid together. */
    private static final long NOTICEABLE_NANOSECONDS = 5_000_000;

    private long owed;
    private final LongSupplier hostClock;
    private long last;
    private long waitedTicks;

    /** @param hostClock tells nanoseconds */
    WaitPacer(LongSupplier hostClock) {
        this.hostClock = hostClock;
        this.last = hostClock.getAsLong();
    }

    /**
     * Waits for as long as so many ticks last, less what the host has worked meanwhile.
     *
     * @return a request that ended the wait, or null when it is over
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

    /** How much of the wait that a request ended had passed, in ticks. */
    long waited() {
        return waitedTicks;
    }

    private static long nanoseconds(long ticks) {
        return ticks > Long.MAX_VALUE / (2 * Clock.NANOSECONDS_PER_TICK) ? Long.MAX_VALUE / 2 : ticks * Clock.NANOSECONDS_PER_TICK;
    }

    /** An interrupt of the host's thread ends no wait of the machine's. */
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
