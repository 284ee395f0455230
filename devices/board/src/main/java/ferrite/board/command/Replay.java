package ferrite.board.command;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** The command line that does a run again, quoted for a shell, with the seed spelled out, and with the commands that came from elsewhere. */
final class Replay {

    private Replay() { }

    /** @param typed the commands that did not come from the command line, but from a prompt or a pipe */
    static String of(ParseResult parsed, List<String> typed) {
        List<String> words = new ArrayList<>();
        if (!typed.isEmpty()) {                  // not -c: there the machine is told at once that no more will come, which is another event
            words.add("printf '%s\\n'");
            typed.forEach(command -> words.add(quote(command)));
            words.add("|");
        }
        words.add("ferrite");
        parsed.originalArgs().forEach(word -> words.add(quote(word)));
        boolean hasSeed = parsed.originalArgs().stream().anyMatch(word -> word.equals("--seed") || word.startsWith("--seed="));
        if (!hasSeed) {
            words.add("--seed");
            words.add("1");
        }
        return String.join(" ", words);
    }

    private static String quote(String word) {
        return word.matches("[A-Za-z0-9_./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
