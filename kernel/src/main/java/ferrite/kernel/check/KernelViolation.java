package ferrite.kernel.check;

import ferrite.hardware.report.Report;
import java.util.List;

/**
 * A broken rule of the kernel's.
 *
 * @param summary the event, as a sentence without its full stop
 * @param lines   the known facts, for people
 * @param facts   the known facts, for programs
 * @param mistake a text that is equal for violations that are the same mistake
 */
public record KernelViolation(String rule, String summary, List<Line> lines, Report facts, String mistake, long ticks, long event, int hart)
        implements ExplainedViolation {

    /**
     * A label ({@code object}, {@code why}, {@code instead}; empty if the text continues the line above) and its text.
     */
    public record Line(String label, String text) { }

    /** Returns the first line with a label, or null. */
    public String line(String label) {
        return lines.stream().filter(line -> line.label().equals(label)).map(Line::text).findFirst().orElse(null);
    }
}
