package ferrite.scenarios.hostile;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * A hostile file and its command line as one small text, which does not depend on the generator. Lines that begin with
 * # tell the old mistake. Then come lines of a word and its value, and the file itself, deflated, in base64.
 *
 * @param file the file that is booted or restored
 */
record CorpusFile(Setup setup, byte[] file) {

    private static final String FILE = "file";

    String toText() {
        StringBuilder text = new StringBuilder();
        setup.toWords().forEach((word, value) -> text.append(word).append(' ').append(value).append('\n'));
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(deflated)) {
            out.write(file);
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can be written", e);
        }
        return text.append(FILE).append(' ').append(Base64.getEncoder().encodeToString(deflated.toByteArray()))
                .append('\n').toString();
    }

    static CorpusFile read(Path path) throws IOException {
        Map<String, String> words = new TreeMap<>();
        for (String line : Files.readAllLines(path, StandardCharsets.UTF_8)) {
            int blank = line.indexOf(' ');
            if (!line.startsWith("#") && blank > 0) {
                words.put(line.substring(0, blank), line.substring(blank + 1));
            }
        }
        byte[] deflated = Base64.getDecoder().decode(words.get(FILE));
        return new CorpusFile(Setup.of(words),
                new InflaterInputStream(new ByteArrayInputStream(deflated)).readAllBytes());
    }
}
