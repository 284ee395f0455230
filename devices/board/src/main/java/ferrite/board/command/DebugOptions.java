package ferrite.board.command;

import java.net.InetSocketAddress;
import picocli.CommandLine.Option;

/** Where a debugger may come in: the options that a machine of either kind has. */
final class DebugOptions {

    @Option(names = "--debug", paramLabel = "[HOST:]PORT", description = "opens the debug port; 0 takes a free one")
    private String debug;

    @Option(names = "--token", paramLabel = "T", description = "what a client of the debug port has to say first")
    private String token;

    @Option(names = "--halt", description = "do not start until the debugger says continue")
    private boolean halt;

    /**
     * Where the debug port is to be, or null without one.
     *
     * @throws UsageException when the options do not go together
     */
    InetSocketAddress address() {
        if (halt && debug == null) {
            throw new UsageException("--halt needs --debug, where somebody can say continue");
        }
        if (token != null && debug == null) {
            throw new UsageException("--token needs --debug, whose clients have to say it");
        }
        return debug == null ? null : DebugAddress.parse(debug, token);
    }

    /** May be null. */
    String token() {
        return token;
    }

    /** Whether the machine stands still until a debugger says otherwise. */
    boolean halts() {
        return halt;
    }
}
