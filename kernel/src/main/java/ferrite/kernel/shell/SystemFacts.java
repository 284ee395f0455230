package ferrite.kernel.shell;

import ferrite.hardware.clock.Clock;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code free} and {@code uptime}, in the formats of procps. */
final class SystemFacts {

    private static final int COLUMN = 12;

    private SystemFacts() { }

    /** Prints memory in KiB, or in the unit of an option: {@code -b}, {@code -k}, {@code -m}. */
    static int free(CommandContext context) {
        Letters letters = Letters.of(context.arguments(), "bkm");
        if (!letters.operands().isEmpty()) {
            return context.fail("usage: free [-b|-k|-m]") + 1;
        }
        String text = read(context, "/proc/meminfo");
        if (text == null) {
            return 1;
        }
        long total = value(text, "MemTotal");
        long free = value(text, "MemFree");
        long cache = value(text, "Buffers") + value(text, "Cached") + value(text, "SReclaimable");
        long available = value(text, "MemAvailable");
        StringBuilder out = new StringBuilder("               total        used        free      shared  buff/cache"
                + "   available\nMem:    ");
        for (long each : new long[] {total, total - available, free, value(text, "Shmem"), cache, available}) {
            column(out, each, letters);
        }
        out.append("\nSwap:   ");
        for (long each : new long[] {value(text, "SwapTotal"), 0, value(text, "SwapFree")}) {
            column(out, each, letters);
        }
        context.out(out.append('\n').toString());
        return 0;
    }

    private static void column(StringBuilder out, long kibibytes, Letters letters) {
        String number = Long.toString(letters.has('b') ? kibibytes << 10 : letters.has('m') ? kibibytes >> 10
                : kibibytes);
        out.append(" ".repeat(Math.max(1, COLUMN - number.length()))).append(number);
    }

    /** Returns the text of a file; null after an error message. */
    private static String read(CommandContext context, String path) {
        StringBuilder text = new StringBuilder();
        int status = FilePieces.forEach(context, path, (from, length) ->
                text.append(new String(context.load(from, length), StandardCharsets.US_ASCII)));
        return status == 0 ? text.toString() : null;
    }

    private static long value(String meminfo, String name) {
        for (String line : meminfo.split("\n")) {
            if (line.startsWith(name + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }

    /** Returns the time since the machine was switched on. */
    static long seconds(CommandContext context) {
        return context.kernel().base().cpu().time() / Clock.TICKS_PER_SECOND;
    }

    private static String time(long seconds) {
        return two(seconds / 3600 % 24) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
    }

    private static String right(long number) {
        return (number < 10 ? " " : "") + number;
    }

    private static String two(long number) {
        return (number < 10 ? "0" : "") + number;
    }

    /** Prints the time since the start, and the load averages. There are no users who log in. */
    static int uptime(CommandContext context) {
        List<String> operands = Letters.of(context.arguments(), "").operands();
        if (!operands.isEmpty()) {
            return context.fail("extra operand '" + operands.get(0) + "'; usage: uptime");
        }
        String loads = read(context, "/proc/loadavg");
        if (loads == null) {
            return 1;
        }
        long minutes = seconds(context) / 60;
        long days = minutes / (24 * 60);
        long hours = minutes / 60 % 24;
        String up = (days == 0 ? "" : days + (days == 1 ? " day, " : " days, "))
                + (hours == 0 ? minutes % 60 + " min" : right(hours) + ":" + two(minutes % 60));
        String[] words = loads.split(" ");
        context.out(" " + time(seconds(context)) + " up " + up + ",  0 user,  load average: " + words[0] + ", "
                + words[1] + ", " + words[2] + "\n");
        return 0;
    }
}
