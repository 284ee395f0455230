package ferrite.hardware.monitor;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.RunControl;
import java.util.List;

/** The monitor's commands that halt the machine and let it run on. */
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

    static List<MonitorCommand> all(RunControl control) {
        return List.of(new Control("halt", "halt the machine before its next access", () -> halt(control)),
                new Control("continue", "let a halted machine run on", () -> resume(control)));
    }

    private static String halt(RunControl control) throws MonitorException {
        if (!control.isDebuggerExpected()) {
            throw new MonitorException(
                    "a halted machine needs a debug port at which 'continue' can be typed; start it with --debug");
        }
        control.halt();
        return "halted";
    }

    private static String resume(RunControl control) {
        control.resume();
        return "running";
    }
}
