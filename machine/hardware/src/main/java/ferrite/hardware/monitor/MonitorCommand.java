package ferrite.hardware.monitor;

import ferrite.hardware.report.Report;
import java.util.List;

/**
 * One command of the debugger's monitor. It lives beside the data that it prints. It works in every front end of the
 * monitor: the text port, the prompt and GDB's {@code monitor}.
 *
 * <p>A command runs on the thread that holds the turn, between two accesses of the machine. It must not change the run:
 * it reads through {@link ferrite.hardware.turn.PeekMemory}, schedules nothing, and bounds every walk over a list that
 * may be corrupt.
 */
public interface MonitorCommand {

    /** Returns the words that start the command, such as {@code info registers}. */
    String name();

    /** Returns the form of the typed command, such as {@code info registers [HART]}. */
    String usage();

    /** Returns one line of help. */
    String summary();

    /** Returns typed lines that show the command's use. A command without arguments is its own example. */
    default List<String> examples() {
        return usage().equals(name()) ? List.of(name()) : List.of();
    }

    /**
     * Returns the effect of the command.
     *
     * @param arguments as for {@link #run}
     */
    default Effect effect(String arguments) {
        return Effect.LOOKS;
    }

    /**
     * Runs the command.
     *
     * @param arguments the text after the name, trimmed; for a name with a format, as in {@code x/8xw VA}, the
     *                  format with its slash, a blank and the rest
     * @throws MonitorException if the arguments are invalid, with a sentence
     */
    Report run(String arguments) throws MonitorException;
}
