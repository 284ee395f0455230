package ferrite.peripherals.fault;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A fault of a device, {@code DEVICE=KIND@WHEN}.
 *
 * @param when the number of the request; with {@code +}, it and all later ones; with {@code %}, the probability of each
 */
public record Fault(String device, FaultKind kind, String when) {

    private static final Pattern FORM = Pattern.compile("([a-z][a-z0-9]*)=([a-z]+)@([0-9]{1,9}[+%]?)");
    private static final int PERCENT = 100;

    /**
     * Reads a fault.
     *
     * @throws IllegalArgumentException with a sentence
     */
    public static Fault parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("DEVICE=KIND@WHEN is expected: WHEN is the number of a request (3), "
                    + "that one and all after it (3+), or a probability (2%); for example vda=error@3");
        }
        Fault fault = new Fault(form.group(1), kind(form.group(2)), form.group(3));
        if (fault.number() < 1 || fault.isProbable() && fault.number() > PERCENT) {
            throw new IllegalArgumentException(fault.when + ": requests are counted from 1, and a probability is 1% to "
                    + "100%");
        }
        return fault;
    }

    private static FaultKind kind(String word) {
        List<String> words = Arrays.stream(FaultKind.values()).map(Fault::word).toList();
        if (!words.contains(word)) {
            throw new IllegalArgumentException("'" + word + "' is no kind of fault; there is "
                    + words.stream().collect(Collectors.joining(", ")));
        }
        return FaultKind.values()[words.indexOf(word)];
    }

    static String word(FaultKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private int number() {
        return Integer.parseInt(when.replaceAll("[+%]", ""));
    }

    boolean isProbable() {
        return when.endsWith("%");
    }

    /**
     * Tells whether a request has the fault.
     *
     * @param request its number
     * @param percent a random number from 0 to 99
     */
    boolean hits(int request, int percent) {
        return isProbable() ? percent < number() : when.endsWith("+") ? request >= number() : request == number();
    }

    @Override
    public String toString() {
        return device + "=" + word(kind) + "@" + when;
    }
}
