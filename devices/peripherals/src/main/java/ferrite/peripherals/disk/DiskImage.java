package ferrite.peripherals.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file of the host as a disk: read only, as large as it is when the machine is built. */
public final class DiskImage implements AutoCloseable {

    private static final long LARGEST_BYTES = 1L << 40;

    private final Path path;
    private final FileChannel channel;
    private final long bytes;

    private DiskImage(Path path, FileChannel channel, long bytes) {
        this.path = path;
        this.channel = channel;
        this.bytes = bytes;
    }

    /**
     * Opens a file as a disk.
     *
     * @throws IOException with a sentence, when it cannot be one
     */
    public static DiskImage open(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new IOException("there is no file " + path);
        }
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + " is not a file");
        }
        if (!Files.isReadable(path)) {
            throw new IOException(path + " may not be read");
        }
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        long bytes = channel.size();
        if (bytes == 0 || bytes % DiskRegisters.SECTOR_BYTES != 0 || bytes > LARGEST_BYTES) {
            channel.close();
            throw new IOException(path + " has " + bytes + " bytes; a disk has a multiple of " + DiskRegisters.SECTOR_BYTES
                    + ", and not none" + (bytes > LARGEST_BYTES ? ", and at most 1 TiB" : ""));
        }
        return new DiskImage(path, channel, bytes);
    }

    public long sectors() {
        return bytes / DiskRegisters.SECTOR_BYTES;
    }

    /** Reads bytes that the disk has; a file that has shrunk, or that is no longer where it was, is an error of the medium. */
    void read(long position, byte[] into, int length) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        ByteBuffer buffer = ByteBuffer.wrap(into, 0, length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new IOException(path + " has become shorter");
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
