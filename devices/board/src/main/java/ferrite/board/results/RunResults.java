package ferrite.board.results;

import ferrite.hardware.report.Violation;
import ferrite.kernel.check.Checks;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects the violations of one run, and writes them at its end. The thread that holds the turn calls it. */
public final class RunResults {

    private final String command;
    private final Checks checks;
    private final Map<String, Finding> findings = new LinkedHashMap<>();

    /**
     * The end of a run.
     *
     * @param again  the command line that replays the run
     * @param ticks  the virtual time at the end
     * @param status the exit status
     */
    public record End(String again, long ticks, int status) { }

    /**
     * @param command the command that runs, {@code ferrite run} or another
     * @param checks  the rules that the run checks
     */
    public RunResults(String command, Checks checks) {
        this.command = command;
        this.checks = checks;
    }

    /**
     * Adds a violation.
     *
     * @param text  the report for a person
     * @param again the command line that replays the run so far
     */
    public void add(Violation violation, String text, String again) {
        findings.merge(violation.mistake(), new Finding(violation, text, again, 1), (first, next) -> first.oneMore());
    }

    /** Writes a SARIF 2.1.0 log. */
    public void writeSarif(OutputStream out, End end) throws IOException {
        new SarifLog(findings(), end).write(out);
    }

    /** Writes JUnit's XML, with a test case for each rule that is checked. */
    public void writeJUnit(OutputStream out, End end) throws IOException {
        new JUnitReport(command, checks, findings(), end).write(out);
    }

    /** Returns the mistakes in the order of their first violations. */
    private List<Finding> findings() {
        return List.copyOf(findings.values());
    }
}
