package ferrite.kernel;

import java.util.LinkedHashMap;
import java.util.Map;

/** The kernel's command line: words of the form {@code name=value}. */
public final class CommandLine {

    private final Map<String, String> words = new LinkedHashMap<>();

    private CommandLine() { }

    public static CommandLine of(String text) {
        CommandLine line = new CommandLine();
        for (String word : text.strip().split("\\s+")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                line.words.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return line;
    }

    /** The value of a word, or what stands for it. */
    public String get(String name, String otherwise) {
        return words.getOrDefault(name, otherwise);
    }

    /** A number of bytes. */
    public long bytes(String name, long otherwise) {
        String value = words.get(name);
        return value == null ? otherwise : Long.decode(value);
    }
}
