package ferrite.board.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParseResult;

/** Refuses a command line on which a file that is written is also read, or is written twice. */
final class FilesApart {

    private static final List<String> READ = List.of("--disk", "--virtio-disk", "--device", "--script", "--initrd",
            "--bios", "--restore", "--sound", "--net", "--serial-in");
    private static final List<String> WRITTEN = List.of("--serial", "--sarif", "--junit", "--signature", "--sound",
            "--net", "--schedule", "--profile", "--snapshot-at");
    /** The options that name a file to read and one to write. */
    private static final List<String> BOTH = List.of("--sound", "--net");

    private FilesApart() { }

    /** Checks a command line, before any of its files is opened. */
    static void require(ParseResult parsed) {
        Map<Path, String> named = new LinkedHashMap<>();
        parsed.matchedPositionals().forEach(image -> name(named, image, image.paramLabel(), ""));
        READ.stream().filter(parsed::hasMatchedOption)
                .forEach(name -> name(named, parsed.matchedOption(name), name, "in="));
        for (String option : WRITTEN) {
            Map<Path, String> written = new LinkedHashMap<>();
            if (parsed.hasMatchedOption(option)) {
                name(written, parsed.matchedOption(option), option, "out=");
            }
            written.keySet().forEach(file -> named.forEach((other, by) -> {
                if (isSameFile(file, other)) {
                    throw new UsageException(option + " " + file + ": " + by + " names the same file, which would be "
                            + "overwritten; another file would be right");
                }
            }));
            named.putAll(written);
        }
    }

    /**
     * Adds the files of an argument.
     *
     * @param word the word before the file in the value of one of {@link #BOTH}
     */
    private static void name(Map<Path, String> named, ArgSpec argument, String by, String word) {
        for (String value : argument.originalStringValues()) {
            for (String part : parts(by, value)) {
                if (BOTH.contains(by) && !part.startsWith(word)) {
                    continue;
                }
                try {
                    named.putIfAbsent(Path.of(BOTH.contains(by) ? part.substring(word.length()) : part), by);
                } catch (InvalidPathException e) {
                    return;                            // opening it says why
                }
            }
        }
    }

    /** Returns the parts of an option's value that may be files, without its other words. */
    private static List<String> parts(String option, String value) {
        return switch (option) {
            case "--sound", "--net" -> List.of(value.split(","));
            case "--disk", "--virtio-disk", "--device" -> List.of(value.replaceFirst(",.*", ""));
            case "--snapshot-at" -> List.of(value.replaceFirst("[^,]*,", ""));
            default -> List.of(value);
        };
    }

    /** Devices such as {@code /dev/null} may be named again and again. */
    private static boolean isSameFile(Path one, Path other) {
        try {
            return Files.exists(one) && Files.exists(other)
                    ? Files.isRegularFile(one) && Files.isSameFile(one, other)
                    : one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
        } catch (IOException e) {
            return false;
        }
    }
}
