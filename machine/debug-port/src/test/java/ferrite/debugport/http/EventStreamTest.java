package ferrite.debugport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The events with the JDK's WebSocket as the client. */
@Timeout(60)
class EventStreamTest {

    private TestPages pages;

    /** A client that keeps the text frames. */
    private static final class Listener implements WebSocket.Listener {

        final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        volatile String reason = "";
        private final StringBuilder part = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            part.append(data);
            if (last) {
                texts.add(part.toString());
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            this.reason = reason;
            texts.add("closed " + status);
            return null;
        }

        @Override
        public CompletionStage<?> onPong(WebSocket socket, java.nio.ByteBuffer message) {
            texts.add("pong");
            socket.request(1);
            return null;
        }

        String next() throws InterruptedException {
            String text = texts.poll(10, TimeUnit.SECONDS);
            assertThat(text).as("a frame within ten seconds").isNotNull();
            return text;
        }
    }

    @BeforeEach
    void openThePort() throws IOException {
        pages = new TestPages(null);
    }

    @AfterEach
    void closeThePort() {
        pages.close();
    }

    private WebSocket connect(Listener listener) {
        return HttpClient.newHttpClient().newWebSocketBuilder()
                .buildAsync(URI.create("ws://" + pages.host() + "/api/v1/events"), listener).join();
    }

    private void offer(String text) throws Exception {
        pages.turn.submit(() -> pages.sinks.forEach(sink -> sink.offer(() -> text.getBytes(StandardCharsets.UTF_8))))
                .get();
    }

    private void awaitSinks(int count) throws InterruptedException {
        for (int i = 0; i < 1000 && pages.sinks.size() != count; i++) {
            Thread.sleep(10);
        }
        assertThat(pages.sinks).hasSize(count);
    }

    @Test
    void eachEventIsATextFrameAndThoseWhoLeaveAreForgotten() throws Exception {
        Listener one = new Listener();
        Listener two = new Listener();
        WebSocket first = connect(one);
        WebSocket second = connect(two);
        awaitSinks(2);
        for (int i = 0; i < 300; i++) {
            offer("event " + i);
        }
        for (int i = 0; i < 300; i++) {
            assertThat(one.next()).isEqualTo("event " + i);
            assertThat(two.next()).isEqualTo("event " + i);
        }
        first.sendPing(java.nio.ByteBuffer.allocate(3)).join();
        assertThat(one.next()).isEqualTo("pong");
        first.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        assertThat(one.next()).isEqualTo("closed 1000");
        second.abort();
        awaitSinks(0);
    }

    @Test
    void aFloodIsDroppedAndCountedAndTheOrderIsKept() throws Exception {
        Listener listener = new Listener();
        connect(listener);
        awaitSinks(1);
        int many = 10 * EventQueue.MAX_EVENTS;
        long[] made = new long[1];
        pages.turn.submit(() -> {
            for (int i = 0; i < many; i++) {
                String text = "event " + i;
                pages.sinks.get(0).offer(() -> {
                    made[0]++;
                    return text.getBytes(StandardCharsets.UTF_8);
                });
            }
        }).get();
        long seen = 0;
        long dropped = 0;
        while (seen + dropped < many) {
            String text = listener.next();
            if (text.startsWith("dropped ")) {
                dropped += Long.parseLong(text.substring(8));
            } else {
                assertThat(text).isEqualTo("event " + (seen + dropped));
                seen++;
            }
        }
        assertThat(seen).isEqualTo(made[0]).isLessThanOrEqualTo(2L * EventQueue.MAX_EVENTS);
        assertThat(dropped).isPositive();
    }

    @Test
    void aClientThatReadsNothingHoldsNoMoreThanItsQueue() throws Exception {
        try (TestPages.HttpClient client = pages.client()) {
            client.send(pages.get("/api/v1/events") + "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            awaitSinks(1);
            String big = "x".repeat(1 << 16);
            long[] made = new long[1];
            for (int i = 0; i < 10_000; i++) {
                pages.turn.submit(() -> pages.sinks.forEach(sink -> sink.offer(() -> {
                    made[0]++;
                    return big.getBytes(StandardCharsets.UTF_8);
                }))).get();
            }
            assertThat(made[0]).as("events kept or sent, of 64 KiB").isLessThan(1000);
        }
        awaitSinks(0);
    }

    @Test
    void aClientThatSendsMessagesIsClosed() throws Exception {
        Listener listener = new Listener();
        WebSocket socket = connect(listener);
        awaitSinks(1);
        socket.sendText("echo one", true).join();
        assertThat(listener.next()).isEqualTo("closed 1003");
        awaitSinks(0);
        assertThat(pages.monitored).isEmpty();
    }

    @Test
    void theEndOfTheRunIsToldInACloseFrameAfterTheLastEvents() throws Exception {
        Listener one = new Listener();
        Listener two = new Listener();
        connect(one);
        connect(two);
        awaitSinks(2);
        for (int i = 0; i < 3 * EventStream.EVENTS_PER_TICK; i++) {
            offer("event " + i);
        }
        pages.port.ended(4);
        pages.port.close();
        for (Listener listener : new Listener[] {one, two}) {
            for (int i = 0; i < 3 * EventStream.EVENTS_PER_TICK; i++) {
                assertThat(listener.next()).isEqualTo("event " + i);
            }
            assertThat(listener.next()).isEqualTo("closed 1001");
            assertThat(listener.reason)
                    .isEqualTo("going away: the machine's run has ended with exit status 4");
        }
    }

    @Test
    void aStreamOfAMachineThatHasEndedIsClosedAtOnce() throws Exception {
        pages.turn.shutdown();
        Listener listener = new Listener();
        connect(listener);
        assertThat(listener.next()).isEqualTo("closed 1001");
        assertThat(listener.reason).isEqualTo("the machine has ended");
    }

    /** A client that neither reads nor answers the close frame delays the port's end by two seconds at most. */
    @Test
    void aClientThatReadsNothingDoesNotKeepThePort() throws Exception {
        try (TestPages.HttpClient client = pages.client()) {
            client.send(pages.get("/api/v1/events") + "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            awaitSinks(1);
            offer("x".repeat(16 << 20));
            long start = System.nanoTime();
            pages.port.ended(0);
            pages.port.close();
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isLessThan(5000);
        }
    }

    @Test
    void aPageOfAnotherSiteGetsNoEvents() {
        assertThatThrownBy(() -> HttpClient.newHttpClient().newWebSocketBuilder()
                .header("Origin", "http://evil.example").buildAsync(URI.create("ws://" + pages.host()
                        + "/api/v1/events"), new Listener()).join())
                .hasMessageContaining("WebSocketHandshakeException");
        assertThat(pages.sinks).isEmpty();
    }
}
