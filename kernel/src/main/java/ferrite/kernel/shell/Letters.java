package ferrite.kernel.shell;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The options and the operands of a command, mixed as GNU's {@code getopt_long} allows it. {@code --} ends the options.
 *
 * @param given       the options, in their order
 * @param operands    the other words
 * @param wrong       the message of getopt about the first wrong option, or null
 * @param asksForHelp whether {@code --help} was given before that
 */
record Letters(List<Option> given, List<String> operands, String wrong, boolean asksForHelp) {

    /** @param value the option's argument, or null */
    record Option(char letter, String value) { }

    private static final String HELP = "--help";

    /**
     * Parses the words of a command.
     *
     * @param known the letters of the options, with a colon after those that need an argument; after blanks, long names
     *              with their letters ({@code raw=r}); and {@code #=n} if a number is short for option n with it
     */
    static Letters of(List<String> words, String known) {
        List<String> names = List.of(known.split(" "));
        Letters parsed = new Letters(new ArrayList<>(), new ArrayList<>(), null, false);
        Deque<String> left = new ArrayDeque<>(words);
        while (!left.isEmpty()) {
            String word = left.remove();
            String wrong = null;
            if (word.equals("--")) {
                parsed.operands.addAll(left);
                break;
            } else if (word.equals(HELP)) {
                return new Letters(parsed.given, parsed.operands, null, true);
            } else if (word.startsWith("--")) {
                wrong = parsed.addLong(word, names, left);
            } else if (word.matches("-[0-9]+") && named(names, "#") != 0) {
                parsed.given.add(new Option(named(names, "#"), word.substring(1)));
            } else if (word.startsWith("-") && word.length() > 1) {
                wrong = parsed.addShort(word, names.get(0), left);
            } else {
                parsed.operands.add(word);
            }
            if (wrong != null) {
                return new Letters(parsed.given, parsed.operands, wrong, false);
            }
        }
        return parsed;
    }

    /** Returns the letter of a long name; 0 if there is none. */
    private static char named(List<String> names, String name) {
        for (String each : names) {
            if (each.startsWith(name + "=")) {
                return each.charAt(name.length() + 1);
            }
        }
        return 0;
    }

    private static boolean takesValue(String letters, char letter) {
        return letters.indexOf(letter + ":") >= 0;
    }

    /** Adds the letters of a word. Returns null, or a message. */
    private String addShort(String word, String letters, Deque<String> left) {
        for (int i = 1; i < word.length(); i++) {
            char letter = word.charAt(i);
            if (letter == ':' || letters.indexOf(letter) < 0) {
                return "invalid option -- '" + letter + "'";
            }
            if (!takesValue(letters, letter)) {
                given.add(new Option(letter, null));
                continue;
            }
            String rest = word.substring(i + 1);
            String value = rest.isEmpty() ? left.poll() : rest;
            given.add(new Option(letter, value));
            return value == null ? "option requires an argument -- '" + letter + "'" : null;
        }
        return null;
    }

    /** Adds an option with a long name. Returns null, or a message. */
    private String addLong(String word, List<String> names, Deque<String> left) {
        int equals = word.indexOf('=');
        String name = word.substring(2, equals < 0 ? word.length() : equals);
        char letter = named(names, name);
        if (letter == 0) {
            return "unrecognized option '" + word + "'";
        }
        if (!takesValue(names.get(0), letter)) {
            given.add(new Option(letter, null));
            return equals < 0 ? null : "option '--" + name + "' doesn't allow an argument";
        }
        String value = equals < 0 ? left.poll() : word.substring(equals + 1);
        given.add(new Option(letter, value));
        return value == null ? "option '--" + name + "' requires an argument" : null;
    }

    boolean has(char letter) {
        return given.stream().anyMatch(option -> option.letter == letter);
    }

    /** Returns the last argument of an option; null if it was not given. */
    String value(char letter) {
        String value = null;
        for (Option option : given) {
            value = option.letter == letter ? option.value : value;
        }
        return value;
    }
}
