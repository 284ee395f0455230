package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RehearsalTest {

    /** The packets that the port answers as unknown. */
    private static final List<String> UNKNOWN = List.of("vMustReplyEmpty", "qTStatus", "qOffsets");

    @Test
    void everyPacketOfTheConnectionIsAnsweredAndNoneRefused() throws IOException {
        check(Rehearsal.play(DebugAccess.OPEN, 2, () -> 0));
        check(Rehearsal.play(DebugAccess.guarded("secret", null, SocketTable.ofHost()), 1, () -> 0));
    }

    @Test
    void aClientThatComesHasThePortForAWhile() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        long start = System.nanoTime();
        check(Rehearsal.play(DebugAccess.OPEN, 1, () -> asked.incrementAndGet() < 10 ? 0 : 1));
        assertThat(asked.get()).as("before each packet").isGreaterThan(Rehearsal.PACKETS.size());
        assertThat(System.nanoTime() - start).as("one pause").isGreaterThan(50_000_000L);
    }

    private static void check(List<String> answers) {
        assertThat(answers).hasSize(Rehearsal.PACKETS.size());
        for (int i = 0; i < answers.size(); i++) {
            String packet = Rehearsal.PACKETS.get(i);
            assertThat(answers.get(i).startsWith("E")).as(packet).isEqualTo(packet.equals(Rehearsal.NO_MEMORY));
            assertThat(answers.get(i).isEmpty()).as(packet).isEqualTo(UNKNOWN.contains(packet));
        }
        assertThat(answers.get(4)).as("target.xml").contains("riscv:rv32").endsWith("</target>\n");
        assertThat(answers.get(answers.size() - 2)).as("after a Ctrl-C").startsWith("T02");
    }
}
