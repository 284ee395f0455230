package ferrite.debugport.gdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RehearsalTest {

    /** The packets that the port answers as unknown. */
    private static final List<String> UNKNOWN = List.of("vMustReplyEmpty", "qTStatus", "qOffsets");

    @Test
    void everyPacketOfTheConnectionIsAnsweredAndNoneRefused() {
        List<String> answers = Stream.of(Rehearsal.play().split("[+]?[$]")).skip(1).collect(Collectors.toList());
        assertThat(answers).hasSize(Rehearsal.PACKETS.size() - 1).noneMatch(answer -> answer.startsWith("E"));
        for (int i = 0; i < answers.size(); i++) {
            String packet = Rehearsal.PACKETS.get(i);
            assertThat(answers.get(i).startsWith("#")).as(packet).isEqualTo(UNKNOWN.contains(packet));
        }
        assertThat(answers.get(4)).as("target.xml").contains("riscv:rv32");
        assertThat(answers.get(answers.size() - 1)).as("vCont;c has no answer of its own").startsWith("OK");
    }
}
