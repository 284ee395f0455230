package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Seed;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attaching over real sockets, to a prompt with well-behaved and badly behaved commands for the tests. */
@Timeout(60)
class AttachTest {

    private static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 0);
    private static final String HELLO = "ferrite-attach 1\n";
    private static final int MEGABYTE = 1 << 20;

    private final ExecutorService turn = Executors.newSingleThreadExecutor();
    private final TestMachine monitor = new TestMachine();
    private final TestPrompt prompt = new TestPrompt();
    private DebugPort port;

    /**
     * A prompt with the commands {@code echo}, {@code fail}, {@code flood MEGABYTES}, {@code back}, {@code hang} and
     * {@code violate MEGABYTES}.
     */
    private static final class TestPrompt implements MachinePrompt {

        final List<String> said = new CopyOnWriteArrayList<>();
        final List<PromptClient> clients = new CopyOnWriteArrayList<>();
        final CountDownLatch left = new CountDownLatch(1);

        @Override
        public Attachment attach(PromptClient client) {
            clients.add(client);
            return new Attachment() {
                @Override
                public void line(int number, String line) {
                    said.add(number + ":" + line);
                    run(client, number, line.split(" ", 2)[0], line.substring(line.indexOf(' ') + 1));
                }

                @Override
                public List<String> complete(List<String> words, String word) {
                    return words.isEmpty() ? List.of() : List.of(String.join("+", words), word + "ölf");
                }

                @Override
                public void interrupt() {
                    said.add("interrupt");
                }

                @Override
                public void detach() {
                    if (clients.remove(client)) {
                        said.add("detach");
                        left.countDown();
                        client.bye(0, "");
                    }
                }
            };
        }

        private void run(PromptClient client, int number, String command, String rest) {
            switch (command) {
                case "echo" -> client.output(number, false, bytes(rest + "\n"));
                case "fail" -> client.output(number, true, bytes(rest + "\n"));
                case "flood" -> client.output(number, false, new byte[Integer.parseInt(rest) * MEGABYTE]);
                case "violate" ->
                        clients.forEach(other -> other.violation("v".repeat(Integer.parseInt(rest) * MEGABYTE)));
                case "back" -> client.background(number);
                default -> { }
            }
            if (!command.equals("back") && !command.equals("hang")) {
                client.ended(number, command.equals("fail") ? 1 : 0);
            }
        }

        private static byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    @BeforeEach
    void openThePort() throws IOException {
        port = DebugPort.open(LOOPBACK, DebugAccess.OPEN,
                new DebugServices(monitor.monitor, prompt, null, null, turn));
    }

    @AfterEach
    void closeThePort() {
        port.close();
        turn.shutdownNow();
        monitor.close();
    }

    private Client client() throws IOException {
        return new Client(port.address());
    }

    private static String run(int number, String line) {
        return "run " + number + " " + line.getBytes(StandardCharsets.UTF_8).length + "\n" + line;
    }

    private static void lines(Client client, String... lines) throws IOException {
        for (String line : lines) {
            assertThat(client.line()).isEqualTo(line);
        }
    }

    private void onTurn(Runnable work) throws Exception {
        turn.submit(work).get(30, TimeUnit.SECONDS);
    }

    // ---- the protocol ----

    @Test
    void howALineCouldGoOnIsAnsweredBetweenItsLinesAndNonsenseIsRefused() throws IOException {
        try (Client client = client()) {
            client.send(HELLO + "complete 8\ndd\nif=\nz");
            lines(client, "ferrite-attach 1", "candidates 12", "dd+if=");
            client.send(run(1, "echo on"));
            lines(client, "zölfout 1 3", "on", "end 1 0");
        }
        for (String nonsense : List.of("complete\n", "complete -1\n", "complete 70000\n", "complete 1 2\n")) {
            try (Client client = client()) {
                client.send(HELLO);
                lines(client, "ferrite-attach 1");
                client.send(nonsense);
                assertThat(client.line()).startsWith("error: a question comes as 'complete LEN'");
            }
        }
    }

    @Test
    void aLineIsAnsweredWithItsOutputItsErrorsAndItsStatus() throws IOException {
        try (Client client = client()) {
            client.send(HELLO + run(1, "echo zwölf"));
            lines(client, "ferrite-attach 1", "out 1 7", "zwölf", "end 1 0");
            client.send(run(7, "fail because"));
            lines(client, "err 7 8", "because", "end 7 1");
        }
    }

    @Test
    void framesMayComeInPieces() throws Exception {
        try (Client client = client()) {
            for (char piece : (HELLO + run(1, "echo a b")).toCharArray()) {
                client.send(String.valueOf(piece));
                Thread.sleep(2);
            }
            lines(client, "ferrite-attach 1", "out 1 4", "a b", "end 1 0");
        }
    }

    @Test
    void anEmptyLineIsALineAndControlCharactersEndNone() throws IOException {
        try (Client client = client()) {
            client.send(HELLO + "run 1 0\n");
            lines(client, "ferrite-attach 1", "end 1 0");
            client.send(run(2, "echo one\necho two\0"));
            lines(client, "out 2 14", "one echo two ", "end 2 0");
            assertThat(prompt.said).containsExactly("1:", "2:echo one echo two ");
        }
    }

    @Test
    void theNextLineMayComeWhenTheOneBeforeIsInTheBackground() throws IOException {
        try (Client client = client()) {
            client.send(HELLO + run(1, "back"));
            lines(client, "ferrite-attach 1", "background 1");
            client.send(run(2, "echo on"));
            lines(client, "out 2 3", "on", "end 2 0");
        }
    }

    @Test
    void anInterruptReachesThePromptWhileACommandRuns() throws Exception {
        try (Client client = client()) {
            client.send(HELLO + run(1, "hang") + "interrupt\nquit\n");
            lines(client, "ferrite-attach 1", "bye 0 0");
            assertThat(prompt.said).containsExactly("1:hang", "interrupt", "detach");
        }
    }

    @Test
    void theEndOfAClientsInputIsItsEndWhateverRuns() throws Exception {
        try (Client client = client()) {
            assertThat(client.send(HELLO + run(1, "hang")).endOutput().rest()).isEqualTo(HELLO + "bye 0 0\n");
            assertThat(prompt.left.await(10, TimeUnit.SECONDS)).isTrue();
        }
        try (Client client = client()) {
            assertThat(client.send("ferrite-attach 1").endOutput().rest()).isEmpty();
        }
    }

    @Test
    void aBigAnswerArrivesWholeAndInOrder() throws IOException {
        try (Client client = client()) {
            client.send(HELLO + run(1, "flood 20"));
            lines(client, "ferrite-attach 1");
            for (int i = 0; i < 20 * MEGABYTE / FrameSender.PIECE; i++) {
                lines(client, "out 1 65536");
                client.skip(FrameSender.PIECE);
            }
            lines(client, "end 1 0");
        }
    }

    @Test
    void everyClientHearsOfAViolationAndOfTheEnd() throws Exception {
        try (Client one = client(); Client two = client()) {
            one.send(HELLO);
            two.send(HELLO);
            lines(one, "ferrite-attach 1");
            lines(two, "ferrite-attach 1");
            onTurn(() -> prompt.clients.forEach(client -> {
                client.violation("a rule\nwas broken\n");
                client.bye(4, "over");
            }));
            turn.shutdown();
            assertThat(one.rest()).isEqualTo("violation 18\na rule\nwas broken\nbye 4 4\nover");
            assertThat(two.rest()).isEqualTo("violation 18\na rule\nwas broken\nbye 4 4\nover");
        }
    }

    @Test
    void whoWasToldByeHearsItEvenWhenThePortClosesAtOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            DebugPort other = DebugPort.open(LOOPBACK, DebugAccess.OPEN,
                new DebugServices(monitor.monitor, prompt, null, null, turn));
            try (Client client = new Client(other.address())) {
                lines(client.send(HELLO), "ferrite-attach 1");
                CompletableFuture<String> heard = CompletableFuture.supplyAsync(() -> rest(client));
                onTurn(() -> prompt.clients.forEach(one -> {
                    one.violation("x".repeat(MEGABYTE));
                    one.bye(0, "over");
                }));
                prompt.clients.clear();
                other.close();
                assertThat(heard.get(10, TimeUnit.SECONDS)).hasSize(MEGABYTE + 18 + 12).endsWith("bye 0 4\nover");
            }
        }
    }

    private static String rest(Client client) {
        try (client) {
            return client.rest();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    // ---- refused clients ----

    @ParameterizedTest
    @ValueSource(strings = {"ferrite-attach 2\n", "ferrite-attach \n", "ferrite-attach 1 \n", "ferrite-attach 11\n"})
    void anotherVersionIsRefused(String greeting) throws IOException {
        try (Client client = client()) {
            assertThat(client.send(greeting).rest()).startsWith("error: this machine speaks 'ferrite-attach 1'")
                    .endsWith("would be right\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense\n", "\n", "run\n", "run 1\n", "run 0 1\nx", "run -1 1\nx", "run 1 -1\n",
            "run 1 65537\n", "run 1 1 1\n", "run 99999999999 1\n", "run 1 0x1\n", "run 1 4\nhangrun 2 1\n",
            "run 2 4\nechorun 2 4\necho", " run 1 1\n", "out 1 1\n", "bye 0 0\n", "RUN 1 1\n"})
    void whatIsNoFrameIsRefusedInASentence(String frames) throws Exception {
        try (Client client = client()) {
            lines(client.send(HELLO), "ferrite-attach 1");
            String answer = client.send(frames).rest();
            assertThat(answer).contains("error: ").endsWith("\n");
            assertThat(answer.substring(answer.indexOf("error: "))).as("the last frame").hasLineCount(1);
            assertThat(prompt.left.await(10, TimeUnit.SECONDS)).as("detached").isTrue();
        }
    }

    @Test
    void aHeaderWithoutEndIsRefusedOnceItIsTooLong() throws IOException {
        try (Client client = client()) {
            assertThat(client.send("ferrite-attach " + "x".repeat(100)).rest()).startsWith("error: ");
        }
        try (Client client = client()) {
            assertThat(client.send(HELLO + "r".repeat(65)).rest()).contains("error: ");
        }
    }

    @Test
    void aPortWithoutAPromptAndAMachineThatHasEndedSaySo() throws IOException {
        try (DebugPort other = DebugPort.open(LOOPBACK, null, monitor.monitor, turn);
                Client client = new Client(other.address())) {
            assertThat(client.send(HELLO).rest()).isEqualTo("error: there is no prompt at this port\n");
        }
        turn.shutdown();
        try (Client client = client()) {
            assertThat(client.send(HELLO).rest()).isEqualTo("error: the machine's run has ended\n");
        }
    }

    @Test
    void aTokenIsNeededForAttachingToo() throws IOException {
        try (DebugPort other = DebugPort.open(LOOPBACK, new DebugAccess("s3cret", false),
                new DebugServices(monitor.monitor, prompt, null, null, turn));
                Client without = new Client(other.address()); Client with = new Client(other.address())) {
            assertThat(without.send(HELLO).rest()).startsWith("error: this port needs a token");
            lines(with.send("token s3cret\n" + HELLO + run(1, "echo in")), "ferrite-attach 1",
                    "out 1 3", "in", "end 1 0");
        }
    }

    // ---- hostile clients ----

    /** Each would wait in the machine's queue while a driver sleeps on the host. */
    @Test
    void aFloodOfInterruptsIsJoinedWhileTheMachineDoesNotLook() {
        Deque<Runnable> posts = new ArrayDeque<>();
        EmbeddedChannel channel = new EmbeddedChannel(new AttachHandler(prompt, posts::add,
                new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE), Rights.COMMAND));
        receive(channel, HELLO + run(1, "hang") + "interrupt\n".repeat(1000));
        assertThat(posts).as("attach, a line, an interrupt").hasSize(3);
        while (!posts.isEmpty()) {
            posts.remove().run();
        }
        receive(channel, "interrupt\n" + "quit\n".repeat(1000));
        assertThat(posts).as("an interrupt, and the end").hasSize(2);
        posts.forEach(Runnable::run);
        assertThat(prompt.said).containsExactly("1:hang", "interrupt", "interrupt", "detach");
        channel.finishAndReleaseAll();
    }

    private static void receive(EmbeddedChannel channel, String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.UTF_8));
    }

    @Test
    void aClientThatVanishesIsDetached() throws Exception {
        try (Client client = client()) {
            lines(client.send(HELLO + run(1, "hang")), "ferrite-attach 1");
            client.socket.setSoLinger(true, 0);                  // a reset
        }
        assertThat(prompt.left.await(10, TimeUnit.SECONDS)).isTrue();
    }

    /** The machine waits for it once, briefly, and is then free: its next command is not waited for at all. */
    @Test
    void aClientThatDoesNotReadHoldsTheMachineUpForSecondsAtMostAndIsDropped() throws Exception {
        try (Client slow = client(); Client other = client()) {
            slow.send(HELLO + run(1, "flood 200"));
            long before = System.nanoTime();
            lines(other.send(HELLO + run(1, "echo free")), "ferrite-attach 1", "out 1 5", "free", "end 1 0");
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before))
                    .isLessThan(FrameSender.PATIENCE_MILLIS + 8000);
            assertThat(prompt.left.await(10, TimeUnit.SECONDS)).as("dropped").isTrue();
            assertThatThrownBy(() -> slow.skip(200 * MEGABYTE)).isInstanceOf(IOException.class);
        }
    }

    /**
     * The machine never waits for a client that did not ask. Three violations of a megabyte are too much for this one,
     * and no time passes.
     */
    @Test
    void aClientThatDoesNotReadIsDroppedWithoutWaitingWhenOthersFillItsBacklog() throws Exception {
        try (Client idle = client(); Client other = client()) {
            lines(idle.send(HELLO), "ferrite-attach 1");
            lines(other.send(HELLO), "ferrite-attach 1");
            for (int i = 1; prompt.left.getCount() > 0 && i < 200; i++) {
                other.send(run(i, "violate 1"));
                lines(other, "violation 1048576");
                other.skip(MEGABYTE);
                lines(other, "end " + i + " 0");
            }
            assertThat(prompt.left.await(10, TimeUnit.SECONDS)).as("dropped").isTrue();
        }
    }

    @Test
    void garbageHarmsNothing() throws Exception {
        long seed = Seed.fresh().value();
        Random random = new Random(seed);
        List<String> pieces = List.of("run ", "1 ", "5\n", "echo x", "\n", " ", "interrupt\n", "quit\n",
                "run 2 6\necho y", "65536\n", "-1", "hang", "back", "\0", "bye 0 0\n",
                "9999999999 ", "run 3 4\nback", "run 4 9\nviolate 0", HELLO);
        for (int i = 0; i < 300; i++) {
            StringBuilder said = new StringBuilder(random.nextInt(10) == 0 ? "" : HELLO);
            for (int j = random.nextInt(30); j > 0; j--) {
                said.append(random.nextInt(20) == 0 ? String.valueOf((char) random.nextInt(256))
                        : pieces.get(random.nextInt(pieces.size())));
            }
            try (Client client = client()) {
                client.send(said.toString().getBytes(StandardCharsets.ISO_8859_1));
                if (random.nextInt(4) != 0) {
                    client.send("\nquit\n").endOutput();
                    client.rest();
                }
            } catch (java.net.SocketTimeoutException hung) {
                throw new AssertionError("hung on what seed " + seed + " said in round " + i + ": " + said, hung);
            } catch (IOException resetByThePort) {
                // it may
            }
        }
        try (Client client = patientClient()) {
            lines(client.send(HELLO + run(1, "echo well")), "ferrite-attach 1", "out 1 5", "well", "end 1 0");
        }
    }

    /** Returns a client after a place has become free, a moment after another client left. */
    private Client patientClient() throws Exception {
        for (int attempt = 0; attempt < 100; attempt++) {
            Client client = client();
            try {
                if ("free".equals(client.send("echo free\n").line())) {
                    client.close();
                    Thread.sleep(20);
                    return client();
                }
            } catch (IOException full) {
                // again
            }
            client.close();
            Thread.sleep(50);
        }
        throw new AssertionError("the port stayed full");
    }

    // ---- the client's end ----

    /** Serves one connection: sends an answer and disconnects. Returns the result of a client that attaches. */
    private static String connectTo(String answer) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                } catch (IOException gone) {
                    // the client has received enough
                }
            });
            thread.setDaemon(true);
            thread.start();
            InetSocketAddress address = new InetSocketAddress("127.0.0.1", server.getLocalPort());
            try (AttachClient client = AttachClient.connect(address, null)) {
                client.listen(new Deaf());
                return "bye";
            } catch (IOException e) {
                return e.getMessage();
            }
        }
    }

    private static final class Deaf implements AttachClient.Listener {
        @Override
        public void output(boolean error, byte[] bytes, int length) { }

        @Override
        public void violation(byte[] bytes, int length) { }

        @Override
        public void background(int number) { }

        @Override
        public void ended(int number, int status) { }

        @Override
        public void bye(int status, String reason) { }
    }

    @Test
    void theClientSaysWhoItIsThatItCannotTalkTo() throws Exception {
        assertThat(connectTo("")).contains("closed the connection without a greeting");
        assertThat(connectTo("SSH-2.0-OpenSSH_9.2\r\n"))
                .contains("is not a Ferrite machine that clients can attach to");
        assertThat(connectTo("x".repeat(100_000))).contains("which is not a frame of").hasSizeLessThan(300);
        assertThat(connectTo("error: this port needs a token: so\n")).contains(" says: this port needs a token: so");
    }

    @Test
    void theClientTakesNothingForAFrameThatIsNone() throws Exception {
        for (String frame : List.of("nonsense", "out", "out 1", "out 1 -5", "out x 5", "end 1", "end 1 1 1",
                "violation 99999999999", "bye", "bye 1", "", "\u001b[2J")) {
            assertThat(connectTo(HELLO + frame + "\n")).as(frame).contains("which is not a frame of")
                    .doesNotContain("\u001b");
        }
        assertThat(connectTo(HELLO + "out 1 2147483647\nshort")).contains("was lost");
        assertThat(connectTo(HELLO + "end 1 0\n")).contains("was lost");
        assertThat(connectTo(HELLO + "end 1 0\nbye 0 0\n")).isEqualTo("bye");
    }
}
