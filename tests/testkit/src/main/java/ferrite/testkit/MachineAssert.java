package ferrite.testkit;

import ferrite.hardware.report.Violation;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/** What can be asserted of a machine. */
public final class MachineAssert extends AbstractAssert<MachineAssert, MachineRun> {

    MachineAssert(MachineRun actual) {
        super(actual, MachineAssert.class);
    }

    /** No rule was broken so far. */
    public MachineAssert hasNoViolations() {
        isNotNull();
        if (!actual.violations().isEmpty()) {
            failWithMessage("Expected that no rule was broken, but there were:%n%n%s", actual.err());
        }
        return this;
    }

    /** The rule was broken at least once, by its name: {@code dma-above-reach}. */
    public MachineAssert hasViolation(String rule) {
        isNotNull();
        List<String> rules = actual.violations().stream().map(Violation::rule).distinct().toList();
        if (!rules.contains(rule)) {
            failWithMessage("Expected that the rule %s was broken, but %s", rule, rules.isEmpty() ? "none was" : "only these were: " + rules);
        }
        return this;
    }

    /** Everything that was allocated since the machine had booted has been given back, and no task is left of those that were started since. */
    public MachineAssert hasNoLeaks() {
        isNotNull();
        List<String> leaks = actual.leaks();
        if (!leaks.isEmpty()) {
            failWithMessage("Expected that nothing was left behind, but there is:%n  %s", String.join(System.lineSeparator() + "  ", leaks));
        }
        return this;
    }
}
