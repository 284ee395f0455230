package ferrite.debugport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Queue of frames from the machine's thread to an attached client. At most {@link #MAX_WAITING} bytes and one piece
 * wait for a client.
 *
 * <p>A command's output waits for room, for at most {@link #PATIENCE_MILLIS}. Frames that the client did not ask for
 * never wait. A client without room by then is dropped, and its frames are discarded.
 */
final class FrameSender {

    static final int MAX_WAITING = 1 << 20;
    static final int PIECE = 1 << 16;
    /** With {@link #ROOM}, the slowest pace at which a client may delay the machine: 128 KiB a second. */
    static final int PATIENCE_MILLIS = 2000;
    static final int ROOM = 1 << 18;
    private static final long SLICE_MILLIS = 100;

    private final Channel channel;
    /** Bytes that wait, guarded by this, as is {@link #gone}. */
    private long waiting;
    private boolean gone;

    FrameSender(Channel channel) {
        this.channel = channel;
    }

    /**
     * Sends a frame with a body, and waits for room if necessary. A body longer than a piece becomes several frames.
     */
    void sendPatiently(String header, byte[] body) {
        for (int from = 0; from < body.length; from += PIECE) {
            int length = Math.min(PIECE, body.length - from);
            if (awaitRoom()) {
                send(frame(header + " " + length, body, from, length), null);
            }
        }
    }

    /** Sends a frame without waiting. */
    void send(String header) {
        send(header, new byte[0], null);
    }

    /**
     * Sends a frame without waiting.
     *
     * @param before runs on the port's thread before the frame is written; may be null
     */
    void send(String header, byte[] body, Runnable before) {
        if (hasRoom(body.length)) {
            send(frame(header, body, 0, body.length), before);
        } else {
            drop();
        }
    }

    /** Closes the queue after the client has gone. No frame is sent or waits any more. */
    synchronized void close() {
        gone = true;
        notifyAll();
    }

    private synchronized boolean isOpen() {
        return !gone;
    }

    private synchronized boolean hasRoom(int bytes) {
        return waiting + bytes <= MAX_WAITING + 2 * PIECE;
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
        if (gone || waiting <= MAX_WAITING) {
            return true;                              // a client that is gone needs no room
        }
        try {
            for (long left = PATIENCE_MILLIS; !gone && waiting > MAX_WAITING - ROOM && left > 0; ) {
                long start = System.nanoTime();
                wait(Math.min(left, SLICE_MILLIS));
                // A pause of the whole JVM, as in a Java debugger, counts as one slice.
                left -= Math.min(SLICE_MILLIS, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the machine should end: as if the wait were over
        }
        return gone || waiting <= MAX_WAITING - ROOM;
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
            return;                                   // the port has sent its last sentence
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
