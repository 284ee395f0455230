package ferrite.debugport.http;

import ferrite.debugport.DebugAccess;
import ferrite.debugport.DebugPort;
import ferrite.debugport.DebugServices;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.report.Report;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Pages of no machine, a port that serves them, and plain sockets as clients. */
final class TestPages implements WebPages, AutoCloseable {

    /** Lines that the monitor was given: nothing of an HTTP request may be among them. */
    final List<String> monitored = new CopyOnWriteArrayList<>();
    final List<EventSink> sinks = new CopyOnWriteArrayList<>();
    final ExecutorService turn = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "turn");
        thread.setDaemon(true);
        return thread;
    });
    final DebugPort port;

    TestPages(String token) throws IOException {
        Monitor monitor = new Monitor().add(new MonitorCommand() {
            @Override
            public String name() {
                return "echo";
            }

            @Override
            public String usage() {
                return "echo";
            }

            @Override
            public String summary() {
                return "for a test";
            }

            @Override
            public Report run(String arguments) {
                monitored.add(arguments);
                return Report.ofText("echo", arguments + "\n");
            }
        });
        port = DebugPort.open(new InetSocketAddress("127.0.0.1", 0), new DebugAccess(token, false),
                new DebugServices(monitor, null, this, null, turn));
    }

    @Override
    public List<String> paths() {
        return List.of("/api/v1", "/api/v1/thread", "/api/v1/crash", "/api/v1/big");
    }

    @Override
    public Answer page(String path, Map<String, String> parameters) {
        if (path.endsWith("crash")) {
            throw new IllegalStateException("as it should");
        }
        String text = path.endsWith("big") ? "x".repeat(8 << 20) : Thread.currentThread().getName() + parameters;
        return new Answer(200, ("\"" + text + "\"").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public byte[] error(int status, String sentence) {
        return ("{\"error\":\"" + sentence + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] dropped(long events) {
        return ("dropped " + events).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void follow(EventSink sink) {
        sinks.add(sink);
    }

    @Override
    public void unfollow(EventSink sink) {
        sinks.remove(sink);
    }

    String host() {
        return "127.0.0.1:" + port.address().getPort();
    }

    /** Returns the head of a GET request without its last, empty line. */
    String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: " + host() + "\r\n";
    }

    HttpClient client() throws IOException {
        return new HttpClient(port.address());
    }

    @Override
    public void close() {
        port.close();
        turn.shutdownNow();
    }

    /** A socket that sends bytes as it is told, and reads answers. */
    static final class HttpClient implements AutoCloseable {

        final Socket socket = new Socket();
        private final InputStream in;

        HttpClient(InetSocketAddress address) throws IOException {
            socket.connect(address, 10_000);
            socket.setSoTimeout(10_000);
            in = new BufferedInputStream(socket.getInputStream());
        }

        HttpClient send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        /** Returns the next answer: its head, and its body of Content-Length bytes. */
        String answer() throws IOException {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                int c = in.read();
                if (c < 0) {
                    return head.toString(StandardCharsets.ISO_8859_1);
                }
                head.write(c);
            }
            String text = head.toString(StandardCharsets.ISO_8859_1);
            int length = Integer.parseInt(text.replaceAll("(?s).*content-length: ([0-9]+).*", "$1"));
            return text + new String(in.readNBytes(length), StandardCharsets.UTF_8);
        }

        /** Returns the next line without its end. */
        String answerLine() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
                line.append((char) c);
            }
            return line.toString();
        }

        /** Returns everything up to the end of the connection. */
        String rest() throws IOException {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
