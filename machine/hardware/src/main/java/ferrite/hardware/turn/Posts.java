package ferrite.hardware.turn;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

/**
 * Requests of other threads to the thread that holds the turn, which serves them between two accesses. A request may
 * only inspect the machine, or give input that is recorded with its moment.
 */
public final class Posts {

    private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    /** Has a permit while the owner of the turn waits for a request. The thread that takes it has the turn on loan. */
    private final Semaphore onLoan = new Semaphore(0);
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

    /**
     * Serves a request at once, on the calling thread, if the owner of the turn only waits for one. That saves two
     * changes of threads. The request must only look. Returns whether it was served; never waits.
     */
    public boolean serveNow(Runnable request) {
        if (!queue.isEmpty() || !onLoan.tryAcquire()) {
            return false;
        }
        try {
            request.run();
        } finally {
            onLoan.release();
        }
        return true;
    }

    /**
     * Waits for one request and serves it. It is for a controller that has nothing else to do. Meanwhile it lends the
     * turn to threads that only look.
     */
    public void serveOne() throws InterruptedException {
        Runnable request = queue.poll();
        if (request == null) {
            onLoan.release();
            try {
                request = queue.take();
            } finally {
                onLoan.acquireUninterruptibly();
            }
        }
        request.run();
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
