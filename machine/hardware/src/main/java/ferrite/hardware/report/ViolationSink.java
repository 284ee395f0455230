package ferrite.hardware.report;

/**
 * Receiver of violations.
 *
 * <p>The thread that holds the turn calls it, in the middle of the access that broke the rule. It may peek, but must
 * change nothing that the run can see.
 */
@FunctionalInterface
public interface ViolationSink {
    void report(Violation violation);
}
