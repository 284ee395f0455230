package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.debugport.pipeline.Tokens;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A port with a token. */
@Timeout(60)
class TokenTest {

    private static final String REFUSAL = "this port needs a token: the first line must be 'token T', "
            + "with the T that the machine was started with\n";

    private TestMachine machine;
    private DebugPort port;

    @BeforeEach
    void openThePort() throws IOException {
        machine = new TestMachine();
        port = DebugPort.open(new InetSocketAddress("0.0.0.0", 0), "s3cret", machine.monitor, machine.turn);
    }

    @AfterEach
    void closeThePort() {
        port.close();
        machine.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"token s3cret\necho in\n", "token s3cret\r\necho in\r\n", "auth s3cret\necho in\n"})
    void theRightTokenLetsTheClientIn(String lines) throws IOException {
        try (Client client = client()) {
            assertThat(client.send(lines).line()).isEqualTo("in");
        }
    }

    @Test
    void aClientThatWaitsAfterTheTokenIsLetInToo() throws Exception {
        try (Client client = client()) {
            client.send("tok");
            Thread.sleep(50);
            client.send("en s3cret\n");
            Thread.sleep(50);
            assertThat(client.send("echo in\n").line()).isEqualTo("in");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"token s3creT\necho in\n", "token s3cret \n", "token \n", "token\n", "echo in\n", "\n",
            "Token s3cret\n", "token s3cret2\n", " token s3cret\n"})
    void anyOtherFirstLineIsRefused(String lines) throws IOException {
        try (Client client = client()) {
            assertThat(client.send(lines).rest()).isEqualTo("error: " + REFUSAL);
            assertThat(machine.ran).isEmpty();
        }
    }

    @Test
    void aTokenWithoutEndIsRefusedOnceItIsTooLong() throws IOException {
        try (Client client = client()) {
            assertThat(client.send("token " + "s".repeat(1030)).rest()).isEqualTo("error: " + REFUSAL);
        }
    }

    @Test
    void aTokenWhoseLineNeverEndsIsRefused() throws IOException {
        try (Client client = client()) {
            assertThat(client.send("token s3cret").endOutput().rest()).isEqualTo("error: " + REFUSAL);
        }
    }

    @Test
    void gdbAndHttpAreRefusedInTheirOwnWay() throws IOException {
        try (Client gdb = client(); Client http = client()) {
            assertThat(gdb.send("+$qSupported#37").rest()).isEqualTo(Client.gdbError(REFUSAL.strip()));
            assertThat(http.send("GET / HTTP/1.1\r\n\r\n").rest())
                    .startsWith("HTTP/1.1 401 Unauthorized\r\n").endsWith("\r\n\r\n" + REFUSAL);
        }
    }

    @Test
    void gdbIsServedWithoutATokenOnlyIfThePortWasOpenedSo() throws IOException {
        try (DebugPort open = DebugPort.open(new InetSocketAddress("127.0.0.1", 0), new DebugAccess("s3cret", true),
                DebugServices.of(machine.monitor, machine.turn)); Client gdb = new Client(open.address());
                Client text = new Client(open.address())) {
            assertThat(gdb.send("+$?#3f").rest()).isEqualTo(Client.gdbError("this machine is not served to GDB"));
            assertThat(text.send("echo in\n").line()).startsWith("error: this port needs a token");
        }
    }

    @Test
    void anyProtocolMayFollowTheToken() throws IOException {
        try (Client gdb = client()) {
            assertThat(gdb.send("token s3cret\n+$?#3f").rest())
                    .isEqualTo(Client.gdbError("this machine is not served to GDB"));
        }
    }

    @Test
    void aStrangerWhoSaysNothingIsSentAwayInTime() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.freezeTime();
        channel.pipeline()
                .addLast(new TokenGate(new Tokens("s3cret", () -> 0), false, null, new ProtocolChooser(
                        new DebugServices(machine.monitor, null, null, null, machine.turn), rights -> null, null, null,
                        () -> true), rights -> null));
        channel.pipeline().fireChannelActive();

        for (int second = 0; second < TokenGate.DEADLINE_SECONDS; second++) {
            assertThat(channel.isOpen()).isTrue();
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();
        }

        ByteBuf said = channel.readOutbound();
        assertThat(said.toString(StandardCharsets.UTF_8)).isEqualTo("error: " + REFUSAL);
        assertThat(channel.isOpen()).isFalse();
    }

    private Client client() throws IOException {
        return new Client(new InetSocketAddress("127.0.0.1", port.address().getPort()));
    }
}
