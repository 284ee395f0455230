package ferrite.kernel.monitor;

/** A share as a bar of {@value #WIDTH} characters, in steps of an eighth of a character. */
public final class ZoneBar {

    private static final int WIDTH = 17;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    private ZoneBar() { }

    public static String of(long part, long whole) {
        long eighths = whole == 0 ? 0 : part * WIDTH * 8 / whole;
        StringBuilder bar = new StringBuilder("█".repeat((int) (eighths / 8)));
        if (bar.length() < WIDTH) {
            bar.append(EIGHTHS.charAt((int) (eighths % 8)));
        }
        return bar.append(" ".repeat(WIDTH - bar.length())).toString();
    }

    /** Formats pages as {@code 15.2 MiB}. */
    public static String mebibytes(long pages) {
        long tenths = pages * 10 / 256;
        return tenths / 10 + "." + tenths % 10 + " MiB";
    }
}
