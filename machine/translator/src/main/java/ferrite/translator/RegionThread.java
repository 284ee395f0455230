package ferrite.translator;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A thread that makes regions beside a machine. It ends when it has had no work for some time. */
public final class RegionThread {

    private static final int IDLE_SECONDS = 5;

    private RegionThread() { }

    /** Returns an executor with a thread of its own, for which no process waits. */
    public static Executor executor() {
        return new ThreadPoolExecutor(0, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread thread = new Thread(work, "ferrite-regions");
            thread.setDaemon(true);
            return thread;
        });
    }
}
