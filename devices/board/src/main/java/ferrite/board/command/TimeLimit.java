package ferrite.board.command;

import ferrite.board.session.ExitStatus;
import ferrite.board.session.TimeLimitReached;
import ferrite.hardware.Machine;
import ferrite.hardware.turn.Strand;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Option;

/**
 * The option that limits a run by the host's time. It ends the process in any case: first the machine stops
 * before its next access; then code that does not come back loses the turn; and then the process is stopped.
 */
final class TimeLimit {

    private static final long GRACE_MILLISECONDS = 2000;
    private static final long LAST_MILLISECONDS = 10_000;
    private static final long MAX_SECONDS = 1_000_000_000;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "end after so much of the host's time, with "
            + "exit status 124, whatever the run does then")
    private Long seconds;

    /**
     * Starts the time, if there is a limit.
     *
     * @return ends it
     */
    Runnable start(Machine machine) {
        if (seconds == null) {
            return () -> { };
        }
        if (seconds < 1 || seconds > MAX_SECONDS) {
            throw new UsageException("--timeout " + seconds + ": 1 to " + MAX_SECONDS + " seconds would be right");
        }
        TimeLimitReached reached = new TimeLimitReached(seconds);
        LastWords lastWords = new LastWords("ferrite: " + reached.getMessage() + ", and the run does not end");
        Thread watch = new Thread(() -> watch(machine, reached, lastWords), "time limit");
        watch.setDaemon(true);
        watch.start();
        return watch::interrupt;
    }

    private void watch(Machine machine, TimeLimitReached reached, LastWords lastWords) {
        try {
            TimeUnit.SECONDS.sleep(seconds);
            TimeLimitReached.post(machine, reached);
            Thread.sleep(GRACE_MILLISECONDS);
            Strand stuck = machine.turn().strands().holder();
            if (stuck != null) {
                machine.turn().strands().abandon(stuck, reached);
            }
            Thread.sleep(LAST_MILLISECONDS);
            lastWords.stopProcess(ExitStatus.NOT_FINISHED);
        } catch (InterruptedException ended) {
            // The run has ended before.
        } catch (OutOfMemoryError full) {
            lastWords.stopProcess(ExitStatus.NOT_FINISHED);
        }
    }
}
