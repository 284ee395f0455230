package ferrite.kernel.shell;

import java.util.ArrayList;
import java.util.List;

/**
 * The options of one letter and the operands of a command, mixed as GNU's commands allow it.
 *
 * @param given    the letters of the options
 * @param operands the other words; all words after {@code --}
 * @param unknown  the first option that is not known, or null
 */
record Letters(String given, List<String> operands, String unknown) {

    static Letters of(List<String> words, String known) {
        StringBuilder given = new StringBuilder();
        List<String> operands = new ArrayList<>();
        String unknown = null;
        boolean ended = false;
        for (String word : words) {
            if (ended || !word.startsWith("-") || word.equals("-")) {
                operands.add(word);
            } else if (word.equals("--")) {
                ended = true;
            } else {
                given.append(word, 1, word.length());
                boolean isKnown = word.chars().skip(1).allMatch(c -> known.indexOf(c) >= 0);
                unknown = unknown == null && !isKnown ? word : unknown;
            }
        }
        return new Letters(given.toString(), operands, unknown);
    }

    boolean has(char letter) {
        return given.indexOf(letter) >= 0;
    }

    /** Tells of the unknown option. Returns the status. */
    int fail(CommandContext context, String usage, int status) {
        context.fail("unknown option '" + unknown + "'; usage: " + usage);
        return status;
    }
}
