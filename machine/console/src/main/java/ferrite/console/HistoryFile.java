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
 * The lines that were typed, in a file for the next time, one a line. It is a convenience: a file that cannot be read, or written, or holds anything but
 * such lines, is less history, and never an error.
 */
public final class HistoryFile {

    /** What is kept of it, when it is opened. */
    static final int MOST_LINES = 1000;
    private static final int LONGEST_LINE = 4096;
    private static final int MOST_BYTES = 1 << 20;

    private final Path file;

    /** @param file where it is, or will be; null keeps nothing */
    public HistoryFile(Path file) {
        this.file = file;
    }

    /**
     * Where the history of a program belongs (XDG Base Directory Specification): {@code $XDG_STATE_HOME/NAME/history}, or under {@code ~/.local/state}.
     *
     * @param stateHome the environment's {@code XDG_STATE_HOME}, or null; one that is not absolute does not count
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

    /** The lines so far, oldest first. A file with more than {@value #MOST_LINES} is cut to those. */
    List<String> read() {
        if (file == null || !Files.isRegularFile(file)) {
            return List.of();
        }
        try {
            long size = Files.size(file);
            List<String> lines = tail(size).lines().filter(HistoryFile::isLine).toList();
            if (lines.size() <= MOST_LINES && size <= MOST_BYTES) {
                return lines;
            }
            List<String> kept = lines.subList(Math.max(0, lines.size() - MOST_LINES), lines.size());
            replace(kept);
            return kept;
        } catch (IOException | RuntimeException unreadable) {
            return List.of();
        }
    }

    private String tail(long size) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(Math.max(0, size - MOST_BYTES));
            return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
        }
    }

    /** What a person may have typed; not what a terminal would obey, or what is no text at all. */
    private static boolean isLine(String line) {
        return !line.isBlank() && line.length() <= LONGEST_LINE
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
            // the next time will not know this line
        }
    }
}
