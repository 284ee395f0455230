package ferrite.testkit;

import ferrite.hardware.report.Report;
import ferrite.hardware.report.Violation;
import ferrite.kernel.check.Rule;
import java.util.List;
import java.util.stream.Stream;

/**
 * Assertions about the violations of one rule, after {@link MachineAssert#hasViolation}. Each keeps the violations that
 * match, so that the next one is about the same violations. Assertions about the machine may follow.
 *
 * <pre>{@code
 * assertThat(machine).hasViolation("object-overrun").at("MyDriver.java:12").allocatedBy(MyDriver.class).hasNoLeaks();
 * }</pre>
 */
public final class ViolationAssert extends MachineAssert {

    private final String rule;
    private final List<Violation> matching;

    ViolationAssert(MachineRun machine, String rule, List<Violation> matching) {
        super(machine);
        this.rule = rule;
        this.matching = matching;
    }

    /**
     * Asserts that a line of this class broke the rule. For {@code dma-above-reach} it is the line that programmed the
     * channel, or that allocated the buffer.
     *
     * @param driver a class of the file; a nested class stands for its outermost class
     * @throws AssertionError with the lines that broke the rule, and the reports
     */
    public ViolationAssert at(Class<?> driver) {
        return at(SourcePlace.of(driver));
    }

    /**
     * Asserts that a line broke the rule.
     *
     * @param place a line such as {@code MyDriver.java:12}, or a file such as {@code MyDriver.java}
     * @throws AssertionError with the lines that broke the rule, and the reports
     */
    public ViolationAssert at(String place) {
        return at(new SourcePlace(place));
    }

    private ViolationAssert at(SourcePlace place) {
        return matching("is broken at", place, List.of("site", "set_up"));
    }

    /**
     * Asserts that the memory of the violation was allocated by a line of this class. A machine that records no
     * owners does not know the line.
     *
     * @param driver a class of the file; a nested class stands for its outermost class
     * @throws AssertionError with the lines that allocated the memory, and the reports
     */
    public ViolationAssert allocatedBy(Class<?> driver) {
        return allocatedBy(SourcePlace.of(driver));
    }

    /**
     * Asserts that the memory of the violation was allocated by a line.
     *
     * @param place a line such as {@code MyDriver.java:12}, or a file such as {@code MyDriver.java}
     * @throws AssertionError with the lines that allocated the memory, and the reports
     */
    public ViolationAssert allocatedBy(String place) {
        return allocatedBy(new SourcePlace(place));
    }

    private ViolationAssert allocatedBy(SourcePlace place) {
        return matching("is broken with memory allocated by", place, rule.equals(Rule.DMA_ABOVE_REACH.text())
                ? List.of("site") : List.of("allocated_at", "made_at"));
    }

    /** Keeps the violations of which one of these facts is the place. */
    private ViolationAssert matching(String relation, SourcePlace place, List<String> facts) {
        List<Violation> kept = matching.stream()
                .filter(violation -> lines(violation, facts).anyMatch(place::contains)).toList();
        if (kept.isEmpty()) {
            List<String> found = matching.stream().flatMap(violation -> lines(violation, facts)).distinct().toList();
            failWithReports("Expected that " + rule + " " + relation + " " + place.text() + ", but "
                    + (found.isEmpty() ? "no report names such a line" : "the lines are: " + String.join(", ", found)));
        }
        return new ViolationAssert(actual, rule, kept);
    }

    private static Stream<String> lines(Violation violation, List<String> facts) {
        return violation.facts().fields().stream().filter(fact -> facts.contains(fact.name()))
                .map(Report.Field::text).filter(text -> text != null);
    }
}
