package ferrite.board.stdio;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Collects bytes that are written one by one, and lets none wait long. */
public final class TimelyOutput extends OutputStream {

    private static final int MAX_BYTES = 1 << 15;
    private static final int MAX_WAIT_MILLISECONDS = 40;

    private final OutputStream out;
    private final byte[] bytes = new byte[MAX_BYTES];
    private final ScheduledExecutorService flusher = Executors.newSingleThreadScheduledExecutor(body -> {
        Thread thread = new Thread(body, "serial output");
        thread.setDaemon(true);
        return thread;
    });
    private int length;
    private boolean scheduled;
    private IOException broken;

    public TimelyOutput(OutputStream out) {
        this.out = out;
    }

    @Override
    public synchronized void write(int value) throws IOException {
        bytes[length++] = (byte) value;
        if (length == MAX_BYTES) {
            flush();
        } else if (!scheduled) {
            scheduled = true;
            flusher.schedule(this::flushLate, MAX_WAIT_MILLISECONDS, TimeUnit.MILLISECONDS);
        }
        if (broken != null) {
            throw broken;
        }
    }

    private synchronized void flushLate() {
        scheduled = false;
        try {
            flush();
        } catch (IOException unwritable) {
            // the next write reports it
        }
    }

    @Override
    public synchronized void flush() throws IOException {
        int full = length;
        length = 0;
        if (full == 0 || broken != null) {
            return;
        }
        try {
            out.write(bytes, 0, full);
            out.flush();
        } catch (IOException e) {
            broken = e;
            throw e;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        flusher.shutdownNow();
        flush();
    }
}
