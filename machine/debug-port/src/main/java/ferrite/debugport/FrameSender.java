package ferrite.debugport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Frames on their way to an attached client, from the machine's thread to the port's. At most {@link #MOST_WAITING} bytes and one piece wait for a client.
 * A command's output waits until there is room, but for {@link #PATIENCE_MILLIS} at most; what the client did not ask for does not wait. Whoever has no room by
 * then is dropped, and nothing more is kept for him.
 */
final class FrameSender {

    static final int MOST_WAITING = 1 << 20;
    static final int PIECE = 1 << 16;
    /** With {@link #ROOM}, the slowest pace at which a client may hold the machine up: 128 KiB a second. */
    static final int PATIENCE_MILLIS = 2000;
    static final int ROOM = 1 << 18;

    private final Channel channel;
    /** Guarded by this, as is {@link #gone}. */
    private long waiting;
    private boolean gone;

    FrameSender(Channel channel) {
        this.channel = channel;
    }

    /** A frame with a body, which may wait for room. A body longer than a piece is several frames. */
    void sendPatiently(String header, byte[] body) {
        for (int from = 0; from < body.length; from += PIECE) {
            int length = Math.min(PIECE, body.length - from);
            if (awaitRoom()) {
                send(frame(header + " " + length, body, from, length), null);
            }
        }
    }

    /** A frame that does not wait. */
    void send(String header) {
        send(header, new byte[0], null);
    }

    /**
     * A frame that does not wait.
     *
     * @param before done on the port's thread before it is written; may be null
     */
    void send(String header, byte[] body, Runnable before) {
        if (hasRoom(body.length)) {
            send(frame(header, body, 0, body.length), before);
        } else {
            drop();
        }
    }

    /** Nobody is there any more: nothing is sent, and nobody waits. */
    synchronized void close() {
        gone = true;
        notifyAll();
    }

    private synchronized boolean isOpen() {
        return !gone;
    }

    private synchronized boolean hasRoom(int bytes) {
        return waiting + bytes <= MOST_WAITING + 2 * PIECE;
    }

    private void drop() {
        close();
        channel.close();
    }

    private boolean awaitRoom() {
        if (isReady()) {
            return true;
        }
        drop();
        return false;
    }

    private synchronized boolean isReady() {
        if (gone || waiting <= MOST_WAITING) {
            return true;                              // for those who are gone there is no end of room
        }
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        try {
            for (long left = PATIENCE_MILLIS; !gone && waiting > MOST_WAITING - ROOM && left > 0; left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())) {
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();       // who waits for the machine wants it to end: as if time had run out
        }
        return gone || waiting <= MOST_WAITING - ROOM;
    }

    private void send(byte[] frame, Runnable before) {
        if (!count(frame.length)) {
            return;
        }
        try {
            channel.eventLoop().execute(() -> write(frame, before));
        } catch (RejectedExecutionException portWasClosed) {
            close();
        }
    }

    private void write(byte[] frame, Runnable before) {
        if (!isOpen()) {
            return;                                   // the port has hung up, with a last word
        }
        if (before != null) {
            before.run();
        }
        ChannelFuture written = channel.writeAndFlush(Unpooled.wrappedBuffer(frame));
        written.addListener(done -> count(-frame.length));
    }

    private synchronized boolean count(int bytes) {
        waiting += gone ? 0 : bytes;
        notifyAll();
        return !gone;
    }

    private static byte[] frame(String header, byte[] body, int from, int length) {
        byte[] line = (header + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] frame = new byte[line.length + length];
        System.arraycopy(line, 0, frame, 0, line.length);
        System.arraycopy(body, from, frame, line.length, length);
        return frame;
    }
}
