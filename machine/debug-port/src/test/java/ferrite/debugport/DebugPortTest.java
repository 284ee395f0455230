package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Seed;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The port with real sockets as clients. */
@Timeout(60)
class DebugPortTest {

    private static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 0);

    private TestMachine machine;
    private DebugPort port;

    @BeforeEach
    void openThePort() throws IOException {
        machine = new TestMachine();
        port = DebugPort.open(LOOPBACK, null, machine.monitor, machine.turn);
    }

    @AfterEach
    void closeThePort() {
        port.close();
        machine.close();
    }

    @Test
    void aLineIsACommandAndItsReportTheAnswer() throws IOException {
        try (Client client = client()) {
            assertThat(client.send("echo one\n").line()).isEqualTo("one");
            assertThat(client.send("echo zwölf\r\n").line()).isEqualTo("zwölf");
            assertThat(client.send("help echo\n").line()).isEqualTo("echo [WORDS]  for a test");
        }
    }

    @Test
    void aCommandRunsOnTheMachinesThread() throws IOException {
        try (Client client = client()) {
            assertThat(client.send("thread\n").line()).isEqualTo("turn");
        }
    }

    @Test
    void aCommandThatCannotBeCarriedOutIsAnsweredWithItsSentenceOnOneLine() throws IOException {
        try (Client client = client()) {
            assertThat(client.send("refuse it\n").line()).isEqualTo("error: refused because of it");
            assertThat(client.send("nonsense\n").line())
                    .isEqualTo("error: unknown command 'nonsense'; 'help' lists the commands");
        }
    }

    @Test
    void aCommandThatCrashesIsAnsweredAndThePortLivesOn() throws IOException {
        try (Client client = client()) {
            assertThat(client.send("crash\n").line())
                    .isEqualTo("error: internal error: java.lang.IllegalStateException: two lines");
            assertThat(client.send("echo on\n").line()).isEqualTo("on");
        }
    }

    @Test
    void anErrorThatUnwindsTheMachinePassesThroughAndTheClientIsAnswered() throws Exception {
        List<Throwable> unwound = new ArrayList<>();
        try (DebugPort other = DebugPort.open(LOOPBACK, null, machine.monitor, command -> machine.turn.execute(() -> {
                 try {
                     command.run();
                 } catch (Error e) {
                     unwound.add(e);
                 }
             }));
             Client client = new Client(other.address())) {
            assertThat(client.send("unwind\n").line()).isEqualTo("error: the machine ended while it ran the command");
            assertThat(client.send("echo on\n").line()).isEqualTo("on");
        }
        assertThat(unwound).singleElement().extracting(Throwable::getMessage).isEqualTo("unwinding");
    }

    /** A client of another protocol, TLS for example, may send bytes that look like lines. */
    @ParameterizedTest
    @ValueSource(strings = {"hlp\necho in\n", "\n\u0016\u0003\u0001\u0002\necho in\n"})
    void aFirstLineThatIsNoCommandEndsTheConnectionAndNothingOfItIsRun(String lines) throws IOException {
        try (Client client = client()) {
            assertThat(client.send(lines).rest()).startsWith("error: unknown command '").endsWith("error: the first "
                    + "line is no command, so the connection is closed; begin with 'help', for example\n");
        }
        try (Client client = client()) {
            assertThat(client.send("echo in\nhlp\necho on\n").line()).isEqualTo("in");
            assertThat(client.line()).as("a later mistake").startsWith("error: unknown command 'hlp'");
            assertThat(client.line()).isEqualTo("on");
        }
        assertThat(machine.ran).containsExactly("echo", "echo");
    }

    @Test
    void emptyLinesAreIgnored() throws IOException {
        try (Client client = client()) {
            assertThat(client.send("\n\r\n  \t\n\n".repeat(5000) + "echo here\n").line()).isEqualTo("here");
            assertThat(machine.ran).containsExactly("echo");
        }
    }

    @Test
    void quitEndsTheConnectionAndWhatFollowsIsNotRun() throws IOException {
        try (Client client = client()) {
            assertThat(client.send("echo one\n quit \necho two\n").rest()).isEqualTo("one\n");
            assertThat(machine.ran).containsExactly("echo");
        }
    }

    @Test
    void answersKeepTheOrderOfTheQuestions() throws IOException {
        try (Client client = client()) {
            client.send(IntStream.range(0, 2000).mapToObj(i -> (i % 3 == 0 ? "refuse " : "echo ") + i + "\n")
                                 .collect(Collectors.joining()));
            for (int i = 0; i < 2000; i++) {
                assertThat(client.line()).isEqualTo((i % 3 == 0 ? "error: refused because of " : "") + i);
            }
        }
    }

    @Test
    void aLineThatArrivesInPiecesIsOneLine() throws Exception {
        try (Client client = client()) {
            for (String piece : List.of("e", "cho", " to", "gether\r", "\n")) {
                client.send(piece);
                Thread.sleep(20);
            }
            assertThat(client.line()).isEqualTo("together");
        }
    }

    @Test
    void theLastLineNeedsNoEndWhenTheInputEnds() throws IOException {
        try (Client client = client()) {
            assertThat(client.send("echo one\necho two").endOutput().rest()).isEqualTo("one\ntwo\n");
        }
    }

    @Test
    void aClientThatSaysNothingAndLeavesIsLetGo() throws IOException {
        try (Client client = client()) {
            assertThat(client.endOutput().rest()).isEmpty();
        }
    }

    @Test
    void aLineOf4096BytesIsTakenAndALongerOneIsDiscarded() throws IOException {
        try (Client client = client()) {
            String longest = "x".repeat(4096 - 5);
            assertThat(client.send("echo " + longest + "\r\n").line()).isEqualTo(longest);
            client.send("echo " + longest + "x\n").send("echo " + longest + "\rx\n")
                    .send("echo " + "y".repeat(1 << 20) + "\necho after\n");
            String sentence = "error: the line was longer than 4096 bytes and was discarded; send a shorter one";
            for (int i = 0; i < 3; i++) {
                assertThat(client.line()).isEqualTo(sentence);
            }
            assertThat(client.line()).isEqualTo("after");
            assertThat(machine.ran).hasSize(2);
        }
    }

    @Test
    void twoClientsAreServedAtOnce() throws IOException {
        try (Client one = client(); Client two = client()) {
            one.send("echo fr");
            assertThat(two.send("echo two\n").line()).isEqualTo("two");
            assertThat(one.send("om one\n").line()).isEqualTo("from one");
        }
    }

    @Test
    void aClientThatLeavesInTheMiddleHarmsNothing() throws Exception {
        CountDownLatch gone = new CountDownLatch(1);
        machine.turn.execute(() -> awaitQuietly(gone));
        for (int i = 0; i < 10; i++) {
            try (Client client = client()) {
                client.send("big\nbig\necho lost\necho ha");
                client.socket.setSoLinger(i % 2 == 0, 0); // half of them with a reset
            }
        }
        gone.countDown();
        try (Client client = client()) {
            assertThat(client.send("echo well\n").line()).isEqualTo("well");
        }
    }

    @Test
    void aClientThatNeverReadsStopsOnlyItself() throws Exception {
        try (Client slow = client(); Client other = client()) {
            slow.send("big\n".repeat(1000));
            for (int i = 0; i < 50; i++) {
                assertThat(other.send("echo " + i + "\n").line()).isEqualTo("" + i);
            }
            assertThat(machine.ran.stream().filter("big"::equals).count()).isLessThan(10);
            long start = System.nanoTime();
            port.close();
            assertThat(System.nanoTime() - start).isLessThan(1_500_000_000L);
        }
    }

    @Test
    void anAnswerOfAnyLengthArrivesWhole() throws IOException {
        try (Client client = client()) {
            client.send("big\necho end\n");
            assertThat(client.line()).hasSize(TestMachine.BIG);
            assertThat(client.line()).isEqualTo("end");
        }
    }

    @Test
    void aSeventeenthClientIsToldSoAndAPlaceThatBecomesFreeIsGivenAgain() throws Exception {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            clients.add(client());
            assertThat(clients.get(i).send("echo in\n").line()).isEqualTo("in");
        }
        try (Client oneMore = client()) {
            assertThat(oneMore.rest()).isEqualTo("error: the debug port serves at most 16 clients at once, "
                    + "and has as many; end one of them and try again\n");
        }
        for (String first : List.of("$?#3f", "ferrite-attach 1\n", "GET / HTTP/1.1\r\n\r\n")) {
            try (Client oneMore = client()) {
                assertThat(oneMore.send(first).rest()).contains("the debug port serves at most 16 clients")
                        .startsWith(first.startsWith("$") ? "+$E." : first.startsWith("G") ? "HTTP/1.1 503 "
                                : "error: ");
            }
        }
        clients.get(0).send("quit\n").rest();
        clients.get(0).close();
        try (Client next = patientClient()) {
            assertThat(next.send("echo in\n").line()).isEqualTo("in");
        }
        for (Client client : clients) {
            client.close();
        }
    }

    /** Linux shows the running timer of a socket: 02 is keep-alive's. */
    @Test
    void aSilentClientKeepsItsPlaceAndTheHostAsksWhetherItIsThere() throws Exception {
        List<Path> tables = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
        Assumptions.assumeTrue(Files.exists(tables.get(0)), "This test needs Linux's /proc/net/tcp.");
        try (Client silent = client()) {
            assertThat(silent.send("echo in\n").line()).isEqualTo("in");
            Thread.sleep(300);                        // until the timer of the answer's bytes is over
            StringBuilder sockets = new StringBuilder();
            for (Path table : tables) {
                sockets.append(Files.exists(table) ? Files.readString(table) : "");
            }
            assertThat(sockets.toString()).containsPattern(String.format(":%04X \\S+:%04X 01 \\S+ 02:",
                    port.address().getPort(), silent.socket.getLocalPort()));
        }
    }

    @Test
    void aFloodOfConnectionsEndsAndThePortLivesOn() throws Exception {
        List<Client> flood = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            flood.add(client());
        }
        for (Client client : flood) {
            client.close();
        }
        try (Client client = patientClient()) {
            assertThat(client.send("echo well\n").line()).isEqualTo("well");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"$qSupported:multiprocess+#c6", "+", "+$?#3f", "\u0003"})
    void gdbIsToldWhenItIsNotServed(String packet) throws IOException {
        try (Client client = client()) {
            assertThat(client.send(packet).rest()).isEqualTo(Client.gdbError("this machine is not served to GDB"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /x HTTP/1.1\r\nContent-Length: 8\r\n\r\necho hi\n"})
    void anHttpRequestIsAnsweredInHttpAndNothingOfItIsRun(String request) throws IOException {
        try (Client client = client()) {
            String answer = client.send(request).rest();
            String body = "this port serves no HTTP; the monitor takes lines of text here\n";
            assertThat(answer).startsWith("HTTP/1.1 501 Not Implemented\r\n")
                    .contains("Content-Length: " + body.length() + "\r\n").endsWith("\r\n\r\n" + body);
            assertThat(machine.ran).isEmpty();
        }
    }

    @Test
    void aLongRequestDoesNotLoseItsAnswer() throws IOException {
        try (Client client = client()) {
            client.send("POST / HTTP/1.1\r\n\r\n" + "x".repeat(100_000));
            assertThat(client.rest()).startsWith("HTTP/1.1 501 ");
        }
    }

    // ---- protocols that no port serves ----

    /** Returns the whole answer to a client whose first bytes are followed by a command of the monitor. */
    private DataInputStream answer(String said) throws IOException {
        try (Client client = client()) {
            client.send((said + "\necho in\n").getBytes(StandardCharsets.ISO_8859_1));
            byte[] answer = client.bytes();
            assertThat(machine.ran).isEmpty();
            return new DataInputStream(new ByteArrayInputStream(answer));
        }
    }

    @Test
    void anHttp2ClientGetsASentenceInAFrame() throws IOException {
        DataInputStream answer = answer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
        assertThat(answer.readNBytes(9)).as("settings").containsExactly(0, 0, 0, 4, 0, 0, 0, 0, 0);
        int length = answer.readUnsignedByte() << 16 | answer.readUnsignedShort();
        assertThat(answer.readNBytes(6)).as("goaway").containsExactly(7, 0, 0, 0, 0, 0);
        assertThat(answer.readInt()).as("the last stream").isZero();
        assertThat(answer.readInt()).as("HTTP_1_1_REQUIRED").isEqualTo(13);
        assertThat(new String(answer.readNBytes(length - 8), StandardCharsets.UTF_8))
                .startsWith("this port speaks HTTP/1.1, and ");
        assertThat(answer.read()).isNegative();
    }

    @Test
    void anSshClientGetsASentenceInAPacket() throws IOException {
        DataInputStream answer = answer("SSH-2.0-OpenSSH_9.2\r");
        assertThat(new String(answer.readNBytes(17), StandardCharsets.US_ASCII)).isEqualTo("SSH-2.0-ferrite\r\n");
        int length = answer.readInt();
        int padding = answer.readUnsignedByte();
        assertThat(padding).isBetween(4, 11);
        assertThat((4 + length) % 8).isZero();
        assertThat(answer.readUnsignedByte()).as("disconnect").isEqualTo(1);
        assertThat(answer.readInt()).as("service not available").isEqualTo(7);
        assertThat(new String(answer.readNBytes(answer.readInt()), StandardCharsets.UTF_8))
                .startsWith("this port speaks no SSH; 'ferrite attach HOST:PORT' gives a prompt");
        assertThat(answer.readInt()).as("the language").isZero();
        assertThat(answer.readAllBytes()).hasSize(padding);
    }

    @Test
    void aTlsClientGetsAnAlertAtOnce() throws IOException {
        DataInputStream answer = answer("\u0016\u0003\u0001\0\5\1\0\0\1\3");
        assertThat(answer.readNBytes(7)).containsExactly(21, 3, 3, 0, 2, 2, 40);
        assertThat(new String(answer.readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("error: this port speaks no TLS; --debug-tls");
        assertThatThrownBy(() -> AttachClient.connect(port.address(), null, ClientTls.ofSystem()))
                .isInstanceOf(IOException.class).hasMessageContaining("was the machine started with --debug-tls?");
    }

    @Test
    void aJavaDebuggerIsToldOfItsOwnPortAtOnce() throws IOException {
        assertThat(new String(answer("JDWP-Handshake").readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("error: this is the machine's debug port; a Java debugger attaches to the port of --jdwp\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"S\n", "SSH\n", "PRI\n", "JDWP\n", "\u0017\n"})
    void aLineThatOnlyBeginsLikeAProtocolIsALine(String line) throws IOException {
        try (Client client = client()) {
            assertThat(client.send(line).line()).startsWith("error: unknown command");
        }
    }

    @Test
    void garbageHarmsNothing() throws Exception {
        long seed = Seed.fresh().value();
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            sendGarbage(random);
        }
        try (Client client = patientClient()) {
            assertThat(client.send("echo well\n").line()).as("after the garbage of seed %d", seed).isEqualTo("well");
        }
    }

    @Test
    void aCommandAfterTheMachinesEndIsAnsweredSo() throws IOException {
        machine.turn.shutdown();
        try (Client client = client()) {
            assertThat(client.send("echo x\n").line())
                    .isEqualTo("error: the machine has ended and takes no more commands");
        }
    }

    @Test
    void thePortClosesWhileACommandIsUnderWay() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        CountDownLatch after = new CountDownLatch(1);
        machine.turn.execute(() -> awaitQuietly(closed));
        try (Client client = client()) {
            client.send("echo late\n");
            Thread.sleep(100);
            port.close();
            port.close();
            closed.countDown();
            machine.turn.execute(after::countDown);
            after.await();
            assertThat(machine.ran).containsExactly("echo");
        }
    }

    @Test
    void anAnswerThatWasPostedBeforeThePortClosesIsSent() throws Exception {
        try (DebugPort other = DebugPort.open(LOOPBACK, null, machine.monitor, command -> {
                 command.run();
                 new Thread(this::closeTheOther).start();
             })) {
            toClose = other;
            try (Client client = new Client(other.address())) {
                assertThat(client.send("echo bye\n").line()).isEqualTo("bye");
            }
        }
    }

    private volatile DebugPort toClose;

    private void closeTheOther() {
        toClose.close();
    }

    @Test
    void aClosedPortLeavesNoThread() throws Exception {
        try (Client client = client()) {
            client.send("echo x\n").line();
        }
        port.close();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            assertThat(thread.getName()).doesNotContain("globalEventExecutor"); // Netty's own, and no daemon
            if (thread.getName().equals("ferrite-debug-port")) {
                thread.join(1000); // its loop has ended, and it is about to end
                assertThat(thread.isAlive()).isFalse();
            }
        }
    }

    @Test
    void theDeathOfThePortsThreadIsNoticedAndItsEndIsNot() throws Exception {
        CountDownLatch died = new CountDownLatch(1);
        AtomicBoolean closed = new AtomicBoolean();
        try (DebugPort other = DebugPort.open(LOOPBACK, null, machine.monitor, machine.turn)) {
            other.onDeath(died::countDown);
            other.loop().shutdownGracefully(0, 1, TimeUnit.SECONDS);
            assertThat(died.await(10, TimeUnit.SECONDS)).isTrue();
        }
        port.onDeath(() -> closed.set(true));
        port.close();
        assertThat(closed).isFalse();
    }

    @Test
    void theThreadIsADaemonWithAName() {
        assertThat(Thread.getAllStackTraces().keySet())
                .anyMatch(thread -> thread.getName().equals("ferrite-debug-port") && thread.isDaemon());
    }

    @Test
    void aTakenPortIsRefusedWithASentence() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            InetSocketAddress address = new InetSocketAddress("127.0.0.1", taken.getLocalPort());
            assertThatThrownBy(() -> DebugPort.open(address, null, machine.monitor, machine.turn))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("the debug port cannot be opened at 127.0.0.1:"
                            + taken.getLocalPort() + ": ")
                    .hasMessageContaining("in use").hasMessageEndingWith("; give another port, or 0 for a free one");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1"})
    void anAddressThatOthersReachNeedsAToken(String host) {
        assertThatThrownBy(() -> DebugPort.open(new InetSocketAddress(host, 0), null, machine.monitor, machine.turn))
                .isInstanceOf(IOException.class).hasMessageContaining("needs a token");
    }

    @Test
    void anUnknownHostIsRefusedWithASentence() {
        InetSocketAddress nowhere = InetSocketAddress.createUnresolved("no.such.host.invalid", 5);
        assertThatThrownBy(() -> DebugPort.open(nowhere, null, machine.monitor, machine.turn))
                .isInstanceOf(IOException.class).hasMessageContaining("no.such.host.invalid:5: no host has that name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "line\nend"})
    void aTokenThatCannotBeTypedIsRefused(String token) {
        assertThatThrownBy(() -> DebugPort.open(LOOPBACK, token, machine.monitor, machine.turn))
                .isInstanceOf(IOException.class).hasMessageContaining("one word");
    }

    private void sendGarbage(Random random) throws IOException {
        byte[] garbage = new byte[random.nextInt(10_000)];
        random.nextBytes(garbage);
        if (random.nextBoolean() && garbage.length > 0) {
            garbage[0] = (byte) "\n$+\u0003GHPtqSJ\u0016".charAt(random.nextInt(12));
        }
        try (Client client = client()) {
            client.send(garbage);
            if (random.nextBoolean()) {
                client.endOutput().rest();
            }
        } catch (IOException resetByThePort) {
            // The port may end such a connection. A timeout is reported below, if the port no longer answers.
            assertThat(resetByThePort).isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    private Client client() throws IOException {
        return new Client(port.address());
    }

    /** Returns a client that retries while the port is full. Places become free a moment after their clients left. */
    private Client patientClient() throws Exception {
        for (int attempt = 0; attempt < 100; attempt++) {
            Client client = client();
            String answer = trial(client);
            if ("free".equals(answer)) {
                return client;
            }
            client.close();
            Thread.sleep(50);
        }
        throw new AssertionError("the port stayed full");
    }

    private static String trial(Client client) {
        try {
            return client.send("echo free\n").line();
        } catch (IOException full) {
            return null;
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
