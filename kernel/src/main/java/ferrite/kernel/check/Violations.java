package ferrite.kernel.check;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.report.DeviceMisuse;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.log.CallSite;
import java.util.function.Consumer;

/**
 * Reports the kernel's broken rules. A report peeks: it takes no time of the machine, and allocates nothing from the
 * memory that it describes.
 *
 * <pre>{@code
 * if (violations.checks(Rule.DOUBLE_FREE)) {
 *     violations.of(Rule.DOUBLE_FREE, "kfree of 0xc0890040, which is free already").line("object", …)
 *             .address("object", 0xc0890040L).report();
 * }
 * }</pre>
 */
public final class Violations {

    private final Machine machine;
    private final Checks checks;
    private final Consumer<Violation> sink;
    private long count;

    public Violations(Machine machine, Checks checks, Consumer<Violation> sink) {
        this.machine = machine;
        this.checks = checks;
        this.sink = sink;
    }

    /**
     * Returns whether a rule is checked. Code may skip the report, or work that only peeks; anything visible to the
     * machine must happen whether or not the rule is checked.
     */
    public boolean checks(Rule rule) {
        return checks.has(rule);
    }

    /** Returns whether any rule is checked. */
    public boolean checksAny() {
        return !checks.areNone();
    }

    /** Memory at the virtual addresses of the hart that has the turn. */
    public ReadableMemory peek() {
        Hart hart = machine.turn().hart();
        return machine.peek(hart == null ? 0 : hart.id());
    }

    /**
     * Passes on a violation that another class has explained, if its rule is checked. Code that is unwound at the
     * machine's end makes no mistake: nothing of it happens.
     */
    public void report(Violation violation) {
        Rule rule = Rule.of(violation.rule());
        if (rule == null || checks.has(rule)) {
            pass(violation);
        }
    }

    private void pass(Violation violation) {
        if (!machine.turn().strands().isClosing()) {
            count++;
            sink.accept(violation);
        }
    }

    /** Returns the time of the clock, in ticks of 10 ns. Only looks. */
    public long now() {
        return machine.moment().ticks();
    }

    /** Returns how many violations were reported so far. */
    public long count() {
        return count;
    }

    /** Begins a report of the current task's mistake. */
    public Building of(Rule rule, String summary) {
        return new Building(rule, summary, CallSite.ofCaller());
    }

    /** Begins a report of the exception or fault that ends the current task. */
    public Building oops(String message, String site) {
        return new Building(Rule.OOPS, message, site);
    }

    /**
     * Begins a report of a device's wrong access.
     *
     * @param site the line that led to it
     * @param task the task that executed that line, such as {@code task 3 'cat'}; empty if it is not known
     */
    public Building at(Rule rule, String summary, String site, String task) {
        Building report = new Building(rule, summary, site);
        report.task = task;
        return report;
    }

    /** Begins a report of the current task's mistake in a function that returned. Its name stands for the line. */
    public Building in(Rule rule, String summary, String function) {
        return new Building(rule, summary, function);
    }

    /** Begins a report of the mistake that caused the fault being handled. Its call site is the faulting line. */
    public Building ofFault(Rule rule, String summary) {
        return new Building(rule, summary, CallSite.ofFault());
    }

    /**
     * Reports a misuse of a device that its model has found.
     *
     * @param site the line that last stored to a register of the device; null if it is not known
     */
    public void misuse(DeviceMisuse what, String site) {
        String line = site == null ? "?" : site;
        at(Rule.DEVICE_MISUSE, what.summary(), line, "").line("instead", what.instead())
                .text("device", what.device()).reportAsPartOf(line + " (" + what.summary() + ")");
    }

    /** A report under construction. */
    public final class Building {

        private final Rule rule;
        private final String site;
        private final Violation.Builder violation;
        /** The mistake, the same for all reports of one cause. */
        private String mistake;
        /** The task that made the mistake; null for the current one. */
        private String task;

        private Building(Rule rule, String summary, String site) {
            this.rule = rule;
            this.site = site;
            this.mistake = rule.text() + " at " + site;
            this.violation = new Violation.Builder(rule.text(), summary);
            violation.facts().text("site", site);
        }

        /** The line of source that broke the rule. */
        public String site() {
            return site;
        }

        /** Adds a line for people. */
        public Building line(String label, String text) {
            violation.line(label, text);
            return this;
        }

        /** Adds a fact for programs. */
        public Building text(String name, String value) {
            violation.facts().text(name, value);
            return this;
        }

        /** Adds a fact for programs. */
        public Building number(String name, long value) {
            violation.facts().number(name, value);
            return this;
        }

        /** Adds a fact for programs. */
        public Building address(String name, long value) {
            violation.facts().address(name, value);
            return this;
        }

        /**
         * Passes the report on as one of several that have the same cause. Front ends explain the first, and count the
         * others.
         *
         * @param cause what the lines have in common that make one mistake
         */
        public void reportAsPartOf(String cause) {
            mistake = rule.text() + " at " + cause;
            report();
        }

        /** The file whose line broke the rule. */
        public String file() {
            return site.substring(0, Math.max(0, site.indexOf(':')));
        }

        /** Passes the report on, if its rule is checked. */
        public void report() {
            if (!checks.has(rule)) {
                return;
            }
            Hart hart = machine.turn().hart();
            if (task != null) {
                violation.firstLine("where", "at " + site + (task.isEmpty() ? "" : ", by " + task));
            } else if (hart != null && hart.currentTask() != 0) {
                ReadableMemory view = peek();
                int pid = TaskLayout.PID.get(view, hart.currentTask());
                String name = TaskLayout.COMM.get(view, hart.currentTask());
                violation.firstLine("where", "at " + site + ", in task " + pid + " '" + name + "'");
                violation.facts().text("task", name).number("pid", pid);
            }
            pass(violation.build(mistake, machine.moment()));
        }
    }
}
