package ferrite.board.command;

import ferrite.kernel.grammar.Parser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Commands as they are written: one a line, or several with semicolons between them, in the grammar of the shell. */
final class Script {

    private static final int MAX_BYTES = 16 << 20;

    private Script() { }

    static List<String> split(String text) {
        return Parser.lines(text);
    }

    static List<String> read(Path file) throws InputException {
        return split(text(file));
    }

    /** Reads a script up to the limit. Its size is not asked for: a pipe or a device has none. */
    private static String text(Path file) throws InputException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new InputException("--script " + file + " has more than 16 MiB; that is no script");
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new InputException("--script " + file + " is not text in UTF-8");
        } catch (InputException e) {
            throw e;
        } catch (IOException e) {
            throw new InputException("--script " + file + " cannot be read: " + HostFiles.reason(e));
        }
    }
}
