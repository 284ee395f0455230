package ferrite.kernel.shell;

import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.ReportText;

/** Runs a debugger's command for the shell: looking costs the machine nothing, printing what was seen does. */
final class MonitorBridge {

    private MonitorBridge() { }

    static int run(CommandContext context, String line) {
        return run(context, line, true);
    }

    /** As {@link #run}, when the text is only part of what the command prints. */
    static int print(CommandContext context, String line) {
        return run(context, line, false);
    }

    private static int run(CommandContext context, String line, boolean isAll) {
        try {
            Report report = context.monitor().execute(line);
            if (isAll) {
                context.show(() -> report);
            }
            context.out(ReportText.of(report));
            return 0;
        } catch (MonitorException e) {
            return context.fail(e.getMessage());
        }
    }
}
