package ferrite.peripherals.sound;

import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A WAV file with the sound that the card has played. It has the format of the first samples; later ones in another
 * format are converted. Pauses are not in it. A machine that goes back in time overwrites the sound that it played
 * since.
 */
public final class WavOutput implements Closeable {

    private static final int HEADER = 44;
    private static final long MAX_BYTES = 0xffff_0000L;
    private static final int PENDING_BYTES = 64 << 10;
    /** Frames that the rest of an earlier rate makes. */
    private static final int MAX_LEFT_OVER = SoundRegisters.MAX_RATE / SoundRegisters.MIN_RATE + 2;
    private static final PcmFormat OF_NOTHING = PcmFormat.ofFile(8000, 8, 1);

    private final Path path;
    private final FileChannel channel;
    /** Null until samples come. */
    private PcmFormat format;
    private long bytes;
    /** The last ones of them, which are not in the file yet. */
    private final ByteBuffer pending = ByteBuffer.allocate(PENDING_BYTES);
    /** The part of a frame of the file that the frames in another rate have made so far, times that rate. */
    private int phase;
    /** Why the file could not be written; null if it could. */
    private IOException failure;

    private WavOutput(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Creates a file, or empties one.
     *
     * @throws IOException with a sentence
     */
    public static WavOutput create(Path path) throws IOException {
        try {
            return new WavOutput(path, FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING));
        } catch (IOException e) {
            throw new IOException(path + " cannot be written"
                    + (e instanceof FileSystemException refused && refused.getReason() != null
                            ? ": " + refused.getReason() : e instanceof NoSuchFileException
                            ? ": there is no such directory" : ""), e);
        }
    }

    /** Adds whole frames. */
    void play(PcmFormat played, byte[] samples, int length) {
        if (format == null) {
            format = PcmFormat.ofFile(played.rate(), played.bits(), played.channels());
        }
        write(played.equals(format) ? ByteBuffer.wrap(samples, 0, length) : converted(played, samples, length));
    }

    private ByteBuffer converted(PcmFormat played, byte[] samples, int length) {
        int frames = length / played.frameBytes();
        long most = frames * (long) format.rate() / played.rate() + MAX_LEFT_OVER;
        byte[] frame = new byte[format.frameBytes()];
        ByteBuffer made = ByteBuffer.allocate((int) most * frame.length);
        for (int i = 0; i < frames; i++) {
            int at = i * played.frameBytes();
            format.store(frame, 0, played.sample(samples, at, 0), played.sample(samples, at, 1));
            for (phase += format.rate(); phase >= played.rate(); phase -= played.rate()) {
                made.put(frame);
            }
        }
        return made.flip();
    }

    private void write(ByteBuffer buffer) {
        if (failure != null || bytes + buffer.remaining() > MAX_BYTES) {
            return;
        }
        if (buffer.remaining() > pending.remaining()) {
            flush();
        }
        bytes += buffer.remaining();
        if (buffer.remaining() > pending.remaining()) {
            writeToFile(buffer);
        } else {
            pending.put(buffer);
        }
    }

    private void flush() {
        writeToFile(pending.flip());
        pending.clear();
    }

    /** Writes the last of all bytes so far. */
    private void writeToFile(ByteBuffer last) {
        try {
            while (failure == null && last.hasRemaining()) {
                channel.write(last, HEADER + bytes - last.remaining());
            }
        } catch (IOException e) {
            failure = e;                               // the machine goes on; close tells
        }
    }

    void save(StateWriter out) {
        out.putInts(new int[] {format == null ? 0 : format.rate(), format == null ? 8 : format.bits(),
                format == null ? 1 : format.channels(), phase});
        out.put64(bytes);
    }

    void restore(StateReader in) {
        int[] words = new int[4];
        in.getInts(words);
        StateReader.requireThat(words[0] >= 0 && words[0] <= SoundRegisters.MAX_RATE
                && (words[1] == 8 || words[1] == 16) && (words[2] == 1 || words[2] == 2) && words[3] >= 0
                && words[3] <= SoundRegisters.MAX_RATE, "the sound that was played has a format that no card plays");
        flush();
        format = words[0] == 0 ? null : PcmFormat.ofFile(words[0], words[1], words[2]);
        phase = words[3];
        bytes = in.get64();
        StateReader.requireThat(bytes >= 0 && bytes <= MAX_BYTES, bytes + " bytes of sound were played");
    }

    /** Writes the header, and closes the file. */
    @Override
    public void close() throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        PcmFormat last = format == null ? OF_NOTHING : format;
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        header.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt((int) (HEADER - 8 + bytes))
                .put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16).putShort((short) 1)
                .putShort((short) last.channels()).putInt(last.rate()).putInt(last.rate() * last.frameBytes())
                .putShort((short) last.frameBytes()).putShort((short) last.bits())
                .put("data".getBytes(StandardCharsets.US_ASCII)).putInt((int) bytes).flip();
        flush();
        try (channel) {
            if (failure != null) {
                throw new IOException(path + " cannot be written: " + failure.getMessage(), failure);
            }
            channel.truncate(HEADER + bytes);
            channel.write(header, 0);
        }
    }
}
