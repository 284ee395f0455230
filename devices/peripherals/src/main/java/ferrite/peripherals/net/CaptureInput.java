package ferrite.peripherals.net;

import static ferrite.peripherals.net.Capture.FILE_HEADER_BYTES;
import static ferrite.peripherals.net.Capture.FRAME_HEADER_BYTES;
import static ferrite.peripherals.net.Capture.NANOSECONDS;

import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A capture whose frames are read one after the other. All of its headers are checked when it is opened. The memory
 * that it takes is that of a frame.
 */
public final class CaptureInput implements Closeable {

    private static final long MAX_BYTES = 1L << 32;
    private static final long MAX_SECONDS = 365L * 24 * 3600;
    /** More than a frame with its header. */
    private static final int WINDOW_BYTES = 1 << 18;

    private final Path path;
    private final FileChannel channel;
    private final long bytes;
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    /** The number of nanoseconds in a unit of the frames' times. */
    private int unit = 1;
    /** The time that is added to all times of the file, in nanoseconds. */
    private long shift;
    /** The checksum of the whole file. It tells captures apart. */
    private final CRC32C checksum = new CRC32C();
    /** A part of the file, and its offset. */
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowAt;
    /** The offset of the next frame's header. */
    private long next = FILE_HEADER_BYTES;

    private CaptureInput(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.bytes = channel.size();
    }

    /** The header of a frame. */
    private record Header(long nanoseconds, long length, long wireLength) { }

    /**
     * Opens a file.
     *
     * @param first the time of the first frame in nanoseconds since power-on, or -1 if the times of the file count from
     *              power-on
     * @throws IOException with a sentence, if it is no capture of whole Ethernet frames
     */
    public static CaptureInput open(Path path, long first) throws IOException {
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw new IOException(path + (Files.exists(path) ? " is no file that may be read"
                    : ": there is no such file"));
        }
        CaptureInput input = new CaptureInput(path, FileChannel.open(path, StandardOpenOption.READ));
        try {
            input.readFileHeader();
            input.check(first);
        } catch (IOException e) {
            input.close();
            throw e;
        }
        return input;
    }

    private void readFileHeader() throws IOException {
        if (bytes > MAX_BYTES) {
            throw unusable("it has " + bytes + " bytes, and may have 4 GiB");
        }
        ByteBuffer header = bytes(0, FILE_HEADER_BYTES);
        checksum.update(header.array());
        if (header.getInt(0) == Capture.PCAPNG_MAGIC) {
            throw unusable("it is a pcapng file; 'tcpdump -r " + path + " -w OTHER' makes a pcap file of it");
        }
        if (!isMagic(header.getInt(0))) {
            order = ByteOrder.BIG_ENDIAN;
            header.order(order);
        }
        if (!isMagic(header.getInt(0))) {
            throw unusable("it begins with neither of the numbers a1b2c3d4 and a1b23c4d");
        }
        unit = header.getInt(0) == Capture.MICROSECONDS_MAGIC ? 1000 : 1;
        if (header.getShort(4) != Capture.MAJOR) {
            throw unusable("its format has version " + (header.getShort(4) & 0xffff) + ", and not 2");
        }
        int linkType = header.getInt(20) & Capture.LINK_TYPE_MASK;
        if (linkType != Capture.ETHERNET) {
            throw unusable("its frames have link type " + linkType + ", and not 1, which is Ethernet");
        }
    }

    private static boolean isMagic(int word) {
        return word == Capture.MICROSECONDS_MAGIC || word == Capture.NANOSECONDS_MAGIC;
    }

    /** Checks all frames, and sets the times. */
    private void check(long first) throws IOException {
        long earliest = -1;
        long at = FILE_HEADER_BYTES;
        for (int frame = 1; at < bytes; frame++) {
            Header header = header(at, frame);
            if (earliest < 0) {
                earliest = header.nanoseconds;
            }
            int record = FRAME_HEADER_BYTES + (int) header.length;
            if (record > bytes - at) {
                throw unusable("it ends in frame " + frame);
            }
            if (at + record > windowAt + window.limit()) {
                openWindow(at);
            }
            checksum.update(window.array(), (int) (at - windowAt), record);
            at += record;
        }
        if (first >= 0) {
            shift = first - Math.max(0, earliest);
        } else if (earliest > MAX_SECONDS * NANOSECONDS) {
            throw unusable("its first frame would come " + earliest / NANOSECONDS + " seconds after power-on; with "
                    + "'first=1' it comes after one second, and the others as long after it as they were captured");
        }
    }

    /** Reads the header of a frame, and checks it. */
    private Header header(long at, int frame) throws IOException {
        if (at < windowAt || at + FRAME_HEADER_BYTES > windowAt + window.limit()) {
            if (bytes - at < FRAME_HEADER_BYTES) {
                throw unusable("it ends in the header of frame " + frame);
            }
            openWindow(at);
        }
        int from = (int) (at - windowAt);
        window.order(order);
        long fraction = (window.getInt(from + 4) & 0xffff_ffffL) * unit;
        Header header = new Header((window.getInt(from) & 0xffff_ffffL) * NANOSECONDS + fraction,
                window.getInt(from + 8) & 0xffff_ffffL, window.getInt(from + 12) & 0xffff_ffffL);
        if (fraction >= NANOSECONDS) {
            throw unusable("the time of frame " + frame + " has " + fraction + " nanoseconds beside its seconds");
        }
        if (header.length < Wire.HEADER_BYTES || header.length > Wire.MAX_FRAME_BYTES) {
            throw unusable("frame " + frame + " has " + header.length + " bytes; " + Wire.HEADER_BYTES + " to "
                    + Wire.MAX_FRAME_BYTES + " are possible");
        }
        if (header.length != header.wireLength) {
            throw unusable("of the " + header.wireLength + " bytes of frame " + frame + " it holds " + header.length
                    + "; 'tcpdump -s 0' captures whole frames");
        }
        return header;
    }

    private void openWindow(long at) throws IOException {
        window = bytes(at, (int) Math.min(WINDOW_BYTES, bytes - at));
        windowAt = at;
    }

    private ByteBuffer bytes(long at, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count).order(order);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw unusable("it ends in a header");
            }
        }
        return buffer.flip();
    }

    private IOException unusable(String why) {
        return new IOException(path + " is no capture whose frames a network card can receive: " + why);
    }

    // ---- reading ----

    /** Returns the time of the next frame in nanoseconds since power-on, or -1 at the end. Times may go back. */
    long nextNanoseconds() {
        Header header = nextHeader();
        return header == null ? -1 : Math.max(0, header.nanoseconds + shift);
    }

    /** Returns the next frame, and goes on to the one after it. It is null at the end. */
    byte[] take() {
        Header header = nextHeader();
        if (header == null) {
            return null;
        }
        try {
            byte[] frame = bytes(next + FRAME_HEADER_BYTES, (int) header.length).array();
            next += FRAME_HEADER_BYTES + header.length;
            return frame;
        } catch (IOException shrunk) {
            next = bytes;
            return null;
        }
    }

    /** Returns the header of the next frame. It is null at the end, and if the file has become another one. */
    private Header nextHeader() {
        try {
            return next >= bytes ? null : header(next, 0);
        } catch (IOException changed) {
            next = bytes;
            return null;
        }
    }

    // ---- state ----

    void save(StateWriter out) {
        out.put64(next);
        out.put64(bytes);
        out.put64(checksum.getValue());
    }

    void restore(StateReader in) {
        long at = in.get64(FILE_HEADER_BYTES, Long.MAX_VALUE);
        boolean same = in.get64() == bytes & in.get64() == checksum.getValue();
        StateReader.requireThat(same && at <= bytes, path + " is not the capture that the network card received from");
        next = at;
        StateReader.requireThat(at == bytes || nextHeader() != null, "no frame begins at byte " + at + " of " + path);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
