package ferrite.board.command;

import ferrite.board.session.ExitStatus;
import java.io.PrintStream;
import java.util.concurrent.RejectedExecutionException;

/**
 * Ctrl-C at the prompt while a command runs. It reaches the machine as its console's interrupt key, and the rest of the
 * line is dropped. If a command does not end after the second time, a hint is printed. The third time ends the process,
 * as does the first time after the end of input.
 */
final class InterruptKey {

    private final Runnable key;
    private final CommandLines lines;
    private final PrintStream err;
    private final boolean canRedraw;
    private long command;
    private int times;

    /**
     * @param key presses the key of the machine's console; throws RejectedExecutionException when the machine's run has
     *            ended
     */
    InterruptKey(Runnable key, CommandLines lines, PrintStream err, boolean canRedraw) {
        this.key = key;
        this.lines = lines;
        this.err = err;
        this.canRedraw = canRedraw;
    }

    /** Handles the key. The terminal has echoed it, perhaps at the end of a progress bar. */
    synchronized void pressed() {
        err.print(canRedraw ? "\r\u001b[K^C\n" : "\n");
        times = command == lines.given() ? times + 1 : 1;
        command = lines.given();
        if (lines.hasEnded() || times > 2) {
            System.exit(ExitStatus.LEFT);
        }
        lines.dropRest();
        try {
            key.run();
        } catch (RejectedExecutionException ended) {
            return;                                    // the machine is being switched off
        }
        if (times == 2) {
            err.println("the command has not ended yet; Ctrl-C once more ends ferrite");
        }
    }
}
