package ferrite.hardware.report;

import ferrite.hardware.clock.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/** Formatting of virtual time for people. */
public final class Durations {

    private static final int HUNDRED = 100;

    /** The ticks of each unit of a duration, the longest unit first. */
    private static final Map<String, Long> UNITS = units();

    private Durations() { }

    private static Map<String, Long> units() {
        Map<String, Long> units = new LinkedHashMap<>();
        units.put("h", 3600L * Clock.TICKS_PER_SECOND);
        units.put("m", 60L * Clock.TICKS_PER_SECOND);
        units.put("s", (long) Clock.TICKS_PER_SECOND);
        units.put("ms", 1000L * Clock.TICKS_PER_MICROSECOND);
        units.put("us", (long) Clock.TICKS_PER_MICROSECOND);
        return units;
    }

    /**
     * Reads a duration as a person writes it: {@code 90s}, {@code 1500ms}, {@code 20us}, {@code 2m}, {@code 1h}. A
     * number without a unit counts seconds.
     *
     * @return ticks; for more than the clock can count, as many of the unit as it can
     * @throws IllegalArgumentException with a sentence
     */
    public static long parse(String text) {
        String number = text.replaceFirst("[a-z]+$", "");
        Long unit = UNITS.get(number.equals(text) ? "s" : text.substring(number.length()));
        if (unit == null || !number.matches("[0-9]{1,10}")) {
            throw new IllegalArgumentException("'" + text + "' is no duration; 90s, 1500ms, 20us, 2m or 1h would be");
        }
        return Math.min(Long.parseLong(number), Clock.LAST_TICK / unit) * unit;
    }

    /** Writes a duration as {@link #parse} reads it. */
    public static String write(long ticks) {
        for (Map.Entry<String, Long> unit : UNITS.entrySet()) {
            if (ticks % unit.getValue() == 0 && ticks != 0) {
                return ticks / unit.getValue() + unit.getKey();
            }
        }
        return "0s";
    }

    /**
     * Formats a duration in microseconds below a millisecond, in milliseconds above: {@code 0.72 µs}, {@code 1.204 ms}.
     */
    public static String ofTicks(long ticks) {
        long hundredths = ticks * HUNDRED / Clock.TICKS_PER_MICROSECOND;
        return hundredths >= 1000 * HUNDRED ? milliseconds(ticks)
                : hundredths / HUNDRED + "." + Long.toString(HUNDRED + hundredths % HUNDRED).substring(1) + " µs";
    }

    /** Formats a duration in milliseconds: {@code 0.482 ms}. */
    public static String milliseconds(long ticks) {
        long micros = ticks / Clock.TICKS_PER_MICROSECOND;
        return micros / 1000 + "." + Long.toString(1000 + micros % 1000).substring(1) + " ms";
    }
}
