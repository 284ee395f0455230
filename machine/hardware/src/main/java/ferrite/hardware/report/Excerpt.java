package ferrite.hardware.report;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Shortens the text of a user for error messages, which would otherwise be as long as the text. */
public final class Excerpt {

    /** The most characters that are shown of a text. */
    private static final int SHOWN = 60;
    /** Pieces of a message up to this length stay: most paths of files are shorter. */
    private static final int MAX_PIECE = 200;
    private static final int MAX_MESSAGE = 4000;
    private static final Pattern LONG_PIECE =
            Pattern.compile("(?<=')[^']{" + (MAX_PIECE + 1) + ",}(?=')|[^\\s']\\S{" + MAX_PIECE + ",}(?<![:;,])");

    private Excerpt() { }

    /** Returns a text, or its beginning and its length if it is long. */
    public static String of(String text) {
        return text.length() <= SHOWN ? text
                : text.substring(0, end(text, SHOWN)) + "... (" + text.length() + " characters)";
    }

    /** Returns a message with short beginnings in place of its very long words and quotations. */
    public static String in(String message) {
        if (message == null || message.length() <= MAX_PIECE) {
            return message;
        }
        String shorter = LONG_PIECE.matcher(message)
                .replaceAll(found -> Matcher.quoteReplacement(of(found.group())));
        return shorter.length() <= MAX_MESSAGE ? shorter : shorter.substring(0, end(shorter, MAX_MESSAGE / 2))
                + " ... " + shorter.substring(end(shorter, shorter.length() - MAX_MESSAGE / 2));
    }

    /** Returns a place that is not between the two halves of a character. */
    private static int end(String text, int place) {
        return Character.isHighSurrogate(text.charAt(place - 1)) ? place - 1 : place;
    }
}
