package ferrite.kernel.grammar;

/**
 * A part of a word.
 *
 * @param kind a text, or a value that is known when the command starts
 * @param text the characters of a text, without quotes; empty for other kinds
 * @param quoted whether the part was quoted, so that its characters stand for themselves
 */
public record Part(Kind kind, String text, boolean quoted) {

    /** The kinds of parts. */
    public enum Kind {
        TEXT,
        /** The exit status of the command before: {@code $?}. */
        STATUS
    }

    static Part text(String text, boolean quoted) {
        return new Part(Kind.TEXT, text, quoted);
    }

    boolean isUnquoted(String wanted) {
        return kind == Kind.TEXT && !quoted && text.equals(wanted);
    }
}
