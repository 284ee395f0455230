package ferrite.console;

import org.jline.utils.Signals;

/** The signal of Ctrl-C, for a process that opens no prompt. */
public final class InterruptSignal {

    private InterruptSignal() { }

    /**
     * Runs an action at each interrupt signal, on a thread of its own, instead of ending the process. A child process
     * does not inherit this: it starts with the default.
     */
    public static void handle(Runnable action) {
        Signals.register("INT", action);
    }
}
