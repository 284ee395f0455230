package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.report.Report;
import java.util.List;

/**
 * The monitor's {@code info triggers}: the triggers of the debug specification (Sdtrig) of a hart. {@code info break}
 * lists the breakpoints of the debugger.
 */
final class TriggersCommand implements MonitorCommand {

    private final Machine machine;

    TriggersCommand(Machine machine) {
        this.machine = machine;
    }

    @Override
    public String name() {
        return "info triggers";
    }

    @Override
    public String usage() {
        return "info triggers [HART]";
    }

    @Override
    public String summary() {
        return "triggers (tselect, tdata1) that software has set on one hart, or on all";
    }

    @Override
    public List<String> examples() {
        return List.of("info triggers", "info triggers 1");
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        Report report = Report.of("triggers");
        for (Hart hart : HartArgument.all(machine, arguments)) {
            Report child = Report.of("hart " + hart.id());
            List<String> triggers = hart.triggers();
            for (int i = 0; i < triggers.size(); i++) {
                child.text("trigger " + i, triggers.get(i));
            }
            report.child(child);
        }
        return report;
    }
}
