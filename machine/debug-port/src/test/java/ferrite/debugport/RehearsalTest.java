package ferrite.debugport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RehearsalTest {

    /** The packets that the port answers as unknown. */
    private static final List<String> UNKNOWN = List.of("vMustReplyEmpty", "qTStatus", "qOffsets");

    @Test
    void everyPacketOfTheConnectionIsAnsweredAndNoneRefused() throws IOException {
        check(Rehearsal.play(DebugAccess.OPEN, 2));
        check(Rehearsal.play(DebugAccess.guarded("secret", null, SocketTable.ofHost()), 1));
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
