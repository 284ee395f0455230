package ferrite.hardware.turn;

import ferrite.hardware.report.Excerpt;
import ferrite.hardware.report.Hex;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * CSRs that a debugger lists although the harts lack them. Reading one there is an error. A person exposes a number to
 * see that error, or to have a CSR of a later machine named. It is a setting of the debugger and changes no run.
 *
 * <p>The list has OpenOCD's form ({@code riscv expose_csrs}): numbers, ranges {@code N-M} and named numbers
 * {@code N=NAME}, with spaces or commas between them.
 */
public final class ExposedCsrs {

    /** The form of a list, for messages. */
    public static final String USAGE = "N[-M|=NAME] ...";
    private static final String EXPECTED =
            USAGE + " is expected, for example 2288, 0x7c0-0x7c3 or 2049=mine";
    private static final int CSRS = 1 << 12;
    private static final Pattern RANGE =
            Pattern.compile("(0[xX][0-9a-fA-F]{1,3}|[0-9]{1,4})(?:-(0[xX][0-9a-fA-F]{1,3}|[0-9]{1,4})|=(\\w{1,32}))?");

    private final SortedMap<Integer, String> names = new TreeMap<>();

    /**
     * Adds the CSRs of a list. A name gets {@code csr_} before it, as OpenOCD does; a number alone gives {@code csrN}.
     *
     * @throws IllegalArgumentException with a sentence, if it is no list. Then nothing is added.
     */
    public void add(String list) {
        names.putAll(parse(list, names));
    }

    /**
     * Returns what a list says, by number.
     *
     * @throws IllegalArgumentException as {@link #add} does
     */
    public static SortedMap<Integer, String> parse(String list) {
        return parse(list, Collections.emptySortedMap());
    }

    private static SortedMap<Integer, String> parse(String list, SortedMap<Integer, String> before) {
        SortedMap<Integer, String> listed = new TreeMap<>();
        for (String word : list.strip().split("\\s*,\\s*|\\s+", -1)) {
            if (word.isEmpty()) {
                throw new IllegalArgumentException("a number is missing" + (list.contains(",")
                        ? " before or after a comma" : "") + "; " + EXPECTED);
            }
            Matcher matcher = RANGE.matcher(word);
            int first = matcher.matches() ? Integer.decode(decimal(matcher.group(1))) : CSRS;
            int last = first >= CSRS || matcher.group(2) == null ? first : Integer.decode(decimal(matcher.group(2)));
            if (last >= CSRS || last < first) {
                throw new IllegalArgumentException("'" + Excerpt.of(word) + "' is no number of a CSR, 0 to 4095, and "
                        + "no range of them; " + EXPECTED);
            }
            if (matcher.group(3) != null) {
                requireNew(word, first, "csr_" + matcher.group(3), before);
                requireNew(word, first, "csr_" + matcher.group(3), listed);
            }
            for (int csr = first; csr <= last; csr++) {
                listed.put(csr, matcher.group(3) == null ? "csr" + csr : "csr_" + matcher.group(3));
            }
        }
        return listed;
    }

    /** Refuses a name that another CSR has: GDB could not tell the two apart. */
    private static void requireNew(String word, int csr, String name, SortedMap<Integer, String> others) {
        for (Map.Entry<Integer, String> other : others.entrySet()) {
            if (other.getValue().equals(name) && other.getKey() != csr) {
                throw new IllegalArgumentException("'" + word + "': CSR " + other.getKey() + " has the name " + name
                        + " already; each name stands for one CSR");
            }
        }
    }

    /** Returns the number without leading zeros, which would make it octal. */
    private static String decimal(String number) {
        return number.matches("0[0-9]+") ? number.replaceFirst("^0+(?=.)", "") : number;
    }

    /** Returns the exposed CSRs: their names by number, in order. */
    public SortedMap<Integer, String> names() {
        return Collections.unmodifiableSortedMap(names);
    }

    /** Formats the exposed CSRs, one on each line. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<Integer, String> each : names.entrySet()) {
            text.append("0x").append(Hex.digits(each.getKey(), 3)).append(' ').append(each.getValue()).append('\n');
        }
        return text.toString();
    }
}
