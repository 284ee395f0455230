package ferrite.testkit;

import java.util.List;
import org.opentest4j.TestAbortedException;

/** Runs a test once for each variation of its machines. The first failure ends it. */
final class Repetition {

    /** Runs the test's method once. */
    interface Run {

        /**
         * Runs the method on machines with a change.
         *
         * @return the allocations that its machines made
         */
        Variation.Allocations on(Variation variation) throws Throwable;
    }

    private final Machine machine;
    private final Run run;

    Repetition(Machine machine, Run run) {
        this.machine = machine;
        this.run = run;
    }

    /** Returns the variation of the first run. */
    static Variation first(Machine machine) {
        return counted(machine, Variation.interleavings(machine).get(0));
    }

    private static Variation counted(Machine machine, Variation interleaving) {
        return machine.failEveryAllocation() ? interleaving.counting() : interleaving;
    }

    void run() throws Throwable {
        for (Variation interleaving : Variation.interleavings(machine)) {
            Variation.Allocations made = runOnce(counted(machine, interleaving));
            List<Variation> failures = machine.failEveryAllocation() ? interleaving.failing(made) : List.of();
            for (Variation failing : failures) {
                runOnce(failing);
            }
        }
    }

    private Variation.Allocations runOnce(Variation variation) throws Throwable {
        try {
            return run.on(variation);
        } catch (TestAbortedException aborted) {
            throw aborted;
        } catch (Throwable failure) {
            throw variation.name().isEmpty() ? failure
                    : new AssertionError("with " + variation.name() + ": " + failure.getMessage(), failure);
        }
    }
}
