package ferrite.board.command;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands as they are written: one a line, or several with semicolons between them; what stands in quotes is left alone. */
final class Script {

    private static final long LONGEST = 16 << 20;

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
        try {
            if (Files.size(file) > LONGEST) {
                throw new InputException("--script " + file + " has more than 16 MiB; that is no script");
            }
            List<String> commands = new ArrayList<>();
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                if (!line.strip().startsWith("#")) {
                    commands.addAll(split(line));
                }
            }
            return commands;
        } catch (MalformedInputException e) {
            throw new InputException("--script " + file + " is not text in UTF-8");
        } catch (InputException e) {
            throw e;
        } catch (IOException e) {
            throw new InputException("--script " + file + " cannot be read: " + HostFiles.reason(e));
        }
    }
}
