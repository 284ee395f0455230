package ferrite.kernel.check;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Explains a rule to the author of a driver. Each rule has a file with its name beside this class:
 *
 * <pre>
 *  the title
 *
 *  why the mistake matters on real hardware
 *
 *  wrong:
 *      code
 *
 *  right:
 *      code
 * </pre>
 *
 * @param title     the mistake, as the title of a page
 * @param why       the effect on real hardware, in sentences; a line of text per line
 * @param wrongCode a driver's lines with the mistake
 * @param rightCode the same lines without it
 */
public record Explanation(String title, String why, String wrongCode, String rightCode) {

    private static final Pattern FILE = Pattern.compile("(?s)([^\n]+)\n\n(.+)\n\nwrong:\n(.+)\n\nright:\n(.+)\n");
    private static final String INDENT = "(?m)^ {4}";

    /** Reads the explanation of a rule. */
    public static Explanation of(Rule rule) {
        String name = rule.text() + ".txt";
        try (InputStream in = Explanation.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no explanation: " + name);
            }
            Matcher file = FILE.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            if (!file.matches()) {
                throw new IllegalStateException(name + " has not the parts of an explanation");
            }
            return new Explanation(file.group(1), file.group(2), file.group(3).replaceAll(INDENT, ""),
                    file.group(4).replaceAll(INDENT, ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
