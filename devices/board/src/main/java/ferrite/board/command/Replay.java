package ferrite.board.command;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ParseResult;

/** The command line that does a run again, quoted for a shell, with the seed spelled out. */
final class Replay {

    private Replay() { }

    static String of(ParseResult parsed) {
        List<String> words = new ArrayList<>();
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
