package ferrite.board.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands as they are written: one a line, or several with semicolons between them. Text in quotes is not split. */
final class Script {

    private static final int MAX_BYTES = 16 << 20;

    private Script() { }

    static List<String> split(String text) {
        List<String> commands = new ArrayList<>();
        StringBuilder command = new StringBuilder();
        char quote = 0;
        for (char c : text.toCharArray()) {
            if (quote == 0 && (c == ';' || c == '\n')) {
                add(commands, command);
            } else {
                quote = c == quote ? 0 : quote == 0 && (c == '\'' || c == '"') ? c : quote;
                command.append(c);
                if (quote == 0 && c == '&') {
                    add(commands, command);
                }
            }
        }
        add(commands, command);
        return commands;
    }

    private static void add(List<String> commands, StringBuilder command) {
        String text = command.toString().strip();
        if (!text.isEmpty()) {
            commands.add(text);
        }
        command.setLength(0);
    }

    static List<String> read(Path file) throws InputException {
        List<String> commands = new ArrayList<>();
        for (String line : text(file).split("\\R")) {
            if (!line.strip().startsWith("#")) {
                commands.addAll(split(line));
            }
        }
        return commands;
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
