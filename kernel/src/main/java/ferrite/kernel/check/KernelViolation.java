package ferrite.kernel.check;

import ferrite.hardware.report.Report;
import java.util.List;

/**
 * A rule of the kernel's that somebody broke.
 *
 * @param summary what happened, in a sentence without its full stop
 * @param lines   what is known, for people
 * @param facts   what is known, for programs
 * @param mistake what makes it the same mistake as another one
 */
public record KernelViolation(String rule, String summary, List<Line> lines, Report facts, String mistake, long ticks, long event, int hart)
        implements ExplainedViolation {

    /** A label ({@code what}, {@code object}, {@code instead}; empty when it goes on with the line above) and its text. */
    public record Line(String label, String text) { }

    /** The text under a label, or null: its first line. */
    public String line(String label) {
        return lines.stream().filter(line -> line.label().equals(label)).map(Line::text).findFirst().orElse(null);
    }
}
