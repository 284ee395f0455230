package ferrite.kernel.check;

/** A broken rule with everything that is known about it: a {@code DmaViolation} or a {@link ferrite.kernel.check.KernelViolation}. */
public interface ExplainedViolation {

    /** The rule's name, as in {@code --check}. */
    String rule();

    /** When, in virtual time. */
    long ticks();

    /** The run's event number. */
    long event();

    /** The hart that had the turn, or -1. */
    int hart();

    /** What makes two violations the same mistake: the rule, and the lines that made it. */
    String mistake();
}
