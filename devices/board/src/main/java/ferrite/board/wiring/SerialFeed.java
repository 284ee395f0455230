package ferrite.board.wiring;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bytes of a file that come over the serial line, one for each time that software waits for one. */
final class SerialFeed implements Saveable {

    private static final long MAX_BYTES = 16 << 20;

    private final byte[] bytes;
    private int next;

    private SerialFeed(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads a file.
     *
     * @param file null for no bytes
     * @throws IOException with a sentence
     */
    static SerialFeed read(Path file) throws IOException {
        try {
            return file == null ? new SerialFeed(new byte[0]) : new SerialFeed(bytes(file));
        } catch (IOException e) {
            throw new UnusableFile("--serial-in", e);
        }
    }

    private static byte[] bytes(Path file) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new IOException(file + (Files.exists(file) ? " is no file that may be read"
                    : ": there is no such file"));
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " is larger than the " + (MAX_BYTES >> 20) + " MiB that a serial line takes");
        }
        return Files.readAllBytes(file);
    }

    /** Returns the next byte; -1 after the last one. */
    int take() {
        return next < bytes.length ? bytes[next++] & 0xff : -1;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(new int[] {next});
    }

    @Override
    public void restore(StateReader in) {
        int[] words = new int[1];
        in.getInts(words);
        StateReader.requireThat(words[0] >= 0 && words[0] <= bytes.length,
                words[0] + " bytes of " + bytes.length + " have come over the serial line");
        next = words[0];
    }
}
