package ferrite.kernel.grammar;

import java.util.List;

/**
 * A command's words and its redirections, in their order.
 *
 * @param words at least one
 */
public record SimpleCommand(List<Token> words, List<Redirection> redirections) { }
