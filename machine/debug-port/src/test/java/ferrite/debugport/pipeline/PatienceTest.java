package ferrite.debugport.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PatienceTest {

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private int expired;

    private void pass(long seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void itEndsAfterItsSecondsAndOnlyOnce() {
        Patience.start(channel.eventLoop(), 30, () -> expired++);
        for (int i = 0; i < 9; i++) {
            pass(3);
        }
        assertThat(expired).isZero();
        pass(3);
        pass(300);
        assertThat(expired).isEqualTo(1);
    }

    @Test
    void aPauseOfTheWholeJvmCountsAsOneTick() {
        Patience.start(channel.eventLoop(), 30, () -> expired++);
        for (int i = 0; i < 9; i++) {
            pass(3600);
        }
        assertThat(expired).isZero();
    }

    @Test
    void itDoesNotEndOnceItIsCancelled() {
        Patience patience = Patience.start(channel.eventLoop(), 30, () -> expired++);
        pass(3);
        patience.cancel();
        patience.cancel();
        for (int i = 0; i < 20; i++) {
            pass(3);
        }
        assertThat(expired).isZero();
    }
}
