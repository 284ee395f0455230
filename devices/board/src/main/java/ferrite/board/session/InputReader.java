package ferrite.board.session;

import ferrite.hardware.turn.RunControl;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;

/**
 * A thread that reads one piece of input, so that the machine goes on meanwhile. It gives the piece to the machine
 * between two accesses.
 */
public final class InputReader<T> {

    private final Source<T> source;
    private final RunControl control;
    private volatile T piece;
    private volatile IOException failure;

    /** Where the pieces come from. */
    @FunctionalInterface
    public interface Source<T> {

        /** Returns the next piece, and waits until there is one. */
        T next() throws IOException;
    }

    private InputReader(Source<T> source, RunControl control) {
        this.source = source;
        this.control = control;
    }

    /**
     * Reads the next piece.
     *
     * @param name  the thread's name
     * @param taker is given the piece, or why there is none, by the thread that holds the turn
     */
    public static <T> void start(String name, Source<T> source, RunControl control, BiConsumer<T, IOException> taker) {
        InputReader<T> reader = new InputReader<>(source, control);
        Runnable request = () -> taker.accept(reader.piece, reader.failure);
        Thread thread = new Thread(() -> reader.read(request), name);
        thread.setDaemon(true);
        thread.start();
    }

    private void read(Runnable request) {
        try {
            piece = source.next();
        } catch (IOException e) {
            failure = e;
        } catch (Error | RuntimeException e) {
            // as of a terminal that was closed when the run had ended
            failure = new IOException("input cannot be read: " + e, e);
        }
        while (!isPosted(request)) {
            Thread.yield();
        }
    }

    /** Returns whether the machine was told, or needs to be told no more. */
    private boolean isPosted(Runnable request) {
        try {
            control.post(request);
        } catch (RejectedExecutionException ended) {
            // the run is over, and the piece is dropped
        } catch (OutOfMemoryError full) {
            return false;
        }
        return true;
    }
}
