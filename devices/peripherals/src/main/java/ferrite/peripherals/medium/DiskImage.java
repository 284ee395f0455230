package ferrite.peripherals.medium;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A file of the host as a medium, as large as it is when the machine is built. A file that is not there any more, or has become
 * shorter, is a broken medium from then on, to read and to write.
 */
public final class DiskImage implements AutoCloseable {

    public static final int SECTOR_BYTES = 512;

    private static final long LARGEST_BYTES = 1L << 40;

    private final Path path;
    private final FileChannel channel;
    private final long bytes;
    private final boolean readOnly;

    private DiskImage(Path path, FileChannel channel, long bytes, boolean readOnly) {
        this.path = path;
        this.channel = channel;
        this.bytes = bytes;
        this.readOnly = readOnly;
    }

    /**
     * Opens a file as a medium; one that this process may not write is read only.
     *
     * @throws IOException with a sentence, when it cannot be one
     */
    public static DiskImage open(Path path, boolean readOnly) throws IOException {
        requireFile(path);
        if (!Files.isReadable(path)) {
            throw new IOException(path + " may not be read");
        }
        boolean protectedMedium = readOnly || !Files.isWritable(path);
        FileChannel channel = protectedMedium ? FileChannel.open(path, StandardOpenOption.READ)
                : FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        long bytes = channel.size();
        if (bytes == 0 || bytes % SECTOR_BYTES != 0 || bytes > LARGEST_BYTES) {
            channel.close();
            throw new IOException(path + " has " + bytes + " bytes; a disk has a multiple of " + SECTOR_BYTES
                    + ", and not none" + (bytes > LARGEST_BYTES ? ", and at most 1 TiB" : ""));
        }
        return new DiskImage(path, channel, bytes, protectedMedium);
    }

    /** Looks before it opens: opening a named pipe would wait for somebody at its other end. */
    private static void requireFile(Path path) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(path, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + path, e);
        } catch (AccessDeniedException e) {
            throw new IOException(path + " is in a directory that may not be entered", e);
        } catch (FileSystemException e) {
            throw new IOException(path + " leads to no file" + (e.getReason() == null ? "" : ": " + e.getReason()), e);
        }
        if (attributes.isDirectory()) {
            throw new IOException(path + " is not a file, but a directory");
        }
        if (!attributes.isRegularFile()) {
            throw new IOException(path + " is not a file, but a device, a pipe or a socket");
        }
    }

    /** SHA-256 of what is on the medium now. */
    public byte[] digest() throws IOException {
        MessageDigest sha256 = sha256();
        byte[] piece = new byte[1 << 16];
        for (long position = 0; position < bytes; position += piece.length) {
            int length = (int) Math.min(piece.length, bytes - position);
            read(position, piece, length);
            sha256.update(piece, 0, length);
        }
        return sha256.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    public long sectors() {
        return bytes / SECTOR_BYTES;
    }

    public long bytes() {
        return bytes;
    }

    public boolean isReadOnly() {
        return readOnly;
    }

    /** Reads bytes that the medium has. */
    void read(long position, byte[] into, int length) throws IOException {
        requireWhole();
        ByteBuffer buffer = ByteBuffer.wrap(into, 0, length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new IOException(path + " has become shorter");
            }
        }
    }

    /** Writes whole sectors. They are aligned, and go out together: the end of this process tears none. */
    void write(long position, byte[] from) throws IOException {
        requireWhole();
        ByteBuffer buffer = ByteBuffer.wrap(from);
        while (buffer.hasRemaining()) {
            channel.write(buffer, position + buffer.position());
        }
    }

    /** Returns when what was written is on the host's medium. */
    void force() throws IOException {
        channel.force(false);
    }

    private void requireWhole() throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        if (channel.size() < bytes) {
            throw new IOException(path + " has become shorter");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
