package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.session.MachineSession;
import ferrite.board.session.Session;
import ferrite.board.web.MachinePages;
import ferrite.board.wiring.Board;
import ferrite.debugport.DebugAccess;
import ferrite.debugport.DebugPort;
import ferrite.debugport.DebugServices;
import ferrite.hardware.Machine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A machine in this JVM that waits for a debugger, with its debug port. It runs on a thread of its own. */
final class DebuggedMachine implements AutoCloseable {

    private final MachineSession session;
    private final DebugPort port;
    private final Thread thread;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();

    private DebuggedMachine(MachineSession session, boolean halted) throws IOException {
        this.session = session;
        session.machine().control().expectDebugger();
        if (halted) {
            session.machine().control().halt();
        }
        port = DebugPort.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), DebugAccess.OPEN,
                new DebugServices(session.monitor(), session.prompt(), new MachinePages(session.machine(),
                        session.monitor()), session.debugTarget(), session.machine().control()::post));
        thread = new Thread(this::run, "debugged machine");
        thread.setDaemon(true);
        thread.start();
    }

    /** Starts a program of firmware-images, halted before its first instruction. */
    static DebuggedMachine boot(String program, BoardOptions options) throws IOException {
        BoardKind board = BoardKind.VIRT;
        return of(new BareSession(options.kind(board), new GuestProgram(GuestRun.program(program, board), null, ""),
                control -> new GuestRun.Typed(""), new ByteArrayOutputStream(),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8)), true);
    }

    /** Starts the mini-kernel, which runs to a prompt at which nothing is typed. */
    static DebuggedMachine run(BoardOptions options) throws IOException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        CountDownLatch never = new CountDownLatch(1);
        Session.LineSource source = () -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return null;
        };
        return of(new Session(options, null, source, new Session.Streams(OutputStream.nullOutputStream(), nowhere,
                OutputStream.nullOutputStream(), false), violation -> ""), false);
    }

    /** Starts the mini-kernel with commands, halted, as {@code ferrite run --debug 0 --halt} does. */
    static DebuggedMachine script(BoardOptions options, String... commands) throws IOException {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        Session session = new Session(options, List.of(commands), () -> null, new Session.Streams(
                OutputStream.nullOutputStream(), nowhere, OutputStream.nullOutputStream(), false), violation -> "");
        session.machine().control().breakOnViolationIfDebugged();
        return of(session, true);
    }

    /** Waits until the mini-kernel is up. */
    void awaitPrompt() throws Exception {
        Board board = ((Session) session).board();
        while (!session.machine().control().ask(() -> board.kernel().isUp()).get(60, TimeUnit.SECONDS)) {
            Thread.sleep(10);
        }
    }

    static DebuggedMachine of(MachineSession session, boolean halted) throws IOException {
        return new DebuggedMachine(session, halted);
    }

    private void run() {
        try {
            int status = session.run();
            port.ended(status);
            ended.complete(status);
        } catch (IOException | RuntimeException | Error e) {
            ended.completeExceptionally(e);
        }
    }

    InetSocketAddress address() {
        return port.address();
    }

    Machine machine() {
        return session.machine();
    }

    /** Runs GDB with these commands, after it has connected. Returns what it prints. */
    String gdb(String... commands) throws IOException, InterruptedException {
        Tools.need("gdb-multiarch");
        List<String> line = new ArrayList<>(List.of("gdb-multiarch", "-nx", "-batch", "-ex", "set width 0",
                "-ex", "target remote 127.0.0.1:" + address().getPort()));
        for (String command : commands) {
            line.addAll(List.of("-ex", command));
        }
        Program.Ended gdb = Program.start(Path.of("."), line).end();
        return new String(gdb.bytes(), StandardCharsets.UTF_8) + gdb.err();
    }

    /** Waits for the end of the run, and returns its status. */
    int awaitEnd() throws Exception {
        return ended.get(60, TimeUnit.SECONDS);
    }

    /** Asserts that the run has not ended; if it has, says with what status or by what exception. */
    void assertRuns() {
        assertThat(ended).as("the end of the run").isNotDone();
    }

    @Override
    public void close() throws IOException {
        if (!ended.isDone()) {
            session.machine().control().post(session.machine().control()::kill);
            try {
                awaitEnd();
            } catch (Exception e) {
                throw new IOException("the machine did not end", e);
            }
        }
        port.close();
        session.close();
    }
}
