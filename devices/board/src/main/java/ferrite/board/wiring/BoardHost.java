package ferrite.board.wiring;

import ferrite.hardware.report.Violation;
import ferrite.kernel.shell.CommandWatcher;
import java.io.IOException;

/** The host's side of a board. The thread that holds the turn calls it; nothing that it does is part of the machine. */
public interface BoardHost {

    /**
     * The guest took the line of input with this number, which {@link ferrite.peripherals.console.Console#input} had
     * returned.
     */
    void lineTaken(int number, String line);

    /**
     * Returns the watcher that is told which task runs which command. Called when there is a kernel, and after every
     * restore.
     */
    CommandWatcher commands();

    /**
     * Takes bytes that a command wrote, to {@link ferrite.peripherals.console.Console#STANDARD_OUTPUT} or
     * {@code STANDARD_ERROR}.
     */
    void output(int stream, byte[] bytes) throws IOException;

    /** A command ended: the one that this task ran, or with task 0 the last line. */
    void commandEnded(int pid, int status);

    /** The current task switches the machine off. */
    void switchedOff();

    /** Takes a byte that left the serial line. */
    void serialOutput(int value);

    /** Takes a line of the kernel log, with its line end. */
    void kernelLog(String line);

    /** A rule was broken. */
    void violation(Violation violation);
}
