package ferrite.board;

import ferrite.hardware.report.Violation;
import ferrite.kernel.shell.CommandWatcher;
import java.io.IOException;

/** The world outside a board. Called in the middle of a run by whoever has the turn; what it does is not part of the machine. */
public interface BoardHost {

    /** The guest took a line of input, which {@link ferrite.peripherals.console.Console#input} had given this number. */
    void lineTaken(int number, String line);

    /** Is told which task is which command. Asked for when there is a kernel, and after every restore. */
    CommandWatcher commands();

    /** Bytes that a command wrote, to {@link ferrite.peripherals.console.Console#STANDARD_OUTPUT} or {@code STANDARD_ERROR}. */
    void output(int stream, byte[] bytes) throws IOException;

    /** A command ended. */
    void commandEnded(int status);

    /** The current task switches the machine off. */
    void switchedOff();

    /** A byte that left the serial line. */
    void serialOutput(int value);

    /** A line of the kernel log, with its line end. */
    void kernelLog(String line);

    /** A rule was broken. */
    void violation(Violation violation);
}
