package ferrite.kernel.shell;

import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Files;
import ferrite.kernel.fs.Ioctl;
import java.util.List;
import java.util.Locale;

/**
 * {@code date}: prints the time of the real-time clock, as coreutils do. On a machine without one, time begins in 1970,
 * when it is switched on.
 */
final class DateCommand implements Command {

    private static final String CLOCK = "/dev/rtc0";
    private static final int RTC_TIME_BYTES = 36;
    private static final int RTC_RD_TIME = Ioctl._IOR('p', 9, RTC_TIME_BYTES);
    private static final List<String> DAYS = List.of("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat");
    private static final List<String> MONTHS = List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
            "Oct", "Nov", "Dec");
    private static final int FIRST_YEAR = 1970;
    /** 1 January 1970. */
    private static final int FIRST_WEEKDAY = 4;
    private static final int FEBRUARY = 1;
    private static final long SECONDS_PER_DAY = 24 * 3600;

    /** The fields of {@code struct rtc_time}, with the year itself. */
    private record Moment(int second, int minute, int hour, int day, int month, int year, int weekday) {

        static Moment of(long seconds) {
            long day = seconds / SECONDS_PER_DAY;
            int weekday = (int) ((day + FIRST_WEEKDAY) % DAYS.size());
            int year = FIRST_YEAR;
            while (day >= daysOf(year)) {
                day -= daysOf(year);
                year++;
            }
            int month = 0;
            while (day >= daysOf(year, month)) {
                day -= daysOf(year, month);
                month++;
            }
            return new Moment((int) (seconds % 60), (int) (seconds / 60 % 60), (int) (seconds / 3600 % 24),
                    (int) day + 1, month, year, weekday);
        }

        private static int daysOf(int year) {
            return isLeap(year) ? 366 : 365;
        }

        private static boolean isLeap(int year) {
            return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        }

        /** Returns the days of a month, which is counted from 0. */
        private static int daysOf(int year, int month) {
            return month != FEBRUARY ? 31 - month % 7 % 2 : isLeap(year) ? 29 : 28;
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s %s %2d %02d:%02d:%02d UTC %d", DAYS.get(weekday),
                    MONTHS.get(month), day, hour, minute, second, year);
        }
    }

    @Override
    public String name() {
        return "date";
    }

    @Override
    public String usage() {
        return "date";
    }

    @Override
    public String options() {
        return "";
    }

    @Override
    public String summary() {
        return "print the date of the real-time clock (--rtc), or of a machine that began in 1970";
    }

    @Override
    public String example() {
        return "date";
    }

    @Override
    public int run(CommandContext context) {
        List<String> operands = context.letters(this).operands();
        if (!operands.isEmpty()) {
            return context.fail("extra operand '" + operands.get(0) + "'; usage: date");
        }
        Files files = context.kernel().files();
        int clock = files.open(CLOCK, Fcntl.O_RDONLY);
        if (clock == -Errno.ENOENT) {
            context.out(Moment.of(SystemFacts.seconds(context)) + "\n");
            return 0;
        }
        int result = clock < 0 ? clock : files.ioctl(clock, RTC_RD_TIME, context.buffer());
        if (clock >= 0) {
            files.close(clock);
        }
        if (result < 0) {
            return context.fail("cannot read " + CLOCK + ": " + Errno.message(result));
        }
        context.out(new Moment(field(context, 0), field(context, 1), field(context, 2), field(context, 3),
                field(context, 4), field(context, 5) + 1900, field(context, 6)) + "\n");
        return 0;
    }

    /** Returns a word of the {@code struct rtc_time} in the buffer. */
    private static int field(CommandContext context, int index) {
        return context.kernel().base().memory().load32(context.buffer() + 4L * index);
    }
}
