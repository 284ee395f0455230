package ferrite.peripherals.sound;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The host files that a sound card plays to and records from.
 *
 * @param in  null for silence
 * @param out null if the sound that is played is lost
 */
public record SoundFiles(WavInput in, WavOutput out) implements Closeable {

    /**
     * Opens the files.
     *
     * @param in  null for silence
     * @param out null if the sound that is played is lost
     * @throws IOException with a sentence
     */
    public static SoundFiles open(Path in, Path out) throws IOException {
        if (in != null && out != null && Files.exists(in) && Files.exists(out) && Files.isSameFile(in, out)) {
            throw new IOException(out + " is what the sound card records from, and would be overwritten; another file "
                    + "would be right");
        }
        WavInput input = in == null ? null : WavInput.open(in);
        try {
            return new SoundFiles(input, out == null ? null : WavOutput.create(out));
        } catch (IOException e) {
            if (input != null) {
                input.close();
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        if (in != null) {
            in.close();
        }
        if (out != null) {
            out.close();
        }
    }
}
