package ferrite.hardware.report;

import java.util.Locale;
import java.util.function.IntPredicate;

/** Text of guests and drivers, which may have anything in it, for a terminal or a log. */
public final class Printable {

    private Printable() { }

    /** Escapes control characters, and those that change the direction of text, as Linux's dmesg does. */
    public static String of(String text) {
        return of(text, c -> false);
    }

    /** @param kept tells which of these characters stay */
    public static String of(String text, IntPredicate kept) {
        if (text.chars().noneMatch(c -> isControl(c) && !kept.test(c))) {
            return text;
        }
        StringBuilder escaped = new StringBuilder();
        text.chars().forEach(c -> {
            if (isControl(c) && !kept.test(c)) {
                escaped.append(String.format(Locale.ROOT, c < 0x100 ? "\\x%02x" : "\\u%04x", c));
            } else {
                escaped.append((char) c);
            }
        });
        return escaped.toString();
    }

    private static boolean isControl(int c) {
        return Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
    }
}
