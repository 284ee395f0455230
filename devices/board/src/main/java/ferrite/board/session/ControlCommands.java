package ferrite.board.session;

import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;

/** The monitor's {@code halt} and {@code continue}: when the machine runs, which changes nothing about how. */
final class ControlCommands {

    private interface Action {
        String run() throws MonitorException;
    }

    private record Control(String name, String summary, Action action) implements MonitorCommand {

        @Override
        public String usage() {
            return name;
        }

        @Override
        public Report run(String arguments) throws MonitorException {
            return Report.ofText(name, action.run() + "\n");
        }
    }

    private ControlCommands() { }

    static void addTo(Monitor monitor, RunControl run) {
        monitor.add(new Control("halt", "let the machine stand still before its next access", () -> {
            if (!run.expectsDebugger()) {
                throw new MonitorException("nobody could let the machine run on; with --debug there is a port to say 'continue' at");
            }
            run.setHalted(true);
            return "halted";
        }));
        monitor.add(new Control("continue", "let the machine run on", () -> {
            run.setHalted(false);
            return "running";
        }));
    }
}
