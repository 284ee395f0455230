package ferrite.kernel.fs;

/**
 * Columns as {@code seq_printf} makes them, without the cost of a formatter: starting one takes longer than booting a
 * machine.
 */
public final class ProcText {

    private ProcText() { }

    /** Formats hundredths with two digits behind the point. */
    static String hundredths(long number) {
        return number / 100 + "." + Long.toString(100 + number % 100).substring(1);
    }

    public static String right(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    public static String right(long number, int width) {
        return right(Long.toString(number), width);
    }

    static String left(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
