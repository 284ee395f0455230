package ferrite.kernel.shell;

import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.ReportText;

/** Runs a debugger command for the shell. The command itself takes no time of the machine; printing its output does. */
final class MonitorBridge {

    private MonitorBridge() { }

    static int run(CommandContext context, String line) {
        return run(context, line, true);
    }

    /** Runs a debugger command and prints its text as a part of the shell command's output. */
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
