package ferrite.kernel.check;

/**
 * A broken rule and all known facts about it: a {@code DmaViolation} or a {@link ferrite.kernel.check.KernelViolation}.
 */
public interface ExplainedViolation {

    /** The rule's name, as in {@code --check}. */
    String rule();

    /** The virtual time of the violation. */
    long ticks();

    /** The run's event number at the violation. */
    long event();

    /** The hart that had the turn; -1 if none had. */
    int hart();

    /** Identifies the mistake: violations of one rule at the same source lines have equal texts. */
    String mistake();
}
