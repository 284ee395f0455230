package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.Tools;
import ferrite.board.command.ManyCommandLines.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of {@code ferrite boot --signature}, after each kind of end. */
class SignatureFileTest {

    private static final Path IMAGES = Path.of("../../firmware-images/programs/images");
    private static final int END_OF_SIGNATURE = 0x8000_100a;
    private static final String WHOLE = "01234567\n89abcdef\n0000beef\n";

    @TempDir
    private Path directory;
    private final List<List<String>> lines = new ArrayList<>();

    private void boot(String image, String... options) {
        List<String> line = new ArrayList<>(List.of("boot", "--ram", "8M", "--harts", "1"));
        if (image != null) {
            line.add(image);
        }
        line.addAll(List.of(options));
        lines.add(line);
    }

    private String written(String file) throws IOException {
        return Files.readString(directory.resolve(file));
    }

    /** Writes the program with another number in place of one of its words. */
    private void patched(String name, int old, int value) throws IOException {
        byte[] image = Files.readAllBytes(IMAGES.resolve("signature-virt.elf"));
        ByteBuffer words = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        int found = 0;
        for (int at = 0; at + 4 <= image.length; at += 2) {
            if (words.getInt(at) == old) {
                words.putInt(at, value);
                found++;
            }
        }
        assertThat(found).isEqualTo(1);
        Files.write(directory.resolve(name), image);
    }

    @Test
    void theResultsAreWrittenAfterEveryEnd() throws Exception {
        patched("good.elf", END_OF_SIGNATURE, END_OF_SIGNATURE);
        patched("crash.elf", 0x0123_4337, 0);              // lui t1, 0x1234
        boot("good.elf", "--signature", "passed");
        boot("good.elf", "--signature", "double", "--signature-granularity", "8");
        boot("good.elf", "--signature", "bytes", "--signature-granularity", "1");
        boot("good.elf", "--signature", "limit", "--max-instructions", "14", "--snapshot-at", "14,at14.snap");
        boot("crash.elf", "--signature", "crash");
        boot(null, "--restore", "at14.snap", "--signature", "restored");
        List<Outcome> outcomes = ManyCommandLines.run(directory, lines);

        assertThat(outcomes.stream().map(Outcome::status)).containsExactly(0, 0, 0, 124, 1, 0);
        assertThat(written("passed")).isEqualTo(WHOLE);
        assertThat(written("double")).isEqualTo("89abcdef01234567\n000000000000beef\n");
        assertThat(written("bytes")).isEqualTo("67\n45\n23\n01\nef\ncd\nab\n89\nef\nbe\n");
        assertThat(written("limit")).isEqualTo("01234567\n11111111\n0000beef\n");
        assertThat(written("crash")).isEqualTo("00000000\n11111111\n0000beef\n");
        assertThat(written("restored")).isEqualTo(WHOLE);
    }

    @Test
    void whatCannotBeASignatureIsToldInASentence() throws Exception {
        Tools.requireDevices("/dev/full");
        patched("good.elf", END_OF_SIGNATURE, END_OF_SIGNATURE);
        patched("backwards.elf", END_OF_SIGNATURE, 0x8000_0000);
        patched("huge.elf", END_OF_SIGNATURE, -1);
        patched("beyond.elf", END_OF_SIGNATURE, 0x8080_0001);
        patched("empty.elf", END_OF_SIGNATURE, 0x8000_1000);
        Files.copy(IMAGES.resolve("crash-virt.elf"), directory.resolve("crash.elf"));
        Files.write(directory.resolve("flat.bin"), new byte[8]);
        for (String image : List.of("crash.elf", "flat.bin", "backwards.elf", "huge.elf", "beyond.elf")) {
            boot(image, "--signature", "out");
        }
        boot("good.elf", "--signature", "nowhere/out");
        boot("good.elf", "--signature", "good.elf");
        boot("good.elf", "--signature", "out", "--signature-granularity", "3");
        boot("good.elf", "--signature", "out", "--signature-granularity", "128");
        boot("good.elf", "--signature-granularity", "4");
        boot("good.elf", "--signature", "/dev/full");
        boot("empty.elf", "--signature", "empty");
        List<Outcome> outcomes = ManyCommandLines.run(directory, lines);

        assertThat(outcomes.stream().map(Outcome::status)).containsExactly(3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 1, 0);
        List<String> sentences = List.of("has not both of the symbols begin_signature and end_signature",
                "has not both of the symbols", "are -4096 bytes; 0 to 16777216 would be right", "are 2147479551 bytes",
                "begin_signature is 0x80001000, and the 8384513 bytes from there on are not all in RAM",
                "--signature nowhere/out cannot be written: there is no such file", "IMAGE names the same file",
                "--signature-granularity 3: 1, 2, 4, 8, 16, 32 or 64", "--signature-granularity 128: 1, 2",
                "--signature FILE is missing", "--signature /dev/full cannot be written: No space left", "");
        for (int i = 0; i < sentences.size(); i++) {
            assertThat(outcomes.get(i).err()).contains(sentences.get(i)).hasLineCount(i + 1 < sentences.size() ? 1 : 0);
        }
        assertThat(written("empty")).isEmpty();
        assertThat(directory.resolve("out")).doesNotExist();
    }
}
