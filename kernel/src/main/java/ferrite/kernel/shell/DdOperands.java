package ferrite.kernel.shell;

import ferrite.kernel.fs.Fcntl;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The operands of {@code dd} with coreutils' names, as far as they have a meaning here. */
final class DdOperands {

    private static final long MAX_BYTES = 1L << 40;
    private static final List<String> NAMES = List.of("if", "of", "bs", "count", "skip", "seek", "conv", "iflag",
            "oflag", "status");
    /**
     * A close writes all bytes to the disk, so that fsync and fdatasync need no step of their own. No file is ever
     * created.
     */
    private static final List<String> CONVERSIONS = List.of("fdatasync", "fsync", "nocreat", "noerror", "notrunc",
            "sync");
    /** All blocks are full ones, so fullblock changes nothing. */
    private static final List<String> INPUT_FLAGS = List.of("count_bytes", "fullblock", "nonblock", "skip_bytes");
    private static final List<String> OUTPUT_FLAGS = List.of("append", "nonblock", "seek_bytes");
    private static final List<String> STATUS_LEVELS = List.of("none", "noxfer", "progress");

    private String input;
    private String output;
    private long blockBytes = 512;
    private long count = -1;
    private long skip;
    private long seek;
    private final Set<String> conversions = new LinkedHashSet<>();
    private final Set<String> inputFlags = new LinkedHashSet<>();
    private final Set<String> outputFlags = new LinkedHashSet<>();
    private final Set<String> status = new LinkedHashSet<>();

    /** Adds a word of the command line. Returns null, or why it is refused. */
    String add(String word) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? "" : word.substring(0, equals);
        String value = word.substring(equals + 1);
        switch (name) {
            case "if" -> input = value;
            case "of" -> output = value;
            case "conv" -> {
                return addWords("conversion", CONVERSIONS, value, conversions);
            }
            case "iflag" -> {
                return addWords("input flag", INPUT_FLAGS, value, inputFlags);
            }
            case "oflag" -> {
                return addWords("output flag", OUTPUT_FLAGS, value, outputFlags);
            }
            case "status" -> {
                status.clear();
                return addWords("status level", STATUS_LEVELS, value, status);
            }
            case "bs", "count", "skip", "seek" -> {
                long number = number(value);
                if (number < 0 || name.equals("bs") && number == 0) {
                    return "invalid number: '" + value + "'";
                }
                setNumber(name, number);
            }
            default -> {
                return "unrecognized operand '" + word + "'; known here: " + String.join("= ", NAMES) + "=";
            }
        }
        return null;
    }

    private static String addWords(String kind, List<String> known, String value, Set<String> to) {
        for (String word : value.split(",", -1)) {
            if (!known.contains(word)) {
                return "invalid " + kind + ": '" + word + "'; known here: " + String.join(" ", known);
            }
            to.add(word);
        }
        return null;
    }

    private void setNumber(String name, long number) {
        switch (name) {
            case "bs" -> blockBytes = number;
            case "count" -> count = number;
            case "skip" -> skip = number;
            default -> seek = number;
        }
    }

    /** Parses a number with coreutils' suffixes; returns -1 if it is none. */
    private static long number(String text) {
        if (!text.matches("[0-9]{1,12}(c|w|b|K|k|KiB|kB|M|MiB|MB|G|GiB|GB)?")) {
            return -1;
        }
        String suffix = text.replaceAll("[0-9]", "");
        long factor = switch (suffix) {
            case "w" -> 2;
            case "b" -> 512;
            case "kB" -> 1000;
            case "K", "k", "KiB" -> 1 << 10;
            case "MB" -> 1_000_000;
            case "M", "MiB" -> 1 << 20;
            case "GB" -> 1_000_000_000;
            case "G", "GiB" -> 1 << 30;
            default -> 1;
        };
        long value = Long.parseLong(text.substring(0, text.length() - suffix.length()));
        return value > MAX_BYTES / factor ? -1 : value * factor;
    }

    /** Returns the operand whose offset is too large, or null. */
    String tooLarge() {
        return !fits(skip, inputFlags.contains("skip_bytes")) ? "skip"
                : !fits(seek, outputFlags.contains("seek_bytes")) ? "seek" : null;
    }

    private boolean fits(long number, boolean inBytes) {
        return number <= (inBytes ? MAX_BYTES : MAX_BYTES / blockBytes);
    }

    /** Returns the path of the input; null for standard input. */
    String input() {
        return input;
    }

    /** Returns the path of the output; null for standard output. */
    String output() {
        return output;
    }

    long blockBytes() {
        return blockBytes;
    }

    long skipBytes() {
        return inputFlags.contains("skip_bytes") ? skip : skip * blockBytes;
    }

    long seekBytes() {
        return outputFlags.contains("seek_bytes") ? seek : seek * blockBytes;
    }

    /** Returns the number of bytes to copy at most; negative without a limit. */
    long countBytes() {
        return count < 0 || !fits(count, isCountInBytes()) ? -1 : isCountInBytes() ? count : count * blockBytes;
    }

    private boolean isCountInBytes() {
        return inputFlags.contains("count_bytes");
    }

    /** Returns the number of bytes to read after so many blocks: 0 at the end, or less than a block for the rest. */
    long bytesOfBlock(long blocks) {
        if (count < 0) {
            return blockBytes;
        }
        if (!isCountInBytes()) {
            return blocks < count ? blockBytes : 0;
        }
        return blocks > count / blockBytes ? 0 : Math.min(blockBytes, count - blocks * blockBytes);
    }

    boolean converts(String conversion) {
        return conversions.contains(conversion);
    }

    /** Returns the flags for the open of the input. */
    int inputFlags() {
        return inputFlags.contains("nonblock") ? Fcntl.O_NONBLOCK : 0;
    }

    /** Returns the flags for the open of the output. The bytes before the place of {@code seek=} stay. */
    int outputFlags() {
        return (seek != 0 || converts("notrunc") ? 0 : Fcntl.O_TRUNC)
                | (outputFlags.contains("append") ? Fcntl.O_APPEND : 0)
                | (outputFlags.contains("nonblock") ? Fcntl.O_NONBLOCK : 0);
    }

    /** Tells whether the numbers of records are printed, and that the input was too short to skip. */
    boolean tellsRecords() {
        return !status.contains("none");
    }

    /** Tells whether the bytes and their speed are printed. */
    boolean tellsSpeed() {
        return tellsRecords() && !status.contains("noxfer");
    }
}
