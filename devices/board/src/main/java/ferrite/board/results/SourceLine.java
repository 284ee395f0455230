package ferrite.board.results;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of source, as reports name it: {@code DiskDriver.java:71}.
 *
 * @param file the file's name, without its directory
 * @param line counts from 1; 0 if the class was compiled without line numbers
 */
record SourceLine(String file, int line) {

    /** A compiler may leave out the number; the JVM then tells a negative one. */
    private static final Pattern FORM = Pattern.compile("([^\\s:]+\\.\\w+):(-?[0-9]{1,9})\\b.*");
    private static final String UNRESERVED = "-._~/";

    /** Reads the line at the start of a text; returns null if there is none. */
    static SourceLine parse(String text) {
        Matcher form = FORM.matcher(text == null ? "" : text);
        return form.matches() ? new SourceLine(form.group(1), Math.max(0, Integer.parseInt(form.group(2)))) : null;
    }

    /** Returns the file as a relative URI reference (RFC 3986). */
    String uri() {
        StringBuilder uri = new StringBuilder();
        for (byte each : file.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            if (c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || UNRESERVED.indexOf(c) >= 0) {
                uri.append(c);
            } else {
                uri.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 0xf, 16)));
            }
        }
        return uri.toString();
    }
}
