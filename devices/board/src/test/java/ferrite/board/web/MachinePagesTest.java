package ferrite.board.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.Json;
import ferrite.board.JsonSchema;
import ferrite.board.Tools;
import ferrite.board.front.JsonSchemas;
import ferrite.board.front.ViolationText;
import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.Session;
import ferrite.board.wiring.BareBoard;
import ferrite.board.wiring.BareHost;
import ferrite.debugport.DebugAccess;
import ferrite.debugport.DebugPort;
import ferrite.debugport.DebugServices;
import ferrite.debugport.http.WebPages;
import ferrite.hardware.Machine;
import ferrite.hardware.report.Violation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The pages of both kinds of machine, and runs with clients of HTTP. */
@Timeout(120)
class MachinePagesTest {

    private static final String[] WORK = {"cat /proc/buddyinfo", "sha256sum /proc/zoneinfo", "cat /proc/slabinfo",
        "hexdump -C /proc/meminfo", "ls /dev", "sleep 0.01", "ps"};

    @TempDir
    private Path directory;

    /** A run with the mini-kernel. */
    private static final class Run implements AutoCloseable {

        final Session session;
        final MachinePages pages;

        Run(String... script) throws IOException {
            PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
            session = new Session(new BoardOptions().ram(32 << 20).harts(2), List.of(script), () -> null,
                    new Session.Streams(new ByteArrayOutputStream(), nowhere, OutputStream.nullOutputStream(), false),
                    new ViolationText("")::of);
            pages = new MachinePages(session.machine(), session.monitor());
        }

        Map<String, Object> page(String path, String... parameters) {
            WebPages.Answer answer = answer(path, parameters);
            assertThat(answer.status()).as(path + ": " + text(answer)).isEqualTo(200);
            Map<String, Object> page = Json.object(text(answer));
            assertThat(path.endsWith(".json") ? List.of() : JsonSchema.of(JsonSchemas.REPORT).mistakes(page)).isEmpty();
            return page;
        }

        WebPages.Answer answer(String path, String... parameters) {
            Map<String, String> values = new LinkedHashMap<>();
            for (int i = 0; i < parameters.length; i += 2) {
                values.put(parameters[i], parameters[i + 1]);
            }
            return pages.page("/api/v1" + path, values);
        }

        @Override
        public void close() throws IOException {
            session.close();
        }
    }

    private static String text(WebPages.Answer answer) {
        return new String(answer.json(), StandardCharsets.UTF_8);
    }

    @Test
    void eachPageIsServedAndDescribedAndLooksAtTheMachine() throws IOException {
        try (Run run = new Run(WORK)) {
            assertThat(run.answer("/zones").status()).as("before boot").isEqualTo(503);
            run.session.run();
            Machine.Digest digest = run.session.machine().digest();
            for (String path : run.pages.paths()) {
                String page = path.substring("/api/v1".length());
                String[] parameters = page.equals("/who") ? new String[] {"address", "0xc0100000"}
                        : page.equals("/walk") || page.equals("/memory") ? new String[] {"va", "0xc0100000"}
                        : new String[0];
                assertThat(run.page(page, parameters)).as(path).isNotEmpty();
            }
            assertThat(run.session.machine().digest()).isEqualTo(digest);
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void theDescriptionAndTheIndexListEveryPageAndNoOther() throws IOException {
        try (Run run = new Run()) {
            List<String> served = new ArrayList<>(run.pages.paths());
            served.add(WebPages.EVENTS);
            Map<String, Object> description = run.page("/openapi.json");
            assertThat(description.get("openapi")).isEqualTo("3.0.3");
            Map<String, Object> paths = (Map<String, Object>) description.get("paths");
            assertThat(paths.keySet()).containsExactlyElementsOf(served);
            List<Map<String, Object>> index = (List<Map<String, Object>>) run.page("").get("children");
            assertThat(index).extracting(page -> page.get("name")).containsExactlyElementsOf(served);
            assertThat(served).contains("/api/v1/zones", "/api/v1/buddyinfo", "/api/v1/slabs", "/api/v1/dma",
                    "/api/v1/harts", "/api/v1/tasks", "/api/v1/interrupts", "/api/v1/memory", "/api/v1/who",
                    "/api/v1/violations").doesNotHaveDuplicates();
        }
    }

    @Test
    void aBareMachineServesOnlyItsOwnPages() throws IOException {
        Path image = Files.write(directory.resolve("image"), new byte[] {0x6f, 0, 0, 0});
        for (BoardKind kind : BoardKind.values()) {
            try (BareBoard board = BareBoard.of(new BoardOptions().kind(kind).ram(8 << 20),
                    new GuestProgram(image, null, ""), new Silent())) {
                WebPages pages = new MachinePages(board.machine(), board.monitor());
                assertThat(pages.paths()).contains("/api/v1/harts", "/api/v1/memory", "/api/v1/interrupts",
                        "/api/v1/violations").doesNotContain("/api/v1/zones", "/api/v1/tasks", "/api/v1/who")
                        .contains(kind == BoardKind.VIRT ? "/api/v1/virtio" : "/api/v1/dma");
                for (String path : pages.paths()) {
                    Map<String, String> values = new LinkedHashMap<>();
                    if (path.endsWith("/memory")) {
                        values.put("pa", "0x" + Long.toHexString(kind.ramBase()));
                        values.put("length", "4");
                    } else if (path.endsWith("/walk")) {
                        values.put("va", "0");
                    }
                    assertThat(pages.page(path, values).status()).as(path).isEqualTo(200);
                }
            }
        }
    }

    private static final class Silent implements BareHost {
        @Override
        public void serialOutput(int value) { }

        @Override
        public void write(int descriptor, byte[] bytes) { }

        @Override
        public void inputWanted(boolean polled) { }

        @Override
        public void violation(Violation violation) { }
    }

    @Test
    void wrongParametersAreRefusedWithASentence() throws IOException {
        try (Run run = new Run("ls")) {
            run.session.run();
            assertRefused(run.answer("/zones", "x", "1"), "there is no parameter 'x'");
            assertRefused(run.answer("/who"), "address: a 32-bit address is expected");
            assertRefused(run.answer("/who", "address", "0x1; help"), "address: a 32-bit address");
            assertRefused(run.answer("/who", "address", "4294967296"), "address: a 32-bit address");
            assertRefused(run.answer("/memory"), "va=ADDRESS, or pa=ADDRESS");
            assertRefused(run.answer("/memory", "va", "0xc0000000", "length", "1000000"), "a number from 0 to 16384");
            assertRefused(run.answer("/memory", "va", "0x10"), "no translation");
            assertRefused(run.answer("/memory", "pa", "0xffffffff", "length", "2"), "past the 32-bit");
            assertRefused(run.answer("/harts", "hart", "2"), "a number from 0 to 1");
            assertThat(run.page("/memory", "pa", "010", "length", "1").get("pa")).isEqualTo("0x0000000a");
        }
    }

    private static void assertRefused(WebPages.Answer answer, String sentence) {
        assertThat(answer.status()).isEqualTo(400);
        assertThat((String) Json.object(text(answer)).get("error")).contains(sentence);
    }

    @Test
    void curlReadsAPageAndIsRefusedWhereABrowserWouldBe() throws Exception {
        try (Run run = new Run("ls"); DebugPort port = DebugPort.open(new InetSocketAddress("127.0.0.1", 0),
                DebugAccess.OPEN, new DebugServices(run.session.monitor(), null, run.pages, null, Runnable::run))) {
            run.session.run();
            String url = "http://localhost:" + port.address().getPort() + "/api/v1/buddyinfo";
            Map<String, Object> page = Json.object(Tools.run(directory, "curl", "-s", "-S", "-4", url));
            assertThat(page.get("name")).isEqualTo("buddyinfo");
            assertThat(Tools.run(directory, "curl", "-s", "-S", "-4", "-I", url)).startsWith("HTTP/1.1 200 OK");
            assertThat(Tools.run(directory, "curl", "-s", "-S", "-4", "-w", " %{http_code}", "-H", "Host: evil.example",
                    url)).endsWith(" 403");
            assertThat(Tools.run(directory, "curl", "-s", "-S", "-4", "-w", " %{http_code}", "-d", "echo one", url))
                    .endsWith(" 413");
            assertThat(Tools.run(directory, "curl", "-s", "-S", "-4", url, url + "?x=1", url)).contains("no parameter");
        }
    }

    /** Four clients ask for every page as fast as they can, and one follows the events. */
    @Test
    void aRunWithRequestsFlyingIsTheSameRun() throws Exception {
        Machine.Digest alone;
        try (Run run = new Run(WORK)) {
            run.session.run();
            alone = run.session.machine().digest();
        }
        try (Run run = new Run(WORK)) {
            run.session.machine().control().halt();
            List<String> events = new ArrayList<>();
            try (DebugPort port = DebugPort.open(new InetSocketAddress("127.0.0.1", 0), DebugAccess.OPEN,
                    new DebugServices(run.session.monitor(), null, run.pages, null,
                            run.session.machine().control()::post))) {
                Thread machine = new Thread(() -> {
                    try {
                        run.session.run();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
                machine.start();
                String host = "127.0.0.1:" + port.address().getPort();
                CountDownLatch seen = new CountDownLatch(1);
                WebSocket socket = HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(
                        URI.create("ws://" + host + WebPages.EVENTS), new Follower(events, seen)).join();
                List<Thread> clients = new ArrayList<>();
                CountDownLatch asking = new CountDownLatch(4);
                for (int client = 0; client < 4; client++) {
                    clients.add(new Thread(() -> ask(host, run.pages.paths(), asking)));
                }
                clients.forEach(Thread::start);
                assertThat(asking.await(30, TimeUnit.SECONDS)).as("each client has its first answers").isTrue();
                run.session.machine().control().post(run.session.machine().control()::resume);
                machine.join();
                for (Thread client : clients) {
                    client.join();
                }
                assertThat(seen.await(10, TimeUnit.SECONDS)).as("an event with a line of the log").isTrue();
                socket.abort();
            }
            assertThat(run.session.machine().digest()).isEqualTo(alone);
        }
    }

    /** Asks for all pages again and again, until the machine has ended. Counts down after the first round. */
    private static void ask(String host, List<String> paths, CountDownLatch asking) {
        HttpClient client = HttpClient.newHttpClient();
        String said = "";
        for (int answers = 0; !said.contains("answers no more requests"); answers++) {
            if (answers == paths.size()) {
                asking.countDown();
            }
            URI page = URI.create("http://" + host + paths.get(answers % paths.size()));
            try {
                said = client.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString()).body();
            } catch (IOException | InterruptedException closed) {
                return;
            }
        }
    }

    /** A client of the events. */
    private record Follower(List<String> events, CountDownLatch log) implements WebSocket.Listener {

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            events.add(data.toString());
            if (data.toString().contains("\"kind\":\"log\"")) {
                log.countDown();
            }
            socket.request(1);
            return null;
        }
    }

    @Test
    void aTracedRunIsTheSameRunAndItsEventsAreTold() throws Exception {
        Machine.Digest alone;
        try (Run run = new Run(WORK)) {
            run.session.run();
            alone = run.session.machine().digest();
        }
        try (Run run = new Run(WORK)) {
            List<Object> kinds = new ArrayList<>();
            run.pages.follow(json ->
                    kinds.add(Json.object(new String(json.get(), StandardCharsets.UTF_8)).get("kind")));
            assertThat(run.session.monitor().execute("trace on bus,mmio,dma,trap irq,alloc,sched").value("traced"))
                    .isEqualTo("bus mmio dma trap irq alloc sched");
            run.session.run();
            assertThat(run.session.machine().digest()).isEqualTo(alone);
            assertThat(kinds).contains("bus", "mmio", "dma", "irq", "alloc", "sched", "log");
            run.session.monitor().execute("trace off");
            assertThatThrownBy(() -> run.session.monitor().execute("trace on sun"))
                    .hasMessage("'sun' cannot be traced; bus, mmio, dma, trap, irq, alloc, buddy, slab, sched can");
        }
    }

    @Test
    void everyCommandOfTheBoardHasAnExample() throws IOException {
        try (Run run = new Run()) {
            assertThat(run.session.board().monitor().commands()).allSatisfy(command ->
                    assertThat(command.examples()).as(command.name()).isNotEmpty());
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void violationsAndLogLinesAreEvents() throws IOException {
        List<Map<String, Object>> events = new ArrayList<>();
        try (Run run = new Run("ls")) {
            run.pages.follow(json -> events.add(Json.object(new String(json.get(), StandardCharsets.UTF_8))));
            run.session.run();
            assertThat(events).isNotEmpty()
                    .allSatisfy(event -> assertThat(event).containsKeys("kind", "tick", "facts"));
            assertThat(events).extracting(event -> event.get("kind")).contains("log");
            assertThat((Map<String, Object>) events.get(0).get("facts")).containsKey("line");
            int count = events.size();
            run.session.machine().events().tell(new Violation.Builder("dma-above-reach", "a test")
                    .build("", run.session.machine().moment()));
            assertThat(events).hasSize(count + 1);
            assertThat((Map<String, Object>) events.get(count).get("facts"))
                    .containsEntry("rule", "dma-above-reach").containsEntry("summary", "a test");
            assertThat(events).allSatisfy(event ->
                    assertThat(JsonSchema.of(JsonSchemas.EVENT).mistakes(event)).isEmpty());
            assertThat(run.page("/violations").get("count")).isEqualTo(1L);
        }
    }
}
