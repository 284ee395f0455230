package ferrite.board.options;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Dates of the real-time clock: {@code 2026-11-30T09:00:00Z}, and the seconds since 1970. */
public final class RtcDate {

    /** The date of the virt board unless another is given, so that runs repeat: 2026-01-01T00:00:00Z. */
    static final long OF_VIRT = 1_767_225_600;
    /** The last second of the last year. */
    public static final long LAST = 4_291_747_199L;

    private static final Pattern TEXT =
            Pattern.compile("(\\d{4})-(\\d{2})-(\\d{2})T(\\d{2}):(\\d{2}):(\\d{2})Z");
    private static final int[] DAYS = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    private static final int FIRST_YEAR = 1970;
    private static final int LAST_YEAR = 2105;
    private static final int SECONDS_OF_A_DAY = 86_400;

    private RtcDate() { }

    /**
     * Returns the seconds from 1970 to a date.
     *
     * @throws IllegalArgumentException with a sentence
     */
    static long parse(String text) {
        Matcher date = TEXT.matcher(text);
        if (!date.matches()) {
            throw new IllegalArgumentException("a date such as 2026-11-30T09:00:00Z is expected");
        }
        int[] fields = new int[6];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = Integer.parseInt(date.group(i + 1));
        }
        int year = fields[0];
        if (year < FIRST_YEAR || year > LAST_YEAR) {
            throw new IllegalArgumentException("the clock has dates from " + FIRST_YEAR + " to " + LAST_YEAR);
        }
        if (fields[1] < 1 || fields[1] > 12 || fields[2] < 1 || fields[2] > daysOf(year, fields[1]) || fields[3] > 23
                || fields[4] > 59 || fields[5] > 59) {
            throw new IllegalArgumentException("there is no such date");
        }
        long days = fields[2] - 1;
        for (int before = FIRST_YEAR; before < year; before++) {
            days += isLeap(before) ? 366 : 365;
        }
        for (int month = 1; month < fields[1]; month++) {
            days += daysOf(year, month);
        }
        return ((days * 24 + fields[3]) * 60 + fields[4]) * 60 + fields[5];
    }

    /** Writes a date as {@link #parse} reads it. */
    public static String write(long seconds) {
        long day = seconds / SECONDS_OF_A_DAY;
        int second = (int) (seconds % SECONDS_OF_A_DAY);
        int year = FIRST_YEAR;
        for (; day >= (isLeap(year) ? 366 : 365); year++) {
            day -= isLeap(year) ? 366 : 365;
        }
        int month = 1;
        for (; day >= daysOf(year, month); month++) {
            day -= daysOf(year, month);
        }
        return String.format(Locale.ROOT, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day + 1, second / 3600,
                second / 60 % 60, second % 60);
    }

    private static boolean isLeap(int year) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    private static int daysOf(int year, int month) {
        return DAYS[month - 1] + (month == 2 && isLeap(year) ? 1 : 0);
    }
}
