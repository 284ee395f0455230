package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are slow with their handshake, or with its first byte. */
class TlsGateTest {

    @TempDir
    private Path directory;
    private EmbeddedChannel channel;

    @BeforeEach
    void connect() throws Exception {
        channel = new EmbeddedChannel(new TlsGate(ServerTls.read(TestCertificates.make(directory, "port", "EC"),
                directory.resolve("port.key"))), new LastResort());
        channel.pipeline().fireChannelActive();
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    @Test
    void aClientThatSaysNothingIsToldAndClosed() {
        pass(TlsGate.DEADLINE_SECONDS - 1);
        assertThat(channel.isOpen()).isTrue();
        pass(1);
        ByteBuf said = channel.readOutbound();
        assertThat(said.toString(StandardCharsets.UTF_8)).startsWith("error: this port speaks TLS only");
        said.release();
        assertThat(channel.isOpen()).isFalse();
    }

    /** A record of 1000 bytes that arrives a byte a second. */
    @Test
    void aHandshakeThatTakesTooLongIsClosed() {
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {22, 3, 1, 3, (byte) 0xe8, 1}));
        for (int second = 0; second < TlsGate.DEADLINE_SECONDS - 1; second++) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {0}));
            pass(1);
            assertThat(channel.isOpen()).isTrue();
        }
        pass(1);
        assertThat(channel.isOpen()).isFalse();
    }
}
