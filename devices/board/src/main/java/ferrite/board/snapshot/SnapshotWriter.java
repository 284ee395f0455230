package ferrite.board.snapshot;

import ferrite.hardware.bus.Ram;
import ferrite.hardware.state.StateWriter;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes a snapshot to a file beside its place, and moves it there when it is whole. If the process ends early, the old
 * file stays. Sections are written in the order of {@link SnapshotFormat}.
 */
final class SnapshotWriter implements Closeable {

    private static final int PIECE = 1 << 16;

    /** A source of pages. */
    interface Pages {
        void forEach(Ram.PageVisitor visitor) throws IOException;
    }

    private final Path target;
    private final Path partial;
    private final FileChannel channel;

    private SnapshotWriter(Path target, Path partial, FileChannel channel) {
        this.target = target;
        this.partial = partial;
        this.channel = channel;
    }

    /** Begins a file. An existing file or link is replaced at the end; a directory, device or pipe is refused. */
    static SnapshotWriter create(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)
                && !Files.isSymbolicLink(target)) {
            throw new IOException("it is there already, and is not a file that could be replaced");
        }
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        Files.deleteIfExists(partial);                 // left by a process that ended early
        SnapshotWriter writer = new SnapshotWriter(target, partial,
                FileChannel.open(partial, StandardOpenOption.READ, StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE_NEW));
        try {
            writer.begin();
            return writer;
        } catch (IOException full) {
            writer.close();
            throw full;
        }
    }

    private void begin() throws IOException {
        StateWriter header = new StateWriter();
        for (byte b : SnapshotFormat.magic()) {
            header.put8(b);
        }
        header.put32(SnapshotFormat.VERSION);
        header.put64(0);
        put(header);
    }

    void section(int name, byte[] contents) throws IOException {
        StateWriter header = new StateWriter();
        header.put32(name);
        header.put64(contents.length);
        put(header);
        put(ByteBuffer.wrap(contents));
    }

    void pages(int name, long ramBase, Pages pages) throws IOException {
        StateWriter header = new StateWriter();
        header.put32(name);
        header.put64(0);
        put(header);
        long start = channel.position();
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try {
            DeflaterOutputStream out = new DeflaterOutputStream(
                    new BufferedOutputStream(Channels.newOutputStream(channel), PIECE), deflater, PIECE);
            pages.forEach((pa, bytes) -> {
                putNumber(out, (int) (pa - ramBase >>> Ram.PAGE_SHIFT));
                out.write(bytes);
            });
            putNumber(out, SnapshotFormat.LAST_PAGE);
            out.finish();
            out.flush();
        } finally {
            deflater.end();
        }
        patch(start - Long.BYTES, channel.position() - start);
    }

    private static void putNumber(OutputStream out, int value) throws IOException {
        StateWriter number = new StateWriter();
        number.put32(value);
        out.write(number.toBytes());
    }

    /** Completes the file and moves it to its place. */
    void commit() throws IOException {
        patch(SnapshotFormat.LENGTH_AT, channel.position() + SnapshotFormat.CHECKSUM_BYTES);
        StateWriter checksum = new StateWriter();
        checksum.put32(checksum(channel, channel.position()));
        put(checksum);
        channel.force(true);
        channel.close();
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Computes the checksum of the first {@code length} bytes of a file. */
    static int checksum(FileChannel channel, long length) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        for (long at = 0; at < length; ) {
            piece.clear().limit((int) Math.min(PIECE, length - at));
            int read = channel.read(piece, at);
            if (read <= 0) {
                throw new IOException("it became shorter while it was read");
            }
            crc.update(piece.flip());
            at += read;
        }
        return (int) crc.getValue();
    }

    private void put(StateWriter bytes) throws IOException {
        put(ByteBuffer.wrap(bytes.toBytes()));
    }

    private void put(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private void patch(long at, long value) throws IOException {
        StateWriter number = new StateWriter();
        number.put64(value);
        channel.write(ByteBuffer.wrap(number.toBytes()), at);
    }

    /** Deletes a file that was not committed. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            Files.deleteIfExists(partial);
        }
    }
}
