package ferrite.board.command;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.module.ModuleFinder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import picocli.CommandLine.Option;

/** The option of the JVM's own debugger, for the Java lines of a driver. */
final class JdwpOptions {

    private static final String LINE = "jdwp port ";

    @Option(names = "--jdwp", arity = "0..1", fallbackValue = "0", paramLabel = "PORT",
            description = "opens a port of this host for a Java debugger (jdb, IntelliJ, VS Code, Eclipse), which "
                    + "stops at Java lines of drivers; without PORT, or with 0, a free one. With --halt, and no "
                    + "--debug, the machine starts when the debugger has attached")
    private String port;

    boolean isGiven() {
        return port != null;
    }

    /**
     * Runs the command line in a JVM that has the agent, if it is wanted and this JVM has none. Otherwise tells the
     * agent's address.
     *
     * @param arguments        all words after {@code ferrite}
     * @param waitsForDebugger whether the machine starts when the debugger has attached
     * @return the exit status of the other JVM; null if the command continues in this one
     */
    Integer runElsewhere(List<String> arguments, boolean waitsForDebugger, PrintStream err) throws IOException {
        if (port == null) {
            return null;
        }
        int number = number();
        JdwpAgent loaded = JdwpAgent.loaded();
        if (loaded == null) {
            requireAgent();
            int free = requireFree(number);
            return new OtherJvm(JdwpAgent.server(free, waitsForDebugger), arguments).run(
                    waitsForDebugger ? () -> ListeningPorts.await(free) : null,
                    () -> err.println(LINE + "127.0.0.1:" + free));
        }
        if (waitsForDebugger && !loaded.waitsForDebugger()) {
            throw new UsageException("--halt: this JVM was started with a debugger agent that does not wait "
                    + "(suspend=n); suspend=y would be right, or --debug for a machine that waits for 'continue'");
        }
        if (!loaded.waitsForDebugger() && loaded.address() != null) {
            err.println(LINE + loaded.address());
        }
        return null;
    }

    private int number() {
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new UsageException("--jdwp " + port + ": a port from 0 (any that is free) to 65535 is expected; "
                    + "it is opened on the loopback interface only");
        }
        return Integer.parseInt(port);
    }

    private static void requireAgent() {
        if (ModuleFinder.ofSystem().find("jdk.jdwp.agent").isEmpty()) {
            throw new UsageException("--jdwp: this Java has no debugger agent (module jdk.jdwp.agent); a JDK has it");
        }
    }

    /** Returns the port, or a free one for 0. The agent itself opens it a moment later. */
    private static int requireFree(int port) {
        try (ServerSocket trial = new ServerSocket()) {
            trial.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
            return trial.getLocalPort();
        } catch (IOException e) {
            throw new UsageException("--jdwp " + port + ": the port cannot be opened at 127.0.0.1 (" + e.getMessage()
                    + "); give another port, or 0 for a free one");
        }
    }
}
