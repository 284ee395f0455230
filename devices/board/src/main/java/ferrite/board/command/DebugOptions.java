package ferrite.board.command;

import ferrite.board.session.MachineSession;
import ferrite.board.web.MachinePages;
import ferrite.debugport.DebugAccess;
import ferrite.debugport.DebugPort;
import ferrite.debugport.DebugServices;
import ferrite.debugport.ServerTls;
import ferrite.hardware.turn.RunControl;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options about the debug port, for a machine of either kind. */
final class DebugOptions {

    @Option(names = "--debug", paramLabel = "[HOST:]PORT", description = "opens the debug port; 0 takes a free one")
    private String debug;

    @Option(names = "--token", paramLabel = "T",
            description = "the token that a client of the debug port has to name first")
    private String token;

    @Option(names = "--debug-gdb-open",
            description = "serves GDB, which cannot name a token, without one, although other hosts may reach the port")
    private boolean gdbOpen;

    @Option(names = "--debug-tls", paramLabel = "CERT,KEY",
            description = "all clients of the debug port speak TLS: PEM files with the port's certificate, followed by "
                    + "those of its authorities, and with its key in PKCS#8")
    private String tls;

    @Option(names = "--halt", description = "do not start until the debugger says continue")
    private boolean halt;

    /** Tells whether the machine waits for a debugger before it starts. */
    boolean halt() {
        return halt;
    }

    /**
     * Returns the address of the debug port; null without one.
     *
     * @param jdwp whether the JVM has a debugger of its own, for which {@code --halt} can wait
     * @throws UsageException when the options contradict each other
     */
    InetSocketAddress address(boolean jdwp) {
        if (halt && debug == null && !jdwp) {
            throw new UsageException(
                    "--halt needs --debug: a halted machine needs a debug port at which 'continue' can be typed");
        }
        if (token != null && debug == null) {
            throw new UsageException("--token needs --debug, whose clients have to name it");
        }
        if (gdbOpen && token == null) {
            throw new UsageException("--debug-gdb-open needs --token: without one, GDB is served anyway");
        }
        if (tls != null && debug == null) {
            throw new UsageException("--debug-tls needs --debug, whose clients speak TLS then");
        }
        if (tls != null && tls.split(",", -1).length != 2) {
            throw new UsageException("--debug-tls " + tls + ": CERT.pem,KEY.pem is expected, two files with a comma "
                    + "between their names");
        }
        return debug == null ? null : DebugAddress.parse(debug, token);
    }

    /**
     * Runs a session to its end, with the debug port open meanwhile.
     *
     * @param address the port's, as {@link #address} returned it
     */
    int run(MachineSession session, InetSocketAddress address, PrintStream err) throws IOException {
        RunControl control = session.machine().control();
        if (address == null) {
            return session.run();
        }
        if (halt) {
            control.breakOnViolationIfDebugged();
            control.halt();
        }
        DebugAccess access = new DebugAccess(token, gdbOpen, serverTls());
        control.expectDebugger();
        DebugServices services = new DebugServices(session.monitor(), session.prompt(),
                new MachinePages(session.machine(), session.monitor()), session.debugTarget(), control::post);
        try (DebugPort port = DebugPort.open(address, access, services)) {
            err.println("debug port " + DebugAddress.text(port.address()));
            int status = session.run();
            port.ended(status);
            return status;
        }
    }

    private ServerTls serverTls() throws InputException {
        if (tls == null) {
            return null;
        }
        String[] files = tls.split(",", -1);
        try {
            return ServerTls.read(Path.of(files[0]), Path.of(files[1]));
        } catch (InvalidPathException e) {
            throw new UsageException("--debug-tls " + tls + ": that is no path of this host");
        } catch (IOException e) {
            throw new InputException("--debug-tls: " + e.getMessage());
        }
    }
}
