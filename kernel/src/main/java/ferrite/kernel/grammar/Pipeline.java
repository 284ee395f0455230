package ferrite.kernel.grammar;

import java.util.List;

/**
 * Commands, each of which reads what the one before writes.
 *
 * @param isNot whether {@code !} stands before them: the status is 1 for success, and 0 for a failure
 */
public record Pipeline(boolean isNot, List<SimpleCommand> commands) { }
