package ferrite.peripherals.medium;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/**
 * A host file as a disk's medium. Its size is fixed when the machine is built. A file that disappears, shrinks, or is
 * replaced by another of its name is a broken medium from then on: reading and writing fail.
 *
 * <p>A lock on the file, until it is closed, tells processes apart: one may write, or several may read. Machines of one
 * process are not told apart by it; {@link #isSameFile} tells the disks of one machine apart.
 */
public final class DiskImage implements AutoCloseable {

    public static final int SECTOR_BYTES = 512;

    private static final long MAX_BYTES = 1L << 40;

    private final Path path;
    private final FileChannel channel;
    private final long bytes;
    private final boolean readOnly;
    /** The identity of the file on its host, under any name; null if the host has none. */
    private final Object key;

    private DiskImage(Path path, Object key, FileChannel channel, long bytes, boolean readOnly) {
        this.path = path;
        this.key = key;
        this.channel = channel;
        this.bytes = bytes;
        this.readOnly = readOnly;
    }

    /**
     * Opens a host file as a medium. A file that this process may not write is read-only.
     *
     * @throws IOException with a sentence, if the file cannot be a medium, or if another process uses it as one
     */
    public static DiskImage open(Path path, boolean readOnly) throws IOException {
        Object key = requireFile(path).fileKey();
        if (!Files.isReadable(path)) {
            throw new IOException(path + " may not be read");
        }
        boolean protectedMedium = readOnly || !Files.isWritable(path);
        FileChannel channel = protectedMedium ? FileChannel.open(path, StandardOpenOption.READ)
                : FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (!lock(channel, protectedMedium)) {
            channel.close();
            throw new IOException(path + " is in use by another process; one process may write a disk's file, or "
                    + "several may read it (FILE,ro): wait for its end, or use a copy");
        }
        long bytes = channel.size();
        if (bytes == 0 || bytes % SECTOR_BYTES != 0 || bytes > MAX_BYTES) {
            channel.close();
            throw new IOException(path + " has " + bytes + " bytes; a disk's size is a multiple of " + SECTOR_BYTES
                    + ", and not 0" + (bytes > MAX_BYTES ? ", and at most 1 TiB" : ""));
        }
        return new DiskImage(path, key, channel, bytes, protectedMedium);
    }

    /** Locks the whole file. Returns whether no other process has a lock that excludes this one. */
    private static boolean lock(FileChannel channel, boolean shared) {
        try {
            return channel.tryLock(0, Long.MAX_VALUE, shared) != null;
        } catch (OverlappingFileLockException ofThisProcess) {
            return true;
        } catch (IOException fileSystemWithoutLocks) {
            return true;
        }
    }

    /** Checks the kind of file before it is opened: opening a named pipe would wait for a writer. */
    private static BasicFileAttributes requireFile(Path path) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(path, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + path, e);
        } catch (AccessDeniedException e) {
            throw new IOException(path + " is in a directory that this process may not enter", e);
        } catch (FileSystemException e) {
            throw new IOException(path + " leads to no file" + (e.getReason() == null ? "" : ": " + e.getReason()), e);
        }
        if (attributes.isDirectory()) {
            throw new IOException(path + " is not a file, but a directory");
        }
        if (!attributes.isRegularFile()) {
            throw new IOException(path + " is not a file, but a device, a pipe or a socket");
        }
        return attributes;
    }

    /** Tells whether another medium is the same file of the host, perhaps by another name: a link. */
    public boolean isSameFile(DiskImage other) {
        return key != null ? key.equals(other.key) : path.toAbsolutePath().equals(other.path.toAbsolutePath());
    }

    /**
     * Tells whether a file is this medium, perhaps by another name. A process must not open it for anything else:
     * closing it would release the lock (POSIX, {@code fcntl}).
     */
    public boolean isFile(Path other) {
        try {
            return Files.isSameFile(path, other);
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns the file's name, as it was given. */
    public Path path() {
        return path;
    }

    /** Returns the SHA-256 digest of the medium's present bytes. */
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

    /** Reads bytes from the medium. The range lies within it. */
    void read(long position, byte[] into, int length) throws IOException {
        requireWhole();
        ByteBuffer buffer = ByteBuffer.wrap(into, 0, length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new IOException(path + " has become shorter");
            }
        }
    }

    /**
     * Writes whole sectors. They are aligned and go out in one piece, so the end of this process tears none of them.
     */
    void write(long position, byte[] from) throws IOException {
        requireWhole();
        ByteBuffer buffer = ByteBuffer.wrap(from);
        while (buffer.hasRemaining()) {
            channel.write(buffer, position + buffer.position());
        }
    }

    /** Waits until all written bytes are on the host's medium. */
    void force() throws IOException {
        requireWhole();
        channel.force(false);
    }

    private void requireWhole() throws IOException {
        if (!Objects.equals(Files.readAttributes(path, BasicFileAttributes.class).fileKey(), key)) {
            throw new IOException(path + " was replaced by another file");
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
