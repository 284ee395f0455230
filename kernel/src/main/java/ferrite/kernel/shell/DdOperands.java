package ferrite.kernel.shell;

import ferrite.kernel.fs.Fcntl;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The operands of {@code dd} with coreutils' names, as far as they have a meaning here. */
final class DdOperands {

    private static final long MAX_BYTES = 1L << 40;
    private static final int DEFAULT_BLOCK = 512;
    private static final List<String> NAMES = List.of("if", "of", "bs", "ibs", "obs", "count", "skip", "seek", "conv",
            "iflag", "oflag", "status");
    /**
     * A close writes all bytes to the disk, so that fsync and fdatasync need no step of their own. No file is ever
     * created.
     */
    private static final List<String> CONVERSIONS = List.of("fdatasync", "fsync", "nocreat", "noerror", "notrunc",
            "sync");
    private static final List<String> INPUT_FLAGS = List.of("count_bytes", "fullblock", "nonblock", "skip_bytes");
    private static final List<String> OUTPUT_FLAGS = List.of("append", "nonblock", "seek_bytes");
    private static final List<String> STATUS_LEVELS = List.of("none", "noxfer", "progress");

    private String input;
    private String output;
    /** The operand bs; 0 if it was not given. */
    private long blockBytes;
    private long inputBlockBytes = DEFAULT_BLOCK;
    private long outputBlockBytes = DEFAULT_BLOCK;
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
            case "bs", "ibs", "obs", "count", "skip", "seek" -> {
                boolean inBytes = value.endsWith("B") && !name.endsWith("bs") && number(value) < 0;
                long number = number(inBytes ? value.substring(0, value.length() - 1) : value);
                if (number < 0 || name.endsWith("bs") && number == 0) {
                    return "invalid number: '" + value + "'";
                }
                setNumber(name, number);
                setInBytes(name, inBytes);
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
            case "ibs" -> inputBlockBytes = number;
            case "obs" -> outputBlockBytes = number;
            case "count" -> count = number;
            case "skip" -> skip = number;
            default -> seek = number;
        }
    }

    /** A number of bytes, which ends with B, is one of blocks otherwise. */
    private void setInBytes(String name, boolean inBytes) {
        Set<String> flags = name.equals("seek") ? outputFlags : inputFlags;
        if (inBytes) {
            flags.add(name + "_bytes");
        }
    }

    /** Parses a number, or a product {@code AxB}, with coreutils' suffixes; returns -1 if it is none. */
    private static long number(String text) {
        long product = 1;
        for (String factor : text.split("x", -1)) {
            long value = factor(factor);
            if (value < 0 || value > 0 && product > MAX_BYTES / value) {
                return -1;
            }
            product *= value;
        }
        return product;
    }

    private static long factor(String text) {
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
        return !fits(skip, inputFlags.contains("skip_bytes"), inputBlockBytes()) ? "skip"
                : !fits(seek, outputFlags.contains("seek_bytes"), outputBlockBytes()) ? "seek" : null;
    }

    private static boolean fits(long number, boolean inBytes, long block) {
        return number <= (inBytes ? MAX_BYTES : MAX_BYTES / block);
    }

    /** Returns the path of the input; null for standard input. */
    String input() {
        return input;
    }

    /** Returns the path of the output; null for standard output. */
    String output() {
        return output;
    }

    long inputBlockBytes() {
        return blockBytes != 0 ? blockBytes : inputBlockBytes;
    }

    long outputBlockBytes() {
        return blockBytes != 0 ? blockBytes : outputBlockBytes;
    }

    /** Tells whether bytes are collected to output blocks: unless {@code bs=} was given. */
    boolean collects() {
        return blockBytes == 0;
    }

    /** Tells whether an input block is read until it is full. */
    boolean readsFullBlocks() {
        return inputFlags.contains("fullblock");
    }

    /** Tells whether partial blocks make the number of copied bytes a surprise. */
    boolean warnsOfPartialReads() {
        boolean counts = count > 0 && (!isCountInBytes() || count >= inputBlockBytes());
        return !collects() && !readsFullBlocks() && (counts || skipBytes() >= inputBlockBytes());
    }

    long skipBytes() {
        return inputFlags.contains("skip_bytes") ? skip : skip * inputBlockBytes();
    }

    long seekBytes() {
        return outputFlags.contains("seek_bytes") ? seek : seek * outputBlockBytes();
    }

    /** Returns the number of bytes to copy at most; negative without a limit. */
    long countBytes() {
        return count < 0 || !fits(count, isCountInBytes(), inputBlockBytes()) ? -1
                : isCountInBytes() ? count : count * inputBlockBytes();
    }

    private boolean isCountInBytes() {
        return inputFlags.contains("count_bytes");
    }

    /** Returns the number of bytes to read after so many blocks: 0 at the end, or less than a block for the rest. */
    long bytesOfBlock(long blocks) {
        long size = inputBlockBytes();
        if (count < 0) {
            return size;
        }
        if (!isCountInBytes()) {
            return blocks < count ? size : 0;
        }
        return blocks > count / size ? 0 : Math.min(size, count - blocks * size);
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
        return (seekBytes() >= outputBlockBytes() || converts("notrunc") ? 0 : Fcntl.O_TRUNC)
                | (converts("nocreat") ? 0 : Fcntl.O_CREAT)
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
