package ferrite.peripherals.sound;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A WAV file that the card records from. After its end there is silence. */
public final class WavInput implements Closeable {

    private static final int MAX_CHUNKS = 1000;
    private static final int CHUNK_HEADER = 8;
    private static final int FORMAT_BYTES = 16;
    private static final int PCM = 1;
    private static final int MAX_RATE = 192_000;
    private static final int WINDOW_FRAMES = 4096;

    private final Path path;
    private final FileChannel channel;
    private PcmFormat format;
    private long dataAt;
    private long frames;
    /** A part of the file: its first frame, and its bytes. */
    private long windowAt = -1;
    private byte[] window = new byte[0];

    private WavInput(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Opens a file.
     *
     * @throws IOException with a sentence, if it is no WAV file with samples of 8 or 16 bits
     */
    public static WavInput open(Path path) throws IOException {
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw new IOException(path + (Files.exists(path) ? " is no file that may be read"
                    : ": there is no such file"));
        }
        WavInput input = new WavInput(path, FileChannel.open(path, StandardOpenOption.READ));
        try {
            input.readHeader();
        } catch (IOException e) {
            input.close();
            throw e;
        }
        return input;
    }

    private void readHeader() throws IOException {
        ByteBuffer riff = bytes(0, 12);
        if (!tag(riff, 0).equals("RIFF") || !tag(riff, 8).equals("WAVE")) {
            throw unusable("it does not begin with RIFF and WAVE");
        }
        long at = 12;
        for (int i = 0; i < MAX_CHUNKS && dataAt == 0; i++) {
            ByteBuffer header = bytes(at, CHUNK_HEADER);
            long length = header.getInt(4) & 0xffff_ffffL;
            if (tag(header, 0).equals("fmt ") && length >= FORMAT_BYTES) {
                readFormat(bytes(at + CHUNK_HEADER, FORMAT_BYTES));
            } else if (tag(header, 0).equals("data") && format != null) {
                dataAt = at + CHUNK_HEADER;
                frames = Math.min(length, channel.size() - dataAt) / format.frameBytes();
            }
            at += CHUNK_HEADER + length + (length & 1);
        }
        if (dataAt == 0) {
            throw unusable("it has no samples after a format");
        }
    }

    private void readFormat(ByteBuffer chunk) throws IOException {
        int channels = chunk.getShort(2);
        int rate = chunk.getInt(4);
        int bits = chunk.getShort(14);
        if (chunk.getShort(0) != PCM || channels < 1 || channels > 2 || bits != 8 && bits != 16 || rate < 1
                || rate > MAX_RATE) {
            throw unusable("its samples are not PCM of 8 or 16 bits, mono or stereo");
        }
        format = PcmFormat.ofFile(rate, bits, channels);
    }

    private ByteBuffer bytes(long at, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw unusable("it ends in its header");
            }
        }
        return buffer.flip();
    }

    private static String tag(ByteBuffer buffer, int at) {
        return new String(buffer.array(), at, 4, StandardCharsets.ISO_8859_1);
    }

    private IOException unusable(String why) {
        return new IOException(path + " is no WAV file that the sound card can record from: " + why);
    }

    int rate() {
        return format.rate();
    }

    /** Returns a sample of a frame as a signed one of 16 bits; 0 past the end, or if the file cannot be read. */
    int sample(long frame, int side) {
        if (frame >= frames) {
            return 0;
        }
        if (windowAt < 0 || frame < windowAt || frame >= windowAt + window.length / format.frameBytes()) {
            try {
                windowAt = frame;
                window = bytes(dataAt + frame * format.frameBytes(),
                        (int) Math.min(WINDOW_FRAMES, frames - frame) * format.frameBytes()).array();
            } catch (IOException shrunk) {
                frames = frame;
                return 0;
            }
        }
        return format.sample(window, (int) (frame - windowAt) * format.frameBytes(), side);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
