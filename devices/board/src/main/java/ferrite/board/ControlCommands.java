package ferrite.board;

import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.report.Report;
import java.util.function.Supplier;

/** The monitor's {@code halt} and {@code continue}: when the machine runs, which changes nothing about how. */
final class ControlCommands {

    private record Control(String name, String summary, Supplier<String> action) implements MonitorCommand {

        @Override
        public String usage() {
            return name;
        }

        @Override
        public Report run(String arguments) {
            return Report.ofText(name, action.get() + "\n");
        }
    }

    private ControlCommands() { }

    static void addTo(Monitor monitor, Session session) {
        monitor.add(new Control("halt", "let the machine stand still before its next access", () -> {
            session.setHalted(true);
            return "halted";
        }));
        monitor.add(new Control("continue", "let the machine run on", () -> {
            session.setHalted(false);
            return "running";
        }));
    }
}
