package ferrite.kernel.base;

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

    /** Returns the value of a word, or {@code otherwise} if the word is absent. */
    public String get(String name, String otherwise) {
        return words.getOrDefault(name, otherwise);
    }

    /**
     * Parses a number of bytes: decimal, or hexadecimal after 0x.
     *
     * @throws KernelPanic if the value is no such number. The line comes from the device tree, and the panic tells its
     *         author.
     */
    public long bytes(String name, long otherwise) {
        String value = words.get(name);
        if (value == null) {
            return otherwise;
        }
        try {
            long bytes = Long.decode(value);
            if (bytes >= 0) {
                return bytes;
            }
        } catch (NumberFormatException e) {
            // the panic below reports it
        }
        throw new KernelPanic(name + "=" + value
                + " on the kernel's command line: the value must be a number of bytes, for example "
                + name + "=16777216");
    }

    /**
     * Parses a number of seconds, which is not negative.
     *
     * @throws KernelPanic if the value is no such number
     */
    public int seconds(String name, int otherwise) {
        String value = words.get(name);
        try {
            int seconds = value == null ? otherwise : Integer.parseInt(value);
            if (seconds >= 0) {
                return seconds;
            }
        } catch (NumberFormatException e) {
            // the panic below reports it
        }
        throw new KernelPanic(name + "=" + value
                + " on the kernel's command line: the value must be a number of seconds, for example " + name + "=60");
    }
}
