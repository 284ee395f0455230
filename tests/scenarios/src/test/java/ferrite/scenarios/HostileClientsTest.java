package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.debugport.AttachClient;
import ferrite.hardware.Seed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two thousand hostile clients at a machine that works. It goes on working, its memory stays bounded, and the next
 * honest client of each protocol is served.
 */
@Timeout(120)
class HostileClientsTest {

    private static final int WARM_UP = 400;
    private static final int CONNECTIONS = 1600;
    private static final long MAX_GROWTH_BYTES = 1 << 20;
    private static final int FAREWELL_MILLIS = 1500;
    private static final int PATIENCE_MILLIS = 10_000;

    @TempDir
    private Path directory;
    private DebuggedMachine machine;
    private volatile boolean over;
    private volatile Exception unanswered;
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger progress = new AtomicInteger();

    /** A connection of an honest client, given the machine's port. */
    private interface Honest {
        String ask(int port) throws Exception;
    }

    @BeforeEach
    void start() throws Exception {
        String work = "sha256sum" + " /dev/disk0".repeat(50);
        machine = DebuggedMachine.script(new BoardOptions().ram(64 << 20).harts(2)
                .readOnlyDisk(Disks.random(directory, Disks.PIECE)), Collections.nCopies(100_000, work)
                .toArray(String[]::new));
        machine.machine().control().post(machine.machine().control()::resume);
    }

    @AfterEach
    void stop() throws IOException {
        over = true;
        machine.close();
    }

    private long instructions() throws Exception {
        return machine.machine().control().ask(() -> machine.machine().clock().instructions())
                .get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Looks ten times a second whether the machine works. A debugger that attaches halts it: let it run on. */
    private void supervise() {
        try {
            for (long before = instructions(); !over; looks.incrementAndGet()) {
                machine.machine().control().post(machine.machine().control()::resume);
                Thread.sleep(100);
                long now = instructions();
                progress.addAndGet(now > before ? 1 : 0);
                before = now;
            }
        } catch (Exception e) {
            unanswered = over ? null : e;             // the run may end between two looks
        }
    }

    @Test
    void theNextHonestClientIsServedAndTheMachineWorksMeanwhile() throws Exception {
        long seed = Seed.fresh().value();
        Thread supervisor = new Thread(this::supervise, "supervisor");
        supervisor.setDaemon(true);
        supervisor.start();

        HostileClients clients = new HostileClients(machine.address(), seed, List.of(HostileClients.Kind.values()));
        clients.run(WARM_UP);
        long heap = liveHeap();
        new HostileClients(machine.address(), seed + 1, List.of(HostileClients.Kind.values())).run(CONNECTIONS);
        long growth = liveHeap() - heap;
        machine.assertRuns();
        assertThat(growth).as("growth of the heap, seed %d", seed).isLessThan(MAX_GROWTH_BYTES);

        assertThat(patiently(HostileClientsTest::monitor)).contains("Normal");
        assertThat(patiently(HostileClientsTest::http)).startsWith("HTTP/1.1 200 ").contains("\"Normal\"");
        assertThat(patiently(HostileClientsTest::attach)).contains("Normal");
        assertThat(patiently(HostileClientsTest::gdb)).contains("PacketSize=").contains("$T02thread:");

        int looksUntilNow = looks.get();
        assertThat(looksUntilNow).as("looks, which a busy host makes rare").isGreaterThan(2);
        assertThat(progress.get()).as("looks at which the machine had worked, of %d, seed %d", looksUntilNow, seed)
                .isGreaterThan(looksUntilNow / 2);
        long before = instructions();
        machine.machine().control().post(machine.machine().control()::resume);
        while (instructions() <= before) {
            Thread.sleep(10);
        }
        assertThat(unanswered).as("the machine's thread answered each time").isNull();
    }

    /**
     * Returns the bytes that the last of three collections left, after the port's last farewells. The machine, which
     * works on, makes garbage: it does not count.
     */
    private static long liveHeap() throws InterruptedException {
        Thread.sleep(FAREWELL_MILLIS);
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getCollectionUsage).filter(Objects::nonNull).mapToLong(MemoryUsage::getUsed)
                .sum();
    }

    /** Asks again while the port is full. Places become free a moment after their clients have left. */
    private String patiently(Honest client) throws Exception {
        String answer = "";
        for (long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS); System.nanoTime() < end;
                Thread.sleep(50)) {
            try {
                answer = client.ask(machine.address().getPort());
                if (!answer.contains("clients at once") && !answer.contains("two debuggers") && !answer.isEmpty()) {
                    return answer;
                }
            } catch (IOException full) {
                answer = full.toString();
            }
        }
        return "not served: " + answer;
    }

    private static String exchange(int port, String said, String end) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(said.getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder heard = new StringBuilder();
            InputStream in = socket.getInputStream();
            for (int c = in.read(); c >= 0 && !heard.toString().endsWith(end); c = in.read()) {
                heard.append((char) c);
            }
            return heard.toString();
        }
    }

    private static String monitor(int port) throws IOException {
        return exchange(port, "zones\nquit\n", "(never)");
    }

    private static String http(int port) throws IOException {
        return exchange(port, "GET /api/v1/zones HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "(never)");
    }

    private static String gdb(int port) throws IOException {
        return exchange(port, "+$qSupported:multiprocess+#c6$?#3f$D#44", "$OK#9");
    }

    private static String attach(int port) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (AttachClient client = AttachClient.connect(new InetSocketAddress("127.0.0.1", port), null)) {
            client.run(1, "zones");
            client.listen(new AttachClient.Listener() {
                @Override
                public void output(boolean error, byte[] bytes, int length) {
                    out.write(bytes, 0, length);
                }

                @Override
                public void violation(byte[] bytes, int length) { }

                @Override
                public void background(int number) { }

                @Override
                public void ended(int number, int status) {
                    try {
                        client.quit();
                    } catch (IOException gone) {
                        out.writeBytes(gone.toString().getBytes(StandardCharsets.UTF_8));
                    }
                }

                @Override
                public void bye(int status, String reason) { }
            });
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
