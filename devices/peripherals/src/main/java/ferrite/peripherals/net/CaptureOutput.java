package ferrite.peripherals.net;

import static ferrite.peripherals.net.Capture.FILE_HEADER_BYTES;
import static ferrite.peripherals.net.Capture.FRAME_HEADER_BYTES;
import static ferrite.peripherals.net.Capture.NANOSECONDS;

import ferrite.hardware.state.StateMedia;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A capture to which frames are added, with times in nanoseconds. A machine that goes back in time overwrites the
 * frames that it sent since. In the file of another process a restored machine begins anew.
 */
public final class CaptureOutput implements Closeable {

    private final Path path;
    private final FileChannel channel;
    private long position = FILE_HEADER_BYTES;
    /** The end of the frames that have been written, later ones that are overwritten now included. */
    private long end = FILE_HEADER_BYTES;
    /** Why the file could not be written; null if it could. */
    private IOException failure;

    private CaptureOutput(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Creates a file without frames, or makes one so.
     *
     * @throws IOException with a sentence
     */
    public static CaptureOutput create(Path path) throws IOException {
        try {
            CaptureOutput output = new CaptureOutput(path, FileChannel.open(path, StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING));
            output.write(ByteBuffer.allocate(FILE_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(Capture.NANOSECONDS_MAGIC).putShort(Capture.MAJOR).putShort(Capture.MINOR).putLong(0)
                    .putInt(Capture.SNAPSHOT_BYTES).putInt(Capture.ETHERNET).flip(), 0);
            return output;
        } catch (IOException e) {
            throw new IOException(path + " cannot be written"
                    + (e instanceof FileSystemException refused && refused.getReason() != null
                            ? ": " + refused.getReason() : e instanceof NoSuchFileException
                            ? ": there is no such directory" : ""), e);
        }
    }

    /** Adds a frame. */
    public void add(long nanoseconds, byte[] frame) {
        if (failure != null) {
            return;
        }
        try {
            write(ByteBuffer.allocate(FRAME_HEADER_BYTES + frame.length).order(ByteOrder.LITTLE_ENDIAN)
                    .putInt((int) (nanoseconds / NANOSECONDS)).putInt((int) (nanoseconds % NANOSECONDS))
                    .putInt(frame.length).putInt(frame.length).put(frame).flip(), position);
            position += FRAME_HEADER_BYTES + frame.length;
            end = Math.max(end, position);
        } catch (IOException e) {
            failure = e;                               // the machine goes on; close tells
        }
    }

    private void write(ByteBuffer buffer, long at) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer, at + buffer.position());
        }
    }

    /** Saves the place in the file. A reset leaves it. */
    public void save(StateWriter out) {
        if (out.media() != StateMedia.STAY) {
            out.put64(position);
        }
    }

    /** Restores what {@link #save} has saved. */
    public void restore(StateReader in) {
        if (in.media() != StateMedia.STAY) {
            position = Math.min(in.get64(FILE_HEADER_BYTES, Long.MAX_VALUE), end);
        }
    }

    /** Cuts off the frames of a time to which the machine has not come again, and closes the file. */
    @Override
    public void close() throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        try (channel) {
            if (failure != null) {
                throw new IOException(path + " cannot be written: " + failure.getMessage(), failure);
            }
            channel.truncate(position);
        }
    }
}
