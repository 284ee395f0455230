package ferrite.testkit;

import ferrite.hardware.report.Violation;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions about a machine under test. {@link MachineAssertions#assertThat} creates them, and they chain as AssertJ's
 * do.
 *
 * <pre>{@code
 * assertThat(machine).hasViolation("dma-above-reach").hasNoLeaks();
 * }</pre>
 *
 * <p>An assertion that fails throws an {@link AssertionError} with the machine's reports. An assertion only looks at
 * the machine: its run does not change. Call it on the test's thread, between two calls of {@link MachineRun#type}.
 */
public final class MachineAssert extends AbstractAssert<MachineAssert, MachineRun> {

    MachineAssert(MachineRun actual) {
        super(actual, MachineAssert.class);
    }

    /** Asserts that no rule has been broken since boot. */
    public MachineAssert hasNoViolations() {
        isNotNull();
        if (!actual.violations().isEmpty()) {
            failWithMessage("Expected no broken rule, but there are:%n%n%s", actual.err());
        }
        return this;
    }

    /**
     * Asserts that a rule has been broken at least once since boot.
     *
     * @param rule the rule's name, such as {@code dma-above-reach}
     */
    public MachineAssert hasViolation(String rule) {
        isNotNull();
        List<String> rules = actual.violations().stream().map(Violation::rule).distinct().toList();
        if (!rules.contains(rule)) {
            failWithMessage("Expected that the rule %s is broken, but %s", rule,
                    rules.isEmpty() ? "no rule is" : "only these are: " + rules);
        }
        return this;
    }

    /** Asserts that all allocations since boot are freed, and all tasks started since boot have ended. */
    public MachineAssert hasNoLeaks() {
        isNotNull();
        List<String> leaks = actual.leaks();
        if (!leaks.isEmpty()) {
            failWithMessage("Expected no leak since boot, but these are left:%n  %s",
                    String.join(System.lineSeparator() + "  ", leaks));
        }
        return this;
    }
}
