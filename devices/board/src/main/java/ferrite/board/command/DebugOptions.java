package ferrite.board.command;

import ferrite.board.session.MachineSession;
import ferrite.board.web.MachinePages;
import ferrite.debugport.DebugAccess;
import ferrite.debugport.DebugPort;
import ferrite.debugport.DebugServices;
import ferrite.debugport.ServerTls;
import ferrite.debugport.SocketTable;
import ferrite.hardware.turn.ExposedCsrs;
import ferrite.hardware.turn.RunControl;
import ferrite.hardware.turn.Turn;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.RejectedExecutionException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options about the debug port, for a machine of either kind. */
final class DebugOptions {

    @Option(names = "--debug", paramLabel = "[HOST:]PORT", description = "opens the debug port; 0 takes a free one")
    private String debug;

    @Mixin
    private TokenOptions token = new TokenOptions();

    @Option(names = "--debug-open", description = "lets each program of this host, of any user, do everything at the "
            + "debug port without a token, loading drivers too")
    private boolean open;

    @Option(names = "--debug-gdb-open",
            description = "serves GDB, which cannot name a token, without one, although other hosts may reach the port")
    private boolean gdbOpen;

    @Option(names = "--debug-tls", paramLabel = "CERT,KEY",
            description = "all clients of the debug port speak TLS: PEM files with the port's certificate, followed by "
                    + "those of its authorities, and with its key in PKCS#8")
    private String tls;

    @Option(names = "--debug-expose-csrs", paramLabel = "N[-M|=NAME],...",
            description = "has GDB list these CSRs although the harts lack them, so that reading one is an error and "
                    + "not an empty value; the monitor's 'riscv expose_csrs' does the same")
    private String exposedCsrs;

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
    InetSocketAddress address(boolean jdwp) throws InputException {
        if (halt && debug == null && !jdwp) {
            throw new UsageException(
                    "--halt needs --debug: a halted machine needs a debug port at which 'continue' can be typed");
        }
        if (token.isGiven() && debug == null) {
            throw new UsageException(token.option() + " needs --debug, whose clients have to name it");
        }
        if (open && debug == null) {
            throw new UsageException("--debug-open needs --debug, whose clients need no token then");
        }
        if (open && (token.isGiven() || gdbOpen)) {
            throw new UsageException("--debug-open: clients need no token then, so "
                    + (gdbOpen ? "--debug-gdb-open" : token.option()) + " has no meaning");
        }
        if (gdbOpen && token() == null) {
            throw new UsageException("--debug-gdb-open needs --token: without one, GDB is served anyway");
        }
        if (tls != null && debug == null) {
            throw new UsageException("--debug-tls needs --debug, whose clients speak TLS then");
        }
        if (tls != null && tls.split(",", -1).length != 2) {
            throw new UsageException("--debug-tls " + tls + ": CERT.pem,KEY.pem is expected, two files with a comma "
                    + "between their names");
        }
        if (exposedCsrs != null) {
            requireCsrs();
        }
        return debug == null ? null : DebugAddress.parse(debug, token());
    }

    private void requireCsrs() throws UsageException {
        if (debug == null) {
            throw new UsageException("--debug-expose-csrs needs --debug, at which GDB reads the list of registers");
        }
        try {
            ExposedCsrs.parse(exposedCsrs);
        } catch (IllegalArgumentException noList) {
            throw new UsageException("--debug-expose-csrs: " + noList.getMessage());
        }
    }

    /** Returns the token that all clients have to name; null if there is none. */
    private String token() throws InputException {
        return token.isGiven() ? token.given() : open ? null : token.ofEnvironment();
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
        if (exposedCsrs != null) {
            control.exposedCsrs().add(exposedCsrs);
        }
        DebugAccess access = access();
        control.expectDebugger();
        DebugServices services = new DebugServices(session.monitor(), session.prompt(),
                new MachinePages(session.machine(), session.monitor()), session.debugTarget(), control::post);
        try (DebugPort port = DebugPort.open(address, access, services)) {
            port.onDeath(() -> failWithPort(control, session.machine().turn()));
            Runnable remove = leaveToken(access, port.address(), err);
            err.println("debug port " + DebugAddress.text(port.address()));
            int status = session.run();
            remove.run();                             // before another machine can take the port
            port.ended(status);
            return status;
        }
    }

    /** Ends the run after the death of the port's thread. A halted machine has no other way to its end. */
    private static void failWithPort(RunControl control, Turn turn) {
        try {
            control.post(() -> {
                turn.fail(new IllegalStateException("the debug port's thread has died, perhaps because the host's "
                        + "Java heap is full"));
                control.resume();
            });
        } catch (RejectedExecutionException ended) {
            // The run is over.
        }
    }

    private DebugAccess access() throws InputException {
        return open || token() != null ? new DebugAccess(token(), gdbOpen, serverTls(), SocketTable.ofHost())
                : DebugAccess.guarded(TokenFile.newToken(), serverTls(), SocketTable.ofHost());
    }

    /** Leaves a token that was made at random to the clients of this user. Returns an action that removes it. */
    private static Runnable leaveToken(DebugAccess access, InetSocketAddress port, PrintStream err) {
        TokenFile.Places places = TokenFile.Places.ofUser();
        TokenFile.forget(places, port);
        if (!access.guarded()) {
            return () -> { };
        }
        try {
            return TokenFile.write(places, port, access.token())::remove;
        } catch (IOException e) {
            err.println("debug port: no token for 'ferrite attach' is left, so it can only look: " + e.getMessage()
                    + "; --token-file FILE gives a token");
            return () -> { };
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
