package ferrite.hardware.report;

/**
 * Receives what bus masters do wrong.
 *
 * <p>The thread that holds the turn calls it, in the middle of the access that broke the rule. It may peek, but must
 * change nothing that the run can see.
 */
@FunctionalInterface
public interface ViolationSink {

    /** Reports a transfer to an address that its bus master cannot drive. */
    void report(UnreachableAddress transfer);
}
