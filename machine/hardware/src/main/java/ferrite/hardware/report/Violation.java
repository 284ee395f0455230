package ferrite.hardware.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A broken rule, composed where the rule was noticed. Front ends render it, all of them in the same way.
 *
 * @param rule    the rule's name, as in {@code --check}
 * @param summary what happened, as a sentence without its full stop
 * @param lines   the details, for people
 * @param facts   the details, for programs
 * @param mistake equal for two violations that are the same mistake: the rule, and the lines of source that broke it
 * @param when    the moment of the violation
 */
public record Violation(String rule, String summary, List<Line> lines, Report facts, String mistake, Moment when) {

    /** A label ({@code what}, {@code object}, {@code instead}; empty if the line above goes on) and its text. */
    public record Line(String label, String text) { }

    /**
     * A moment of a run.
     *
     * @param ticks virtual time, in ticks of 10 ns
     * @param event the run's event number
     * @param hart  the hart that had the turn, or {@link #NO_HART}
     */
    public record Moment(long ticks, long event, int hart) {

        /** No hart had the turn: a device acted by itself. */
        public static final int NO_HART = -1;
    }

    /** Returns the text of a label's first line, or null. */
    public String line(String label) {
        return lines.stream().filter(line -> line.label().equals(label)).map(Line::text).findFirst().orElse(null);
    }

    /**
     * Returns the violation for programs: the rule, the facts and the summary as fields; the lines for people, each
     * under its label; and the moment.
     */
    public Report report() {
        return Report.of("violation").text("rule", rule).fieldsOf(facts).text("summary", summary)
                .parts("told", told()).parts("when", moment());
    }

    /** Returns the lines by their labels. A label that comes again, or goes on, has several lines of text. */
    private Report told() {
        Map<String, String> texts = new LinkedHashMap<>();
        String label = "";
        for (Line line : lines) {
            label = line.label().isEmpty() ? label : line.label();
            texts.merge(label, line.text(), (before, more) -> before + "\n" + more);
        }
        Report told = Report.of("told");
        texts.forEach(told::text);
        return told;
    }

    private Report moment() {
        Report moment = Report.of("when").number("tick", when.ticks()).number("event", when.event());
        return when.hart() == Moment.NO_HART ? moment : moment.number("hart", when.hart());
    }

    /** Returns a fact by its name. */
    public Report.Field fact(String name) {
        return facts.fields().stream().filter(field -> field.name().equals(name)).findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("a violation of " + rule + " has no fact '" + name + "'"));
    }

    /** A violation in the making. */
    public static final class Builder {

        private final String rule;
        private final String summary;
        private final List<Line> lines = new ArrayList<>();
        private final Report facts;

        /** Begins a violation. */
        public Builder(String rule, String summary) {
            this.rule = rule;
            this.summary = Printable.of(summary);
            this.facts = Report.of(rule);
        }

        /** Adds a line for people. */
        public Builder line(String label, String text) {
            lines.add(new Line(label, Printable.of(text)));
            return this;
        }

        /** Puts a line for people before all others. */
        public Builder firstLine(String label, String text) {
            lines.add(0, new Line(label, Printable.of(text)));
            return this;
        }

        /** The facts for programs, to add to. */
        public Report facts() {
            return facts;
        }

        /** Completes the violation. */
        public Violation build(String mistake, Moment when) {
            return new Violation(rule, summary, List.copyOf(lines), facts, mistake, when);
        }
    }
}
