package ferrite.debugport.http;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.debugport.http.TestPages.HttpClient;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests over real sockets, well-behaved and hostile. */
@Timeout(60)
class RequestHandlerTest {

    private TestPages pages;

    @BeforeEach
    void openThePort() throws IOException {
        pages = new TestPages(null);
    }

    @AfterEach
    void closeThePort() {
        assertThat(pages.monitored).as("lines of requests taken for commands").isEmpty();
        pages.close();
    }

    @Test
    void aPageIsMadeOnTheMachinesThreadAndTheConnectionStays() throws IOException {
        try (HttpClient client = pages.client()) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.send(pages.get("/api/v1/thread?n=" + i + "&e=%C3%A9") + "\r\n").answer())
                        .startsWith("HTTP/1.1 200 OK\r\n").contains("content-type: application/json")
                        .endsWith("\"turn{n=" + i + ", e=é}\"");
            }
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws IOException {
        try (HttpClient client = pages.client()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                requests.append(pages.get("/api/v1/thread?n=" + i)).append("\r\n");
            }
            client.send(requests.toString());
            for (int i = 0; i < 200; i++) {
                assertThat(client.answer()).endsWith("\"turn{n=" + i + "}\"");
            }
        }
    }

    @Test
    void aHeadRequestGetsTheHeadAlone() throws IOException {
        try (HttpClient client = pages.client()) {
            client.send(pages.get("/api/v1/big").replace("GET", "HEAD") + "\r\n"
                    + pages.get("/api/v1/thread") + "Connection: close\r\n\r\n");
            assertThat(client.rest()).startsWith("HTTP/1.1 200 OK\r\n").contains("content-length: 8388610\r\n")
                    .hasSizeLessThan(1000).endsWith("\"turn{}\"");
        }
    }

    @Test
    void aRequestMayComeByteByByte() throws Exception {
        try (HttpClient client = pages.client()) {
            for (char c : (pages.get("/api/v1/thread") + "\r\n").toCharArray()) {
                client.send("" + c);
                Thread.sleep(1);
            }
            assertThat(client.answer()).startsWith("HTTP/1.1 200 OK");
        }
    }

    @Test
    void http10EndsTheConnectionAfterTheAnswer() throws IOException {
        try (HttpClient client = pages.client()) {
            assertThat(client.send("GET /api/v1 HTTP/1.0\r\n\r\n").rest()).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    @Test
    void aClientThatHasSentEverythingGetsItsAnswer() throws IOException {
        try (HttpClient client = pages.client()) {
            client.send(pages.get("/api/v1/thread") + "\r\n").socket.shutdownOutput();
            assertThat(client.rest()).endsWith("\"turn{}\"");
        }
    }

    @Test
    void errorsAreJsonWithASentence() throws IOException {
        assertAnswer(pages.get("/nowhere") + "\r\n", "404", "the pages are /api/v1, /api/v1/thread");
        assertAnswer(pages.get("/api/v1/crash") + "\r\n", "500", "internal error");
        assertAnswer(pages.get("/api/v1").replace("GET", "DELETE") + "\r\n", "405", "GET and HEAD");
        assertAnswer(pages.get("/api/v1?a=1&a=2") + "\r\n", "400", "twice");
        assertAnswer(pages.get("/api/v1?a=%zz") + "\r\n", "400", "decoded");
        assertAnswer(pages.get("/api/v1/events") + "\r\n", "426", "WebSocket");
        assertAnswer("GET /api/v1 HTTP/1.1\r\n\r\n", "400", "one Host");
        assertAnswer(pages.get("/api/v1") + "Host: localhost\r\n\r\n", "400", "one Host");
        assertAnswer(pages.get("http://example.org/") + "\r\n", "400", "no proxy");
        assertAnswer(pages.get("/api/v1").replace("1.1\r", "2.7\r") + "\r\n", "505", "HTTP/1.1");
        assertAnswer("GET /a b c HTTP/1.1\r\n\r\n", "40", "error");
        assertAnswer("GET /" + "x".repeat(5000) + " HTTP/1.1\r\n\r\n", "414", "4096");
        assertAnswer(pages.get("/api/v1") + "X: " + "x".repeat(9000) + "\r\n\r\n", "431", "8192");
    }

    private void assertAnswer(String request, String status, String sentence) throws IOException {
        try (HttpClient client = pages.client()) {
            assertThat(client.send(request).answer()).startsWith("HTTP/1.1 " + status)
                    .contains("content-type: application/json").contains("{\"error\":\"").contains(sentence);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 9\r\n\r\necho one\n",
        "Transfer-Encoding: chunked\r\n\r\n9\r\necho one\n\r\n0\r\n",
        "Content-Length: 0\r\nContent-Length: 9\r\n\r\necho one\n",
        "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\necho one\n",
        "Content-Length: -1\r\n\r\necho one\n", "\u000becho: one\r\n\r\necho one\n"})
    void aBodyIsRefusedAndNothingAfterItIsHandled(String rest) throws IOException {
        try (HttpClient client = pages.client()) {
            String said = client.send(pages.get("/api/v1").replace("GET", "POST") + rest
                    + pages.get("/api/v1/thread") + "\r\necho two\n").rest();
            assertThat(said).startsWith("HTTP/1.1 4").contains("connection: close").doesNotContain("turn");
        }
    }

    @Test
    void afterARequestALineOfTextIsABadRequestAndNoCommand() throws IOException {
        try (HttpClient client = pages.client()) {
            assertThat(client.send(pages.get("/api/v1/thread") + "\r\necho one\n\n").rest())
                    .startsWith("HTTP/1.1 200").contains("HTTP/1.1 400");
        }
    }

    @Test
    void aHugeBodyIsDrainedForAMomentSoThatTheAnswerArrives() throws IOException {
        try (HttpClient client = pages.client()) {
            client.send(pages.get("/api/v1") + "Content-Length: 100000\r\n\r\n" + "x".repeat(100_000));
            assertThat(client.rest()).startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    void endlessHeadersEndInARefusal() throws IOException {
        try (HttpClient client = pages.client()) {
            client.send(pages.get("/api/v1"));
            String said = "";
            try {
                for (int i = 0; i < 100_000; i++) {
                    client.send("X-" + i + ": y\r\n");
                }
            } catch (SocketException cutOff) {
                said = "cut off";
            }
            assertThat(said).isEqualTo("cut off");
        }
    }

    /** More clients than are served at once: strangers that say half a request, read nothing, or leave. */
    @Test
    void threeHundredHostileClientsLeaveThePortUsable() throws IOException {
        List<HttpClient> clients = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            try {
                HttpClient client = pages.client();
                clients.add(client);
                String many = (pages.get("/api/v1/big") + "\r\n").repeat(20);
                client.send(i % 3 == 0 ? "GET /api" : i % 3 == 1 ? many : "G");
            } catch (SocketException cutOff) {
                // more than are told a sentence
            }
        }
        for (HttpClient client : clients) {
            client.close();
        }
        String said = "";
        for (int attempt = 0; attempt < 100 && !said.startsWith("HTTP/1.1 200"); attempt++) {
            try (HttpClient client = pages.client()) {
                Thread.sleep(50);
                said = client.send(pages.get("/api/v1/thread") + "\r\n").answer();
            } catch (IOException | InterruptedException full) {
                said = full.toString();
            }
        }
        assertThat(said).startsWith("HTTP/1.1 200");
    }

    @Test
    void aRequestBeyondTheLimitIsAnsweredWith503AndTheSentence() throws IOException {
        List<HttpClient> clients = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            HttpClient client = pages.client();
            clients.add(client);
            assertThat(client.send(pages.get("/api/v1/thread") + "\r\n").answer()).startsWith("HTTP/1.1 200");
        }
        try (HttpClient oneMore = pages.client()) {
            String answer = oneMore.send("GE").send("T /api/v1 HTTP/1.1\r\nHost: " + pages.host() + "\r\n\r\n").rest();
            assertThat(answer).startsWith("HTTP/1.1 503 Service Unavailable\r\n").contains("connection: close")
                    .endsWith("\r\n\r\n{\"error\":\"the debug port serves at most 16 clients at once, and has as many; "
                            + "end one of them and try again\"}");
        }
        for (HttpClient client : clients) {
            client.close();
        }
    }

    @Test
    void afterTheMachinesEndARequestIsToldSo() throws IOException {
        pages.turn.shutdown();
        assertAnswer(pages.get("/api/v1") + "\r\n", "503", "has ended");
    }
}
