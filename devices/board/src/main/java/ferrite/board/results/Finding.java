package ferrite.board.results;

import ferrite.hardware.report.Report;
import ferrite.hardware.report.Violation;
import java.util.List;

/**
 * A mistake that a run reported: its first violation, and the number of all.
 *
 * @param violation the first violation
 * @param text      the report for a person
 * @param again     the command line that replays the run
 * @param count     the number of violations that were the same mistake, at least 1
 */
record Finding(Violation violation, String text, String again, int count) {

    /** The facts that name the line of the mistake, in order of preference. */
    private static final List<String> OWN = List.of("site", "set_up");

    /** Returns the line of source with the mistake; null if it is not known. */
    SourceLine line() {
        return OWN.stream().map(violation.facts()::value).map(SourceLine::parse).filter(line -> line != null)
                .findFirst().orElse(null);
    }

    /** Returns the facts that name other lines of source, such as {@code allocated_at}. */
    List<Report.Field> otherLines() {
        SourceLine own = line();
        return violation.facts().fields().stream().filter(fact -> fact.kind() == Report.Kind.TEXT)
                .filter(fact -> SourceLine.parse(fact.text()) != null)
                .filter(fact -> !fact.name().equals("site") && !SourceLine.parse(fact.text()).equals(own)).toList();
    }

    Finding oneMore() {
        return new Finding(violation, text, again, count + 1);
    }
}
