package ferrite.board.front;

import ferrite.hardware.clock.Clock;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * One line at the bottom of a terminal that shows the progress of a command. It appears when the command takes long, is
 * redrawn as the command goes on, and disappears when anything else is printed. The host's clock decides when to draw;
 * the rate is in bytes per time of the machine.
 */
final class ProgressBar {

    static final long PATIENCE_NANOSECONDS = TimeUnit.MILLISECONDS.toNanos(500);
    static final long REDRAW_NANOSECONDS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int WIDTH = 30;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream terminal;
    private final LongSupplier nanoTime;
    private long firstDone;
    private long firstTick;
    private long drawn;
    private boolean isBegun;
    private boolean isVisible;

    ProgressBar(PrintStream terminal, LongSupplier nanoTime) {
        this.terminal = terminal;
        this.nanoTime = nanoTime;
    }

    /**
     * Shows that a command has come this far.
     *
     * @param total negative if it is not known
     * @param tick  the machine's time
     */
    void progress(long done, long total, long tick) {
        long now = nanoTime.getAsLong();
        if (!isBegun || done < firstDone) {
            isBegun = true;
            firstDone = done;
            firstTick = tick;
            drawn = now + PATIENCE_NANOSECONDS - REDRAW_NANOSECONDS;
        }
        if (now - drawn >= REDRAW_NANOSECONDS) {
            drawn = now;
            isVisible = true;
            terminal.print(CLEAR_LINE + text(done, total, tick - firstTick));
            terminal.flush();
        }
    }

    private String text(long done, long total, long ticks) {
        long micros = Math.max(1, ticks / Clock.TICKS_PER_MICROSECOND);
        String rate = tenths((done - firstDone) * 10 / micros) + " MB/s";
        if (total <= 0) {
            return mebibytes(done) + " MiB  " + rate;
        }
        int full = (int) (Math.min(done, total) * WIDTH / total);
        return String.format(Locale.ROOT, "%3d%% ", Math.min(100, done * 100 / total)) + "█".repeat(full)
                + "░".repeat(WIDTH - full) + " " + mebibytes(done) + " of " + mebibytes(total) + " MiB  " + rate;
    }

    private static String mebibytes(long bytes) {
        return tenths(bytes * 10 >> 20);
    }

    private static String tenths(long tenths) {
        return tenths / 10 + "." + tenths % 10;
    }

    /** Clears the line, before something else is printed. */
    void clear() {
        if (isVisible) {
            isVisible = false;
            terminal.print(CLEAR_LINE);
            terminal.flush();
        }
    }

    /** Ends the bar of a command that has ended. */
    void end() {
        clear();
        isBegun = false;
    }
}
