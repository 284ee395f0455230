package ferrite.board.command;

import ferrite.board.session.ExitStatus;
import ferrite.board.stdio.Tty;
import ferrite.console.InterruptSignal;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The same {@code ferrite} command line in a second JVM, which has the debugger agent and otherwise the same options.
 * It has the streams, the terminal and the process group of this process, so both get the terminal's Ctrl-C. This
 * process only waits: the end of either is the end of both.
 */
final class OtherJvm {

    /** The variables that give a JVM more options. They are among the options of this JVM, and so on the line. */
    private static final List<String> VARIABLES = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    /** A wait that may be interrupted. */
    @FunctionalInterface
    interface Wait {
        void await() throws InterruptedException;
    }

    private final List<String> command = new ArrayList<>();

    OtherJvm(JdwpAgent agent, List<String> arguments) {
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of(agent.jvmOption(), "-cp", System.getProperty("java.class.path"),
                Ferrite.class.getName()));
        command.addAll(arguments);
    }

    /**
     * Runs the command line to its end, and returns its exit status.
     *
     * @param ready     returns when a debugger can attach; null if the other JVM tells it
     * @param onceReady is run after that
     */
    int run(Wait ready, Runnable onceReady) throws IOException {
        AtomicBoolean interrupted = new AtomicBoolean();
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        VARIABLES.forEach(builder.environment()::remove);
        boolean hasTerminal = Tty.isStandardInput();
        AtomicReference<Process> started = new AtomicReference<>();
        // A handler, which the other JVM does not inherit. It would inherit an ignored signal.
        InterruptSignal.handle(() -> {
            Process target = started.get();
            if (!hasTerminal && target != null) {     // the signal may have been sent to this process alone
                interrupted.set(true);
                target.destroy();
            }
        });
        Process other = builder.start();
        started.set(other);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(other), "other JVM"));
        try {
            if (ready != null) {
                ready.await();
                onceReady.run();
            }
            int status = other.waitFor();
            return interrupted.get() ? ExitStatus.LEFT : status;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end(other);
            throw new IOException("interrupted", e);
        }
    }

    private static void end(Process other) {
        other.destroy();
        try {
            other.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
