package ferrite.debugport;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.debug.HartDescriber;
import ferrite.hardware.debug.SymbolSource;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.turn.Interleavings;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.IntSupplier;

/**
 * Connects to a debug port as GDB does, before the first client comes: the JVM has then loaded the classes of the port
 * and of the protocol, and compiled the slow parts. The port and the machine behind it are of its own, so that
 * neither the user's run nor the clients' places know of it.
 */
final class Rehearsal implements DebugTarget {

    private static final int RAM_BYTES = 1 << 20;
    private static final int TIMES = 12;
    /** Steps and interrupts of the last connections, after which a stop is compiled code too. */
    private static final int STOPS = 80;
    private static final int TIMES_WITH_STOPS = 3;
    private static final int INTERRUPT = 3;
    private static final int JUMP_TO_ITSELF = 0x6f;
    private static final int PATIENCE_MILLISECONDS = 5000;
    private static final int PAUSE_MILLISECONDS = 50;

    /** GDB looks for the caller at the return address, where a fresh machine has nothing. */
    static final String NO_MEMORY = "mfffffffc,4";

    /** The packets of GDB 13.1, apart from those for each hart and each task. */
    static final List<String> PACKETS = List.of("qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+;"
            + "fork-events+;vfork-events+;exec-events+;vContSupported+;QThreadEvents+;no-resumed+;memory-tagging+",
            "vMustReplyEmpty", "QStartNoAckMode", "Hg0", "qXfer:features:read:target.xml:0,1000", "qTStatus", "?",
            "qXfer:threads:read::0,1000", "qAttached", "Hc-1", "qOffsets", "g", "m0,4", NO_MEMORY,
            "qXfer:memory-map:read::0,1000", "qSymbol::", "vCont?", "vCont;s:1", "vCont;c", "D");

    private final Machine machine =
            new Machine(new Machine.Configuration(0, RAM_BYTES, 1, 0, Interleavings.RR, 0));
    private final Monitor monitor = new Monitor();
    private final IntSupplier arrivals;
    /** The arrivals for which there was a pause. */
    private int seen;

    private Rehearsal(IntSupplier arrivals) {
        this.arrivals = arrivals;
    }

    /**
     * Plays connections on a thread of its own. A process that ends does not wait for it.
     *
     * @param arrivals the number of debuggers that came so far. For each new one the rehearsal makes a pause.
     */
    static void start(DebugAccess access, IntSupplier arrivals) {
        thread(() -> {
            try {
                play(access, TIMES, arrivals);
            } catch (IOException | UncheckedIOException e) {
                // the first client waits a little longer
            }
        }).start();
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "ferrite-debug-rehearsal");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Plays connections, one after the other. Returns the answers that the last client has received, one for each
     * packet. That of a document has all its pieces.
     *
     * @param access   the conditions of the port that is to be prepared
     * @param arrivals the number of debuggers that came so far
     */
    static List<String> play(DebugAccess access, int times, IntSupplier arrivals) throws IOException {
        Rehearsal target = new Rehearsal(arrivals);
        Machine machine = target.machine;
        machine.bus().store(BusMaster.host("rehearsal"), 0, 4, JUMP_TO_ITSELF);
        machine.control().halt();
        DebugServices services = new DebugServices(target.monitor, null, null, target, machine.control()::post);
        DebugAccess plain =
                new DebugAccess(access.token(), access.gdbOpen(), null, access.locals(), access.guarded());
        try (machine; DebugPort port = DebugPort.openUnrehearsed(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), plain, services)) {
            FutureTask<List<String>> client = new FutureTask<>(() -> target.connect(port.address(), times));
            thread(client).start();
            run(machine);
            return client.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IOException(e);
        }
    }

    private static void run(Machine machine) throws IOException {
        machine.control().waitWhileHalted();
        while (!machine.control().isKilled()) {
            machine.turn().run();
            machine.control().waitWhileHalted();
        }
    }

    private List<String> connect(InetSocketAddress address, int times) throws IOException {
        try {
            List<String> answers = List.of();
            for (int i = 0; i < times; i++) {
                answers = connectOnce(address, i < times - TIMES_WITH_STOPS ? 1 : STOPS);
            }
            return answers;
        } finally {
            machine.control().post(machine.control()::kill);
        }
    }

    private List<String> connectOnce(InetSocketAddress address, int stops) throws IOException {
        List<String> answers = new ArrayList<>();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET)) {
            channel.connect(address);
            Socket socket = channel.socket();
            socket.setSoTimeout(PATIENCE_MILLISECONDS);
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String packet : PACKETS) {
                String answer = ask(socket, in, packet);
                for (int i = 1; i < stops && packet.startsWith("vCont;"); i++) {
                    answer = ask(socket, in, packet);
                }
                StringBuilder all = new StringBuilder(answer);
                for (int at = 0x1000; packet.endsWith(":0,1000") && answer.startsWith("m"); at += 0x1000) {
                    answer = ask(socket, in, packet.replace(":0,", ":" + Integer.toHexString(at) + ","));
                    all.append(answer.substring(1));
                }
                answers.add(all.toString());
            }
        }
        return answers;
    }

    private String ask(Socket socket, InputStream in, String packet) throws IOException {
        makeWay();
        byte[] data = packet.getBytes(StandardCharsets.ISO_8859_1);
        int sum = 0;
        for (byte each : data) {
            sum += each;
        }
        String framed = "$" + packet + "#" + String.format(Locale.ROOT, "%02x", sum & 0xff);
        socket.getOutputStream().write(framed.getBytes(StandardCharsets.ISO_8859_1));
        if (packet.equals("vCont;c")) {
            socket.getOutputStream().write(INTERRUPT);
        }
        StringBuilder answer = new StringBuilder();
        int c = in.read();
        while (c == '+' || c == '$') {
            c = in.read();
        }
        for (; c != '#' && c >= 0; c = in.read()) {
            answer.append((char) c);
        }
        in.skipNBytes(2);
        return answer.toString();
    }

    /** Leaves the host's processors to a client that has come, for the time that it takes to connect. */
    private void makeWay() throws InterruptedIOException {
        int now = arrivals.getAsInt();
        if (now == seen) {
            return;
        }
        seen = now;
        try {
            Thread.sleep(PAUSE_MILLISECONDS);
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    @Override
    public Machine machine() {
        return machine;
    }

    @Override
    public Monitor monitor() {
        return monitor;
    }

    @Override
    public SymbolSource symbols() {
        return SymbolSource.NONE;
    }

    @Override
    public HartDescriber harts() {
        return hart -> "";
    }

    @Override
    public String restart() {
        return "this machine is not restarted";
    }
}
