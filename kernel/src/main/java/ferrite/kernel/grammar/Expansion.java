package ferrite.kernel.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Turns the words of a command into its arguments, when the command starts. */
public final class Expansion {

    /** Characters that make a part of a word a pattern. */
    private static final String SPECIAL = "*?[";

    private final int status;
    private final Function<Glob, List<String>> files;

    /**
     * @param status the value of {@code $?}
     * @param files  lists the paths that a pattern matches, in order
     */
    public Expansion(int status, Function<Glob, List<String>> files) {
        this.status = status;
        this.files = files;
    }

    /** Returns the arguments: each word is one, or one for each path that it matches. */
    public List<String> arguments(List<Token> words) {
        List<String> arguments = new ArrayList<>();
        for (Token word : words) {
            List<String> paths = isPattern(word) ? files.apply(new Glob(word, status)) : List.of();
            if (paths.isEmpty()) {
                arguments.add(text(word));
            } else {
                arguments.addAll(paths);
            }
        }
        return arguments;
    }

    /** Returns the word without quotes, with the values in it. Patterns stand for themselves, as for a redirection. */
    public String text(Token word) {
        StringBuilder text = new StringBuilder();
        word.parts().forEach(part -> text.append(valueOf(part, status)));
        return text.toString();
    }

    static String valueOf(Part part, int status) {
        return part.kind() == Part.Kind.STATUS ? Integer.toString(status) : part.text();
    }

    private static boolean isPattern(Token word) {
        return word.parts().stream().anyMatch(part -> !part.quoted()
                && part.text().chars().anyMatch(c -> SPECIAL.indexOf(c) >= 0));
    }
}
