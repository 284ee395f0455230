package ferrite.console;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The typed lines, kept in a file for the next session, one a line. The file is a convenience. If it cannot be read or
 * written, or holds anything but such lines, there is less history and no error.
 */
public final class HistoryFile {

    /** Maximum number of lines kept when the file is opened. */
    static final int MAX_LINES = 1000;
    private static final int MAX_LINE_LENGTH = 4096;
    private static final int MAX_BYTES = 1 << 20;

    private final Path file;

    /**
     * Creates a history.
     *
     * @param file the file, which need not exist; null keeps nothing
     */
    public HistoryFile(Path file) {
        this.file = file;
    }

    /**
     * Returns the history file of a program (XDG Base Directory Specification): {@code $XDG_STATE_HOME/NAME/history},
     * or under {@code ~/.local/state}.
     *
     * @param stateHome the environment's {@code XDG_STATE_HOME}, or null; ignored if it is not absolute
     * @param home      the user's directory, or null
     */
    public static HistoryFile of(String name, String stateHome, String home) {
        try {
            boolean given = stateHome != null && Path.of(stateHome).isAbsolute();
            if (!given && (home == null || home.isEmpty())) {
                return new HistoryFile(null);
            }
            Path state = given ? Path.of(stateHome) : Path.of(home, ".local", "state");
            return new HistoryFile(state.resolve(name).resolve("history"));
        } catch (java.nio.file.InvalidPathException nowhere) {
            return new HistoryFile(null);
        }
    }

    /** Reads the lines, oldest first. A file with more than {@value #MAX_LINES} is cut to the last ones. */
    List<String> read() {
        if (file == null || !Files.isRegularFile(file)) {
            return List.of();
        }
        try {
            long size = Files.size(file);
            List<String> lines = tail(size).lines().filter(HistoryFile::isLine).toList();
            if (lines.size() <= MAX_LINES && size <= MAX_BYTES) {
                return lines;
            }
            List<String> kept = lines.subList(Math.max(0, lines.size() - MAX_LINES), lines.size());
            replace(kept);
            return kept;
        } catch (IOException | RuntimeException unreadable) {
            return List.of();
        }
    }

    private String tail(long size) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(Math.max(0, size - MAX_BYTES));
            return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
        }
    }

    /**
     * Tells whether a person may have typed the line. Lines with control characters for a terminal, or with invalid
     * text, are refused.
     */
    private static boolean isLine(String line) {
        return !line.isBlank() && line.length() <= MAX_LINE_LENGTH
                && line.chars().noneMatch(c -> Character.isISOControl(c) && c != '\t' || c == '\ufffd');
    }

    private void replace(List<String> lines) throws IOException {
        Path other = Files.createTempFile(file.getParent(), "history", null);
        Files.write(other, lines);
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Adds a line. */
    void add(String line) {
        if (file == null || !isLine(line)) {
            return;
        }
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException | RuntimeException unwritable) {
            // the next session will not have this line
        }
    }
}
