package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.monitor.Monitor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Clients that take their time with their first word. */
class ProtocolChooserTest {

    private final EmbeddedChannel channel = new EmbeddedChannel(
            new ProtocolChooser(DebugServices.of(new Monitor(), Runnable::run), rights -> null, null, null,
                    () -> true));

    private void passAndSend(int seconds, char each) {
        for (int i = 0; i < seconds && channel.isOpen(); i++) {
            if (each != 0) {
                channel.writeInbound(Unpooled.copiedBuffer("" + each, StandardCharsets.US_ASCII));
            }
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private String said() {
        ByteBuf said = channel.readOutbound();
        try {
            return said.toString(StandardCharsets.UTF_8);
        } finally {
            said.release();
        }
    }

    @Test
    void aClientThatSendsItsFirstWordByteByByteIsDroppedInTheEnd() {
        for (char letter : "ferrite".toCharArray()) {
            channel.writeInbound(Unpooled.copiedBuffer("" + letter, StandardCharsets.US_ASCII));
            passAndSend(4, (char) 0);
            assertThat(channel.isOpen()).isTrue();
        }
        passAndSend(2, (char) 0);
        assertThat(said()).startsWith("error: the first word did not arrive within 30 seconds");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aClientThatSaysNothingMayTakeItsTimeAndSoMayOneWhoseProtocolIsKnown() {
        passAndSend(3600, (char) 0);
        assertThat(channel.isOpen()).isTrue();
        passAndSend(100, 'h');                        // a line for the monitor, without end so far
        assertThat(channel.isOpen()).isTrue();
        channel.writeInbound(Unpooled.copiedBuffer("\n", StandardCharsets.US_ASCII));
        assertThat(said()).startsWith("error: unknown command 'hhh");
    }
}
