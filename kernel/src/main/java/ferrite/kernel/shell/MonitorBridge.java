package ferrite.kernel.shell;

import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.ReportText;

/** Runs a debugger's command for the shell: looking costs the machine nothing, printing what was seen does. */
final class MonitorBridge {

    private MonitorBridge() { }

    static int run(CommandContext context, String line) {
        try {
            context.out(ReportText.of(context.monitor().execute(line)));
            return 0;
        } catch (MonitorException e) {
            return context.fail(e.getMessage());
        }
    }
}
