package ferrite.debugport.pipeline;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A deadline for a client. It is counted in ticks, so a pause of the whole JVM, as at a breakpoint of a Java debugger,
 * costs a client one tick at most. The executor's thread uses it.
 */
public final class Patience {

    static final int TICKS = 10;

    private final EventExecutor executor;
    private final long tickMillis;
    private final Runnable otherwise;
    private int left = TICKS;
    private Future<?> tick;

    private Patience(EventExecutor executor, int seconds, Runnable otherwise) {
        this.executor = executor;
        this.tickMillis = TimeUnit.SECONDS.toMillis(seconds) / TICKS;
        this.otherwise = otherwise;
    }

    /** Starts a deadline. {@code otherwise} runs at its end, unless {@link #cancel} was called before. */
    public static Patience start(EventExecutor executor, int seconds, Runnable otherwise) {
        Patience patience = new Patience(executor, seconds, otherwise);
        patience.schedule();
        return patience;
    }

    private void schedule() {
        tick = executor.schedule(this::tick, tickMillis, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        left--;
        if (left == 0) {
            otherwise.run();
        } else {
            schedule();
        }
    }

    /** Ends the deadline. A second call does nothing. */
    public void cancel() {
        tick.cancel(false);
    }
}
