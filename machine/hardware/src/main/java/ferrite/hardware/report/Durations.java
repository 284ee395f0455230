package ferrite.hardware.report;

import ferrite.hardware.clock.Clock;

/** Formatting of virtual time for people. */
public final class Durations {

    private static final int HUNDRED = 100;

    private Durations() { }

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
