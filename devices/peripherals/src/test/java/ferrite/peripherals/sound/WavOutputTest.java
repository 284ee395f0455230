package ferrite.peripherals.sound;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes of a file of sound, which are written in large pieces. */
class WavOutputTest {

    private static final int HEADER = 44;
    private static final PcmFormat FORMAT = new PcmFormat(44_100, 16, 2, true);

    @TempDir
    private Path directory;

    private final Random random = new Random(1);
    private final ByteArrayOutputStream expected = new ByteArrayOutputStream();

    private void play(WavOutput output, int length) {
        byte[] samples = new byte[length];
        random.nextBytes(samples);
        output.play(FORMAT, samples, length);
        expected.writeBytes(samples);
    }

    private byte[] played(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        return Arrays.copyOfRange(all, HEADER, all.length);
    }

    @Test
    void aLongSoundIsInTheFileToTheLastByte() throws IOException {
        Path file = directory.resolve("long.wav");
        try (WavOutput output = WavOutput.create(file)) {
            for (int length : new int[] {256, 65_280, 4, 65_536, 200_000, 40_000, 40_000, 12}) {
                play(output, length);
            }
        }
        assertThat(played(file)).isEqualTo(expected.toByteArray());
    }

    @Test
    void aMachineThatGoesBackOverwritesWhatWasNotInTheFileYetToo() throws IOException {
        Path file = directory.resolve("back.wav");
        try (WavOutput output = WavOutput.create(file)) {
            play(output, 100_000);
            StateWriter saved = new StateWriter();
            output.save(saved);
            output.play(FORMAT, new byte[70_000], 70_000);
            output.restore(new StateReader(saved.toBytes()));
            play(output, 1000);
        }
        assertThat(played(file)).isEqualTo(expected.toByteArray());
    }
}
