package ferrite.hardware.turn;

import ferrite.hardware.clock.Clock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** The passing of time while every hart waits: at once, or paced for a person. */
public final class Waits {

    private final Clock clock;
    private WaitPacer pacer;
    private volatile boolean paused;

    Waits(Clock clock) {
        this.clock = clock;
    }

    /**
     * Paces waits from now on. They then last as long as they would for a person, if that is long enough to notice.
     * Requests that are {@linkplain Posts#add posted} meanwhile are served at once. If a request gives input, the
     * host's clock has chosen its moment. Nothing else about the run differs.
     *
     * @param hostClock the host's clock in nanoseconds
     */
    public void pace(LongSupplier hostClock) {
        pacer = new WaitPacer(hostClock);
    }

    /** Tells whether the host waits for a person's time to pass. Any thread may call this. */
    boolean isPaused() {
        return paused;
    }

    /**
     * Lets time pass up to a tick. It ends early if a request ends the wait, by waking a hart or stopping the machine.
     * The requests posted so far are served first: events may be due for ever, and wake no hart.
     */
    void pass(long end, Posts posts, BooleanSupplier isOver) {
        posts.serveAll();
        while (pacer != null && clock.now() < end && !isOver.getAsBoolean()) {
            paused = true;
            Runnable request;
            try {
                request = pacer.await(posts.queue(), end - clock.now());
            } finally {
                paused = false;
            }
            if (request == null) {
                break;
            }
            clock.jumpTo(Math.min(clock.now() + pacer.waited(), end));
            request.run();
        }
        if (!isOver.getAsBoolean()) {
            clock.jumpTo(end);
        }
    }
}
