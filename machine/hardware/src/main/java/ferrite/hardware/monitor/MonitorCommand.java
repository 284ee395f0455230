package ferrite.hardware.monitor;

import ferrite.hardware.report.Report;

/**
 * One command of the debugger's monitor. It lives beside the data that it prints, and works wherever the
 * monitor is reached: the text port, the prompt, GDB's {@code monitor}.
 *
 * <p>A command runs on the thread that holds the turn, between two accesses of the machine. It must leave the run as it
 * was: read through {@link ferrite.hardware.turn.PeekMemory}, schedule nothing, bound every walk over a list that may be corrupt.
 */
public interface MonitorCommand {

    /** The word or words that start the command, for example {@code info registers}. */
    String name();

    /** What is typed, for example {@code info registers [HART]}. */
    String usage();

    /** One line of help. */
    String summary();

    /**
     * Runs the command.
     *
     * @param arguments what was typed after the name, trimmed; for a name that takes a format, as in {@code x/8xw VA}, the
     *                  format with its slash, a blank and the rest
     * @throws MonitorException with a sentence, when the arguments make no sense
     */
    Report run(String arguments) throws MonitorException;
}
