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

    /** The value of a word, or what stands for it. */
    public String get(String name, String otherwise) {
        return words.getOrDefault(name, otherwise);
    }

    /**
     * A number of bytes, in decimal or, with 0x, in hexadecimal.
     *
     * @throws KernelPanic when the value is no such number: the line comes from the device tree, and whoever wrote that has to know
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
            // said below
        }
        throw new KernelPanic(name + "=" + value + " on the kernel's command line: a number of bytes is expected, for example " + name + "=16777216");
    }
}
