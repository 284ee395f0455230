package ferrite.scenarios;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Badly behaved clients of a debug port, many at a time, the same ones for the same seed. By hand, against a machine in
 * another process: {@code java -cp tests/scenarios/target/test-classes ferrite.scenarios.HostileClients PORT
 * CONNECTIONS SEED [KINDS]}.
 */
final class HostileClients {

    /** More than the port serves at once. */
    static final int AT_A_TIME = 24;

    private static final int SEND_MILLIS = 50;
    private static final int SMALL_BUFFER = 4096;

    /** A way to behave badly. */
    enum Kind { BYTE_BY_BYTE, NEVER_READS, GIANT_LENGTHS, BAD_CHECKSUMS, MUTATED_GDB }

    /** What GDB 13.1 sent when it attached to the mini-kernel and then to its tasks, looked around and made a step. */
    private static final List<String> GDB_SESSION = List.of(
            "qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+;fork-events+;vContSupported+;no-resumed+",
            "vMustReplyEmpty", "QStartNoAckMode", "Hg0", "qXfer:features:read:target.xml:0,1000",
            "qXfer:features:read:target.xml:6000,1000", "qTStatus", "?", "qXfer:threads:read::0,1000", "qAttached",
            "qXfer:exec-file:read::0,1000", "vFile:setfs:0", "vFile:open:6a7573742070726f62696e67,0,1c0",
            "vFile:open:2f6b65726e656c2e656c66,0,0", "vFile:pread:3,40400,0", "vFile:fstat:3", "Hc-1", "qOffsets",
            "qSymbol::", "Hg2", "g", "Hg1", "p1c1", "qXfer:memory-map:read::0,1000", "mc0001000,4", "mff800000,40",
            "vAttach;2", "Hgp2.1", "g", "p41", "qThreadExtraInfo,p2.1", "qXfer:threads:read::0,1000", "Tp2.1", "D;2",
            "Hg1",
            "Z2,c0001000,4", "vCont?", "vCont;s:1", "vCont;c");
    /** Starts of packets that change the machine's memory or registers, or end its run: an allowed client may. */
    private static final List<String> LEFT_OUT = List.of("M", "X", "G", "P", "k", "R", "vKill", "vRun", "qRcmd", "C",
            "S", "c", "s", "vCont;C", "vCont;S");
    private static final List<String> STARTS = List.of("info registers\n", "zones\nhelp\n",
            "ferrite-attach 1\nrun 1 5\nzones", "GET /api/v1/zones HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "+$qSupported#37$g#67$?#3f", "token x\n");

    private final InetSocketAddress address;
    private final long seed;
    private final List<Kind> kinds;

    HostileClients(InetSocketAddress address, long seed, List<Kind> kinds) {
        this.address = address;
        this.seed = seed;
        this.kinds = kinds;
    }

    /** Connects so many times, and returns when the last connection is closed. */
    void run(int connections) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            AtomicInteger next = new AtomicInteger();
            List<Future<?>> ends = new ArrayList<>();
            for (int i = 0; i < AT_A_TIME; i++) {
                ends.add(threads.submit(() -> {
                    for (int number = next.getAndIncrement(); number < connections; number = next.getAndIncrement()) {
                        connect(number);
                    }
                }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void connect(int number) {
        Random random = new Random(seed * 1_000_003 + number);
        try (Client client = new Client(address, random)) {
            switch (kinds.get(number % kinds.size())) {
                case BYTE_BY_BYTE -> byteByByte(client, random);
                case NEVER_READS -> neverReads(client, random);
                case GIANT_LENGTHS -> giantLengths(client, random);
                case BAD_CHECKSUMS -> badChecksums(client, random);
                case MUTATED_GDB -> mutatedGdb(client, random);
            }
        } catch (IOException cutOff) {
            // the port may end such a connection at any moment
        }
    }

    private static void byteByByte(Client client, Random random) throws IOException {
        String start = STARTS.get(random.nextInt(STARTS.size()));
        for (char c : start.substring(0, 1 + random.nextInt(start.length())).toCharArray()) {
            client.send("" + c);
            client.pause(1);
        }
    }

    private static void neverReads(Client client, Random random) throws IOException {
        String start = STARTS.get(random.nextInt(STARTS.size() - 1));
        client.send(start.startsWith("ferrite") ? start + "run 2 5\nzones" : start.repeat(2000));
        client.pause(random.nextInt(40));
    }

    private static void giantLengths(Client client, Random random) throws IOException {
        String x = "x".repeat(1 << 18);
        client.send(switch (random.nextInt(8)) {
            case 0 -> "ferrite-attach 1\nrun 1 2147483647\n" + x;
            case 1 -> "ferrite-attach 1\ncomplete 99999999999999999999\n" + x;
            case 2 -> packet("mc0000000,ffffffff") + packet("m0,7fffffff") + packet("vFile:pread:3,ffffffff,ffffffff");
            case 3 -> "$" + x + x;
            case 4 -> "GET /" + x + " HTTP/1.1\r\n\r\n";
            case 5 -> "GET /api/v1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9223372036854775807\r\n\r\n" + x;
            case 6 -> "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                    + "\u0081\u00ff\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff" + x;
            default -> x + x;
        });
        client.read(random.nextInt(20));
    }

    private static void badChecksums(Client client, Random random) throws IOException {
        for (int i = 0; i < 50; i++) {
            String good = packet(GDB_SESSION.get(random.nextInt(GDB_SESSION.size())));
            String data = good.substring(0, good.length() - 2);
            int wrong = Integer.parseInt(good.substring(data.length()), 16) ^ 1 + random.nextInt(255);
            client.send(data + (random.nextInt(4) == 0 ? "zz" : String.format("%02x", wrong))
                    + "-".repeat(random.nextInt(3)));
        }
        client.read(random.nextInt(20));
    }

    private static void mutatedGdb(Client client, Random random) throws IOException {
        for (String data : GDB_SESSION) {
            String mutated = random.nextInt(3) == 0 ? mutate(data, random) : data;
            if (LEFT_OUT.stream().noneMatch(mutated::startsWith)) {
                client.send(random.nextInt(50) == 0 ? "\u0003" : "+" + packet(mutated));
            }
            client.read(random.nextInt(2));
        }
    }

    private static String mutate(String data, Random random) {
        int at = random.nextInt(data.length());
        return switch (random.nextInt(5)) {
            case 0 -> data.substring(0, at);
            case 1 -> data.substring(0, at) + (char) random.nextInt(256) + data.substring(at + 1);
            case 2 -> data.substring(0, at) + "ffffffffffffffff" + data.substring(at);
            case 3 -> data + data.substring(at).repeat(1 + random.nextInt(100));
            default -> data.substring(at) + data.substring(0, at);
        };
    }

    private static String packet(String data) {
        int sum = 0;
        StringBuilder packet = new StringBuilder("$");
        for (char c : data.toCharArray()) {
            boolean escaped = c == '$' || c == '#' || c == '}' || c == '*';
            packet.append(escaped ? "}" + (char) (c ^ 0x20) : "" + c);
            sum += escaped ? '}' + (c ^ 0x20) : c;
        }
        return packet.append(String.format("#%02x", sum & 0xff)).toString();
    }

    /** A socket that gives up soon if the port takes nothing more. Half of them end with a reset. */
    private static final class Client implements AutoCloseable {

        private final SocketChannel channel = SocketChannel.open();

        Client(InetSocketAddress address, Random random) throws IOException {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_LINGER, random.nextBoolean() ? 0 : -1);
            channel.connect(address);
            channel.configureBlocking(false);
        }

        void send(String text) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SEND_MILLIS);
            while (bytes.hasRemaining() && System.nanoTime() < end) {
                if (channel.write(bytes) == 0) {
                    pause(1);
                }
            }
        }

        /** Reads whatever comes within a time. */
        void read(int milliseconds) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
            for (int i = 0; i <= milliseconds; i++) {
                if (channel.read(bytes.clear()) <= 0) {
                    pause(1);
                }
            }
        }

        void pause(int milliseconds) throws IOException {
            try {
                Thread.sleep(milliseconds);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    public static void main(String[] arguments) throws Exception {
        List<Kind> kinds = new ArrayList<>();
        for (int i = 3; i < arguments.length; i++) {
            kinds.add(Kind.valueOf(arguments[i]));
        }
        long start = System.nanoTime();
        new HostileClients(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])),
                Long.parseLong(arguments[2]), kinds.isEmpty() ? List.of(Kind.values()) : kinds)
                .run(Integer.parseInt(arguments[1]));
        System.out.printf("%s connections in %d ms%n", arguments[1],
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }
}
