package ferrite.board.command;

import ferrite.board.session.ExitStatus;
import ferrite.board.session.Standstill;
import ferrite.hardware.Machine;
import ferrite.hardware.turn.Strand;
import ferrite.hardware.turn.Strands;
import ferrite.hardware.turn.Turn;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A watch over a run by the host's time. It ends a run in which a driver loops without an access or waits on the
 * host, because nothing inside the machine can. It changes no run otherwise.
 *
 * <p>Time counts while a run is under way and its clock stands still: not while a debugger halts the machine, while it
 * waits for a line or for a person's time, or while no driver keeps the turn ({@link Standstill#isOurWait}). Each look
 * adds its own length only, so the suspension of the process adds no more than that.
 *
 * <p>The model of a device may keep the controlling thread, which runs machine code too. Then the process is stopped.
 *
 * <p>A run that has failed must end soon. Otherwise its code loses the turn, and then the process is stopped. So is one
 * with a heap that stays full: a signal could not end it, because the JVM makes a thread to handle one.
 */
final class HostWatchdog {

    private static final int MIN_LOOKS = 20;
    private static final int MAX_LOOK_MILLISECONDS = 1000;
    private static final int GRACE_MILLISECONDS = 10_000;
    /** Time for which a heap may be full: a driver that fills it is ended, and its memory is free again. */
    private static final int MAX_FULL_MILLISECONDS = 5000;
    private static final int PROBE_BYTES = 1 << 16;

    private final Turn turn;
    private final Strands strands;
    private final long seconds;
    private final long lookMilliseconds;
    /** Made beforehand, because the heap may be full. */
    private final LastWords lastWords = new LastWords("ferrite: the run does not end, because of its code or of a full "
            + "heap, so the process is stopped");
    private final Thread thread = new Thread(this::watch, "watchdog");
    private volatile boolean ended;
    private long lastProgress;
    private Strand lastHolder;
    private long stillMilliseconds;
    private long failedMilliseconds;
    /** The host's nanoseconds when the heap was found full; 0 if it is not. */
    private long fullSince;
    /** Written only so that the allocation is not left out. */
    private volatile byte[] probe;

    private HostWatchdog(Turn turn, long seconds) {
        this.turn = turn;
        this.strands = turn.strands();
        this.seconds = seconds;
        this.lookMilliseconds = seconds == 0 ? MAX_LOOK_MILLISECONDS
                : Math.min(MAX_LOOK_MILLISECONDS, TimeUnit.SECONDS.toMillis(seconds) / MIN_LOOKS);
    }

    /**
     * Watches a machine until {@link #end}.
     *
     * @param seconds of the host's time without progress; 0 watches only for the end of a failed run
     */
    static HostWatchdog watch(Machine machine, long seconds) {
        HostWatchdog watchdog = new HostWatchdog(machine.turn(), seconds);
        watchdog.thread.setDaemon(true);
        watchdog.thread.start();
        return watchdog;
    }

    private void watch() {
        while (!ended) {
            try {
                Thread.sleep(lookMilliseconds);
                probe = new byte[PROBE_BYTES];
                look();
                fullSince = 0;
            } catch (InterruptedException e) {
                // the watch has ended
            } catch (OutOfMemoryError full) {
                fullSince = fullSince == 0 ? System.nanoTime() : fullSince;
                if (System.nanoTime() - fullSince > TimeUnit.MILLISECONDS.toNanos(MAX_FULL_MILLISECONDS)) {
                    LastWords.FULL_HEAP.stopProcess(ExitStatus.PANIC);
                }
            }
        }
    }

    private void look() {
        failedMilliseconds = turn.hasFailed() && strands.shouldProgress() ? failedMilliseconds + lookMilliseconds : 0;
        stillMilliseconds = isStill() ? stillMilliseconds + lookMilliseconds : 0;
        if (failedMilliseconds > 2 * GRACE_MILLISECONDS) {
            lastWords.stopProcess(ExitStatus.PANIC);
        }
        if (failedMilliseconds > GRACE_MILLISECONDS
                || seconds != 0 && stillMilliseconds > TimeUnit.SECONDS.toMillis(seconds)) {
            expire();
        }
    }

    private boolean isStill() {
        long progress = strands.progress();
        Strand holder = strands.holder();
        boolean isStill = strands.shouldProgress() && progress == lastProgress && holder == lastHolder;
        lastProgress = progress;
        lastHolder = holder;
        return isStill;
    }

    private void expire() {
        Strand stuck = strands.holder();
        StackTraceElement[] stack = stuck == null ? strands.controllerStack() : stuck.stack();
        if (Standstill.isOurWait(stack) || stuck == null && !Standstill.isInModel(stack)) {
            return;                                    // the next look asks again
        }
        String mistake = "nothing has happened for " + seconds + (seconds == 1 ? " second" : " seconds")
                + " of the host's time";
        String remedy = "the code loops without an access to the machine, or waits on the host (a lock, Thread.sleep); "
                + (Standstill.isInModel(stack) ? "the model of a device waits with a timed event"
                : "a driver waits with msleep, wait_event or wait_for_completion");
        if (stuck == null) {
            stopProcess(Standstill.ofController(stack, mistake, remedy));
        } else {
            strands.abandon(stuck, Standstill.of(stuck, mistake, remedy + " (--watchdog sets the time)"));
        }
    }

    /** Ends the process, because a model keeps the thread that could end the run. */
    private void stopProcess(Standstill standstill) {
        lastWords.say(Stream.concat(Stream.of(standstill.getMessage()), standstill.frames().stream())
                .collect(Collectors.joining("\n")));
        lastWords.stopProcess(ExitStatus.PANIC);
    }

    /** Ends the watch. */
    void end() {
        ended = true;
        thread.interrupt();
    }
}
