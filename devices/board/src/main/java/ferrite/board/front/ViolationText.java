package ferrite.board.front;

import ferrite.hardware.report.Durations;
import ferrite.hardware.report.Violation;
import java.util.function.Supplier;

/**
 * A violation for a person: the event, the buffer and its owner, the time, the reason, the remedy, and the command line
 * that repeats it.
 */
public final class ViolationText {

    private static final int LABEL_WIDTH = 10;

    private final Supplier<String> replay;

    /** @param replay the command line that repeats the run */
    public ViolationText(String replay) {
        this(() -> replay);
    }

    /** @param replay supplies the command line that repeats the run so far */
    public ViolationText(Supplier<String> replay) {
        this.replay = replay;
    }

    /** Renders a violation: its lines, with the moment before the explanation, and the command that replays it. */
    public String of(Violation violation) {
        StringBuilder out = new StringBuilder();
        out.append("violation ").append(violation.rule()).append(": ").append(violation.summary()).append("\n\n");
        boolean told = false;
        for (Violation.Line line : violation.lines()) {
            if (!told && (line.label().equals("why") || line.label().equals("instead"))) {
                line(out, "when", when(violation.when()));
                told = true;
            }
            line(out, line.label(), line.text());
        }
        if (!told) {
            line(out, "when", when(violation.when()));
        }
        line(out, "again", replay.get());
        return out.append('\n').toString();
    }

    private static String when(Violation.Moment moment) {
        return Durations.milliseconds(moment.ticks()) + ", event " + moment.event()
                + (moment.hart() == Violation.Moment.NO_HART ? "" : ", hart " + moment.hart());
    }

    private static void line(StringBuilder out, String label, String text) {
        out.append("  ").append(label).append(" ".repeat(Math.max(1, LABEL_WIDTH - label.length())))
                .append(text).append('\n');
    }
}
