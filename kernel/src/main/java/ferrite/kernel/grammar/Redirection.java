package ferrite.kernel.grammar;

/**
 * A redirection of a command.
 *
 * @param descriptor the descriptor that is changed: 0, 1 or 2
 * @param kind       how
 * @param target     the path; for {@link Kind#DUPLICATE} the descriptor that it becomes a copy of
 */
public record Redirection(int descriptor, Kind kind, Token target) {

    /** The kinds of redirections. */
    public enum Kind { READ, WRITE, APPEND, DUPLICATE }

    /** Returns the descriptor that {@link Kind#DUPLICATE} copies. */
    public int source() {
        return Integer.parseInt(target.text());
    }
}
