package ferrite.debugport.http;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/** Events on their way from the machine's thread to one client: a bounded queue that counts its losses. */
final class EventQueue implements WebPages.EventSink {

    static final int MAX_EVENTS = 1024;
    static final int MAX_BYTES = 1 << 20;

    private final Runnable wakeUp;
    private final Deque<byte[]> events = new ArrayDeque<>();
    private int bytes;
    private long dropped;
    private boolean closed;

    /** @param wakeUp is called, on the machine's thread, when the queue is not empty any more */
    EventQueue(Runnable wakeUp) {
        this.wakeUp = wakeUp;
    }

    @Override
    public void offer(Supplier<byte[]> json) {
        boolean wasEmpty;
        synchronized (this) {
            if (closed) {
                return;
            }
            wasEmpty = events.isEmpty() && dropped == 0;
            if (dropped > 0 || events.size() >= MAX_EVENTS || bytes >= MAX_BYTES) {
                dropped++;                            // until the client was told, so that the order stays right
            } else {
                byte[] event = json.get();
                events.addLast(event);
                bytes += event.length;
            }
        }
        if (wasEmpty) {
            wakeUp.run();
        }
    }

    /** Takes the next event, or returns null. */
    synchronized byte[] poll() {
        byte[] event = events.pollFirst();
        bytes -= event == null ? 0 : event.length;
        return event;
    }

    /** Takes the number of events that were dropped after the last one in the queue. */
    synchronized long takeDropped() {
        long count = dropped;
        dropped = 0;
        return count;
    }

    /** Tells whether events were dropped, and all that came before them are taken. */
    synchronized boolean hasOnlyDropped() {
        return events.isEmpty() && dropped > 0;
    }

    synchronized boolean isEmpty() {
        return events.isEmpty() && dropped == 0;
    }

    /** Closes the queue after the client has gone. */
    synchronized void close() {
        closed = true;
        events.clear();
        bytes = 0;
        dropped = 0;
    }
}
