package ferrite.board.stdio;

import ferrite.board.session.SerialInput;
import ferrite.hardware.turn.RunControl;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The input of a person at a terminal. Keys go through unchanged, except Ctrl-A, as in QEMU: Ctrl-A x leaves, Ctrl-A h
 * helps, and Ctrl-A twice is a Ctrl-A. A thread of its own reads the keys, so that a person can leave a machine that
 * takes no input.
 */
public final class Keyboard implements SerialInput, AutoCloseable {

    private static final int CTRL_A = 1;
    /** The number of keys that wait for the machine; further ones are lost. */
    private static final int MAX_KEYS = 4096;

    private final InputStream in;
    private final PrintStream err;
    private final RunControl control;
    private final Runnable onArrival;
    private final ScheduledExecutorService alarm = Executors.newSingleThreadScheduledExecutor(body -> {
        Thread thread = new Thread(body, "alarm");
        thread.setDaemon(true);
        return thread;
    });
    /** Used only by the thread that holds the turn, as are the fields after it. */
    private final Deque<Integer> keys = new ArrayDeque<>();
    private boolean escaped;
    private boolean ended;
    private boolean quitting;

    /** @param onArrival called when keys have come, by the thread that holds the turn */
    public Keyboard(InputStream in, PrintStream err, RunControl control, Runnable onArrival) {
        this.in = in;
        this.err = err;
        this.control = control;
        this.onArrival = onArrival;
        Thread reader = new Thread(this::read, "keyboard");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        byte[] buffer = new byte[256];
        int length;
        do {
            length = readSome(buffer);
            byte[] typed = length < 0 ? new byte[0] : java.util.Arrays.copyOf(buffer, length);
            boolean last = length < 0;
            control.post(() -> {
                ended = last;
                for (byte key : typed) {
                    type(key & 0xff);
                }
                onArrival.run();
            });
        } while (length >= 0);
    }

    /** Reads some keys; -1 at the end of input, which an unreadable terminal has reached. */
    private int readSome(byte[] buffer) {
        try {
            return in.read(buffer);
        } catch (IOException gone) {
            return -1;
        }
    }

    private void type(int key) {
        if (escaped) {
            escaped = false;
            switch (key) {
                case 'x' -> quitting = true;
                case 'h' -> err.print("\nCtrl-A x  leave\nCtrl-A h  this help\nCtrl-A Ctrl-A  send a Ctrl-A\n");
                case CTRL_A -> add(CTRL_A);
                default -> { }
            }
        } else if (key == CTRL_A) {
            escaped = true;
        } else {
            add(key);
        }
    }

    private void add(int key) {
        if (keys.size() < MAX_KEYS) {
            keys.add(key);
        }
    }

    @Override
    public boolean isPerson() {
        return true;
    }

    @Override
    public boolean isQuitting() {
        return quitting;
    }

    @Override
    public int take() {
        return keys.isEmpty() ? ended ? END : NOT_YET : keys.remove();
    }

    @Override
    public long await(long nanoseconds) throws IOException {
        long start = System.nanoTime();
        ScheduledFuture<?> up = nanoseconds == Long.MAX_VALUE ? null
                : alarm.schedule(() -> control.post(() -> { }), nanoseconds, TimeUnit.NANOSECONDS);
        try {
            control.serve();
        } finally {
            if (up != null) {
                up.cancel(false);
            }
        }
        return System.nanoTime() - start;
    }

    @Override
    public void close() {
        alarm.shutdownNow();
    }
}
