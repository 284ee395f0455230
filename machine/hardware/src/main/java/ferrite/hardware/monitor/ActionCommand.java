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
 * @param effect   as {@link MonitorCommand#effect}
 */
public record ActionCommand(String name, String usage, String summary, List<String> examples, Action action,
        Effect effect) implements MonitorCommand {

    /** A command that only looks. */
    public ActionCommand(String name, String usage, String summary, List<String> examples, Action action) {
        this(name, usage, summary, examples, action, Effect.LOOKS);
    }

    /** Returns the same command with an effect. */
    public ActionCommand with(Effect newEffect) {
        return new ActionCommand(name, usage, summary, examples, action, newEffect);
    }

    /** The work of a command, as {@link MonitorCommand#run}. */
    @FunctionalInterface
    public interface Action {

        /** Runs with the arguments that were typed. */
        Report run(String arguments) throws MonitorException;
    }

    @Override
    public Effect effect(String arguments) {
        return effect;
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        return action.run(arguments);
    }
}
