package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.front.ViolationText;
import ferrite.board.options.BoardOptions;
import ferrite.debugport.AttachClient;
import ferrite.debugport.DebugAccess;
import ferrite.debugport.DebugPort;
import ferrite.debugport.DebugServices;
import ferrite.debugport.LocalClients;
import ferrite.hardware.Machine;
import ferrite.hardware.turn.Turn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** A run with a debug port, as of {@code ferrite run --debug 0}, on a thread of its own, with clients. */
final class AttachedMachine implements AutoCloseable {

    static final int SECONDS = 30;
    private static final String END = new String("end of input");

    private static final String TOKEN = "s3cret";

    final Session session;
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final BlockingQueue<String> typed = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> status = new CompletableFuture<>();
    private final DebugPort port;
    private final Thread thread;
    private volatile boolean clientsAreOwn;

    /** @param script null if lines come from {@link #type} */
    AttachedMachine(BoardOptions options, List<String> script, boolean halted) throws IOException {
        session = new Session(options, script, this::line,
                new Session.Streams(out, new PrintStream(err, true, StandardCharsets.UTF_8),
                        OutputStream.nullOutputStream(), false), new ViolationText("(this test)")::of);
        session.board().machine().control().expectDebugger();
        if (halted) {
            session.board().machine().control().halt();
        }
        port = DebugPort.open(new InetSocketAddress("127.0.0.1", 0), DebugAccess.guarded(TOKEN, null,
                (client, here) -> clientsAreOwn ? LocalClients.User.OWN : LocalClients.User.OTHER), new DebugServices(
                session.board().monitor(), session.prompt(), null, null,
                session.board().machine().turn().posts()::add));
        thread = new Thread(this::run, "machine");
        thread.setDaemon(true);
    }

    static AttachedMachine atAPrompt(BoardOptions options) throws IOException {
        return new AttachedMachine(options, null, false).start();
    }

    AttachedMachine start() {
        thread.start();
        return this;
    }

    private void run() {
        try {
            status.complete(session.run());
        } catch (Throwable e) {
            status.completeExceptionally(e);
        } finally {
            port.close();
        }
    }

    private String line() throws IOException {
        try {
            String line = typed.take();
            return line == END ? null : line;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Types at the local prompt. */
    AttachedMachine type(String... lines) {
        typed.addAll(List.of(lines));
        return this;
    }

    /** Ends the input of the local prompt, and waits for the end of the run. Returns its exit status. */
    int end() throws Exception {
        typed.add(END);
        return await();
    }

    /** Waits for the end of the run. Returns its exit status. */
    int await() throws Exception {
        int result = status.get(SECONDS, TimeUnit.SECONDS);
        thread.join(TimeUnit.SECONDS.toMillis(SECONDS));
        return result;
    }

    Machine.Digest digest() {
        return session.board().machine().digest();
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Attaches a client that does not name the token. */
    Attached attachWithoutToken(boolean isOwn) throws IOException {
        clientsAreOwn = isOwn;
        return new Attached(AttachClient.connect(port.address(), null));
    }

    Attached attach() throws IOException {
        try {
            return new Attached(AttachClient.connect(port.address(), TOKEN));
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; the run: " + status + ", which said: " + err, e);
        }
    }

    @Override
    public void close() throws IOException {
        typed.add(END);
        try {
            session.board().machine().turn().posts()
                    .add(() -> session.board().machine().turn().stop(Turn.Stop.POWERED_OFF));
        } catch (RejectedExecutionException ended) {
            // the run is over, as intended
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        port.close();
        session.close();
    }

    /** A client that keeps everything it is told. */
    static final class Attached implements AttachClient.Listener, AutoCloseable {

        private final AttachClient client;
        private final StringBuilder out = new StringBuilder();
        private final StringBuilder err = new StringBuilder();
        private final StringBuilder violations = new StringBuilder();
        private final BlockingQueue<String> frames = new LinkedBlockingQueue<>();
        private int number;

        Attached(AttachClient client) {
            this.client = client;
            Thread listener = new Thread(this::listen, "client");
            listener.setDaemon(true);
            listener.start();
        }

        private void listen() {
            try (client) {
                client.listen(this);
            } catch (IOException e) {
                frames.add("lost: " + e.getMessage());
            }
        }

        /**
         * Runs a line and waits until it has ended or is in the background. Returns its status, or -1 for the
         * background.
         */
        int run(String line) throws Exception {
            send(line);
            String frame = next();
            if (frame.equals("background " + number)) {
                return -1;
            }
            assertThat(frame).startsWith("end " + number + " ");
            return Integer.parseInt(frame.substring(frame.lastIndexOf(' ') + 1));
        }

        /** Tells whether a frame ends the line that was sent last: only then may the next one be sent. */
        boolean endsLast(String frame) {
            return frame.startsWith("end " + number + " ");
        }

        /** Sends a line. If the connection is over already, bye is among the frames. */
        Attached send(String line) {
            try {
                client.run(++number, line);
            } catch (IOException over) {
                assertThat(over.getMessage()).containsAnyOf("closed", "reset", "Broken pipe");
            }
            return this;
        }

        Attached interrupt() {
            try {
                client.interrupt();
            } catch (IOException over) {
                assertThat(over.getMessage()).containsAnyOf("closed", "reset", "Broken pipe");
            }
            return this;
        }

        /** Returns the next frame that is no output: background, end, bye or lost. */
        String next() throws InterruptedException {
            String frame = frames.poll(SECONDS, TimeUnit.SECONDS);
            assertThat(frame).as("a frame within %d seconds", SECONDS).isNotNull();
            return frame;
        }

        boolean hasFrame() {
            return !frames.isEmpty();
        }

        String quit() throws Exception {
            client.quit();
            return next();
        }

        /** Returns the standard output since the last call. */
        synchronized String out() {
            return take(out);
        }

        synchronized String err() {
            return take(err);
        }

        synchronized String violations() {
            return take(violations);
        }

        private static String take(StringBuilder text) {
            String all = text.toString();
            text.setLength(0);
            return all;
        }

        @Override
        public synchronized void output(boolean error, byte[] bytes, int length) {
            (error ? err : out).append(new String(bytes, 0, length, StandardCharsets.UTF_8));
        }

        @Override
        public synchronized void violation(byte[] bytes, int length) {
            violations.append(new String(bytes, 0, length, StandardCharsets.UTF_8));
        }

        @Override
        public void notice(byte[] bytes, int length) {
            frames.add("notice " + new String(bytes, 0, length, StandardCharsets.UTF_8));
        }

        @Override
        public void background(int line) {
            frames.add("background " + line);
        }

        @Override
        public void ended(int line, int status) {
            frames.add("end " + line + " " + status);
        }

        @Override
        public void bye(int status, String reason) {
            frames.add("bye " + status + " " + reason);
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }
}
