package ferrite.hardware.monitor;

import ferrite.hardware.report.Report;
import java.util.List;

/**
 * A monitor's command that is one action, without state of its own.
 *
 * @param name     as {@link MonitorCommand#name}
 * @param usage    as {@link MonitorCommand#usage}
 * @param summary  as {@link MonitorCommand#summary}
 * @param examples as {@link MonitorCommand#examples}
 * @param action   runs the command
 */
public record ActionCommand(String name, String usage, String summary, List<String> examples, Action action)
        implements MonitorCommand {

    /** The work of a command, as {@link MonitorCommand#run}. */
    @FunctionalInterface
    public interface Action {

        /** Runs with the arguments that were typed. */
        Report run(String arguments) throws MonitorException;
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        return action.run(arguments);
    }
}
