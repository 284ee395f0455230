package ferrite.hardware.turn;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;

/**
 * Requests of other threads to the thread that holds the turn, which serves them between two accesses. A request may
 * only inspect the machine, or give input that is recorded with its moment.
 */
public final class Posts {

    private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private volatile boolean refusing;

    Posts() { }

    /**
     * Posts a request. It is served soon. Any thread may call this.
     *
     * @throws RejectedExecutionException after {@link #refuse}, if the request will not be served
     */
    public void add(Runnable request) {
        queue.add(request);
        if (refusing && queue.remove(request)) {
            throw new RejectedExecutionException("the machine's run has ended");
        }
    }

    /**
     * Serves the requests posted so far, and refuses later ones. It is for a controller that will not run the machine
     * again.
     */
    public void refuse() {
        refusing = true;
        serveAll();
    }

    /** Waits for one request and serves it. It is for a controller that has nothing else to do. */
    public void serveOne() throws InterruptedException {
        queue.take().run();
    }

    /** Serves the requests posted so far. Returns whether there were any. Only the owner of the turn may call it. */
    public boolean serveAll() {
        Runnable first = queue.poll();
        for (Runnable request = first; request != null; request = queue.poll()) {
            request.run();
        }
        return first != null;
    }

    /** Returns the requests that wait, for a wait that one of them may end. */
    BlockingQueue<Runnable> queue() {
        return queue;
    }
}
