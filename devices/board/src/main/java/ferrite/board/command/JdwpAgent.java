package ferrite.board.command;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The debugger agent of a JVM (JDWP). A JVM loads it at its start or never, so a JVM without it has to start another
 * one.
 *
 * @param options the agent's options, as in {@code transport=dt_socket,server=y,address=127.0.0.1:5005}
 */
record JdwpAgent(String options) {

    private static final Pattern LOADED = Pattern.compile(
            "-(?:agentlib:jdwp=|agentpath:[^=]*jdwp[^=]*=|Xrunjdwp:)(.*)");
    private static final Pattern ADDRESS = Pattern.compile("(?:^|,)address=([^,]*)");

    /** Returns the agent of a server on the loopback interface that prints nothing. */
    static JdwpAgent server(int port, boolean waitsForDebugger) {
        return new JdwpAgent("transport=dt_socket,server=y,suspend=" + (waitsForDebugger ? "y" : "n")
                + ",address=127.0.0.1:" + port + ",quiet=y");
    }

    /** Returns the agent that this JVM was started with, or null. */
    static JdwpAgent loaded() {
        return in(ManagementFactory.getRuntimeMXBean().getInputArguments());
    }

    /** Returns the agent among the options of a JVM, or null. */
    static JdwpAgent in(List<String> jvmOptions) {
        return jvmOptions.stream().map(LOADED::matcher).filter(Matcher::matches)
                .map(matcher -> new JdwpAgent(matcher.group(1))).findFirst().orElse(null);
    }

    /** Returns the option of {@code java} that loads this agent. */
    String jvmOption() {
        return "-agentlib:jdwp=" + options;
    }

    /** Tells whether the JVM runs no program before a debugger has attached. That is the agent's default. */
    boolean waitsForDebugger() {
        return !(',' + options + ',').contains(",suspend=n,");
    }

    /** Returns the address at which the agent listens; null if it calls the debugger, or has chosen the port itself. */
    String address() {
        Matcher address = ADDRESS.matcher(options);
        boolean isServer = (',' + options + ',').contains(",server=y,");
        return isServer && address.find() && !address.group(1).matches("(.*:)?0?") ? address.group(1) : null;
    }
}
