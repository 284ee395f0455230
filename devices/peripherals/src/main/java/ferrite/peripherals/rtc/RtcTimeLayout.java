package ferrite.peripherals.rtc;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.driver.KernelCalls;

/** {@code struct rtc_time}: a date and a time of the day. */
final class RtcTimeLayout {

    static final int SIZE = 36;
    static final long DAY = 86_400;

    static final Struct STRUCT = Struct.of("rtc_time", SIZE);

    static final Word SECOND = STRUCT.s32("tm_sec", 0);
    static final Word MINUTE = STRUCT.s32("tm_min", 4);
    static final Word HOUR = STRUCT.s32("tm_hour", 8);
    static final Word DAY_OF_MONTH = STRUCT.s32("tm_mday", 12);
    /** 0 to 11. */
    static final Word MONTH = STRUCT.s32("tm_mon", 16);
    /** From 1900. */
    static final Word YEAR = STRUCT.s32("tm_year", 20);
    /** 0 is Sunday. */
    static final Word WEEKDAY = STRUCT.s32("tm_wday", 24);
    /** 0 is the first of January. */
    static final Word DAY_OF_YEAR = STRUCT.s32("tm_yday", 28);
    static final Word DAYLIGHT_SAVING = STRUCT.s32("tm_isdst", 32);

    private static final int[] DAYS = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    private static final int FIRST_YEAR = 1970;
    private static final int THURSDAY = 4;

    private RtcTimeLayout() { }

    private static boolean isLeap(int year) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    private static int daysOf(int year, int month) {
        return DAYS[month] + (month == 1 && isLeap(year) ? 1 : 0);
    }

    /** Stores the date of a second from 1970 ({@code rtc_time64_to_tm}). */
    static void set(KernelMemory memory, long time, long seconds) {
        long day = seconds / DAY;
        int second = (int) (seconds % DAY);
        WEEKDAY.set(memory, time, (int) ((day + THURSDAY) % 7));
        int year = FIRST_YEAR;
        for (; day >= (isLeap(year) ? 366 : 365); year++) {
            day -= isLeap(year) ? 366 : 365;
        }
        DAY_OF_YEAR.set(memory, time, (int) day);
        int month = 0;
        for (; day >= daysOf(year, month); month++) {
            day -= daysOf(year, month);
        }
        YEAR.set(memory, time, year - 1900);
        MONTH.set(memory, time, month);
        DAY_OF_MONTH.set(memory, time, (int) day + 1);
        HOUR.set(memory, time, second / 3600);
        MINUTE.set(memory, time, second / 60 % 60);
        SECOND.set(memory, time, second % 60);
        DAYLIGHT_SAVING.set(memory, time, 0);
    }

    /** Returns whether there is such a date from 1970 on ({@code rtc_valid_tm}). */
    static boolean isValid(KernelMemory memory, long time) {
        int month = MONTH.get(memory, time);
        int year = YEAR.get(memory, time) + 1900;
        int day = DAY_OF_MONTH.get(memory, time);
        return year >= FIRST_YEAR && year <= 9999 && month >= 0 && month < DAYS.length && day >= 1
                && day <= daysOf(year, month) && secondOfDay(memory, time) >= 0;
    }

    /** Returns the seconds since midnight; -1 if there is no such time. */
    static long secondOfDay(KernelMemory memory, long time) {
        int hour = HOUR.get(memory, time);
        int minute = MINUTE.get(memory, time);
        int second = SECOND.get(memory, time);
        boolean valid = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
        return valid ? (hour * 60 + minute) * 60 + second : -1;
    }

    /** Returns the seconds from 1970 to a valid date ({@code rtc_tm_to_time64}). */
    static long seconds(KernelMemory memory, long time, KernelCalls kernel) {
        return kernel.mktime64(YEAR.get(memory, time) + 1900, MONTH.get(memory, time) + 1,
                DAY_OF_MONTH.get(memory, time), HOUR.get(memory, time), MINUTE.get(memory, time),
                SECOND.get(memory, time));
    }
}
