package ferrite.hardware.monitor;

import ferrite.hardware.event.MachineEvents;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.Violation;

/** The monitor's {@code violations}: the rules broken so far, the last ones in detail. */
final class ViolationsCommand implements MonitorCommand {

    private final MachineEvents events;

    ViolationsCommand(MachineEvents events) {
        this.events = events;
    }

    @Override
    public String name() {
        return "violations";
    }

    @Override
    public String usage() {
        return "violations";
    }

    @Override
    public String summary() {
        return "the rules broken so far; of the last " + MachineEvents.MAX_VIOLATIONS + ", each in detail";
    }

    @Override
    public Report run(String arguments) {
        Report report = Report.of("violations").number("count", events.violationCount());
        for (Violation violation : events.violations()) {
            report.child(violation.report().number("tick", violation.when().ticks())
                    .number("event", violation.when().event()));
        }
        return report;
    }
}
