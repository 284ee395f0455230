package ferrite.kernel.grammar;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A word or an operator of a line.
 *
 * @param operator the operator's characters; empty for a word, a line end for the end of a line
 * @param parts    the parts of a word; none for an operator
 * @param start    the place of the first character
 * @param end      the place after the last one
 */
public record Token(String operator, List<Part> parts, int start, int end) {

    static final String NEWLINE = "\n";
    /** The operator of the token at the end of the text. */
    static final String END = "end";

    boolean isWord() {
        return operator.isEmpty();
    }

    boolean is(String wanted) {
        return operator.equals(wanted);
    }

    /** The characters of a word, with {@code $?} as it was typed. */
    public String text() {
        return parts.stream().map(part -> part.kind() == Part.Kind.STATUS ? "$?" : part.text())
                .collect(Collectors.joining());
    }

    /** Tells whether a word is these characters, and none of them was quoted. */
    boolean isUnquoted(String wanted) {
        return parts.size() == 1 && parts.get(0).isUnquoted(wanted);
    }
}
