package ferrite.board.session;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.RunControl;
import ferrite.hardware.turn.Turn;
import java.util.concurrent.RejectedExecutionException;

/** The end of a run after {@code --timeout}. It is no panic, though it stops the machine as one does. */
public final class TimeLimitReached extends RuntimeException {

    private static final long serialVersionUID = 1;

    public TimeLimitReached(long seconds) {
        super("--timeout ran out after " + seconds + (seconds == 1 ? " second" : " seconds") + " of the host's time",
                null, false, false);
    }

    /** Ends the run of a machine before its next access, halted or not. Any thread may call this. */
    public static void post(Machine machine, TimeLimitReached reached) {
        Turn turn = machine.turn();
        RunControl control = machine.control();
        try {
            control.post(() -> {
                turn.fail(reached);
                control.resume();                     // the run's controller looks at the failure
            });
        } catch (RejectedExecutionException ended) {
            // The run is at its end already.
        }
    }
}
