package ferrite.board.command;

import ferrite.board.options.BoardOptions;
import ferrite.board.session.ExitStatus;
import ferrite.board.session.Standstill;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;

/**
 * A watch over the building of a machine by the host's time, in which models of devices declare themselves. If one does
 * not return, the process is stopped with a sentence. {@link HostWatchdog} watches the run that follows.
 */
final class BuildWatchdog {

    private final Thread builder = Thread.currentThread();
    private final long seconds;
    private final PrintStream err;
    private final Thread thread = new Thread(this::watch, "build watchdog");

    private BuildWatchdog(long seconds, PrintStream err) {
        this.seconds = seconds;
        this.err = err;
    }

    /**
     * Builds a machine, and watches the calling thread meanwhile, if the machine has devices of users. While a Java
     * debugger may be at a breakpoint, it only guards against the end of the process.
     */
    static <T> T watch(BoardOptions options, PrintStream err, ExitGuard.Building<T> building) throws IOException {
        return options.devices().isEmpty() ? building.build()
                : ExitGuard.whileBuilding(err, () -> watchTime(options, err, building));
    }

    private static <T> T watchTime(BoardOptions options, PrintStream err, ExitGuard.Building<T> building)
            throws IOException {
        BuildWatchdog watchdog = new BuildWatchdog(options.watchdogSeconds(), err);
        if (watchdog.seconds == 0 || JdwpAgent.loaded() != null) {
            return building.build();
        }
        watchdog.thread.setDaemon(true);
        watchdog.thread.start();
        try {
            return building.build();
        } finally {
            watchdog.thread.interrupt();
        }
    }

    private void watch() {
        StackTraceElement[] stack = {};
        try {
            while (!Standstill.isInModel(stack)) {
                TimeUnit.SECONDS.sleep(seconds);
                stack = builder.getStackTrace();
            }
        } catch (InterruptedException e) {
            return;                                    // the machine is built
        }
        Standstill standstill = Standstill.ofController(stack, "the machine has not been built in "
                + seconds + (seconds == 1 ? " second" : " seconds") + " of the host's time, in which the code is",
                "the model of a device does not return (--watchdog sets the time)");
        err.println(standstill.getMessage());
        standstill.frames().forEach(err::println);
        err.flush();
        Runtime.getRuntime().halt(ExitStatus.PANIC);
    }
}
