package ferrite.hardware.report;

/**
 * Takes violations from whoever notices them. Called by the thread that holds the turn, in the middle of the
 * access that broke the rule: it may peek, and must change nothing that the run can see.
 */
@FunctionalInterface
public interface ViolationSink {
    void report(Violation violation);
}
