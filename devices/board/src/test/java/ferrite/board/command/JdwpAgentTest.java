package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JdwpAgentTest {

    @Test
    void theAgentThatItStartsIsTheAgentThatItFinds() {
        JdwpAgent agent = JdwpAgent.server(5005, false);
        assertThat(JdwpAgent.in(List.of("-Xmx1g", "-Da=b", agent.jvmOption()))).isEqualTo(agent);
        assertThat(agent.address()).isEqualTo("127.0.0.1:5005");
        assertThat(agent.waitsForDebugger()).isFalse();
        assertThat(JdwpAgent.server(0, true).waitsForDebugger()).isTrue();
        assertThat(JdwpAgent.server(0, true).address()).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {
            "-agentlib:jdwp=transport=dt_socket,server=y,address=*:5005 *:5005",
            "-Xrunjdwp:transport=dt_socket,server=y,address=5005 5005",
            "-agentpath:/opt/lib/libjdwp.so=transport=dt_socket,address=5005,server=y 5005",
            "-agentlib:jdwp=transport=dt_socket,server=n,address=127.0.0.1:5005 -",
            "-agentlib:jdwp=transport=dt_socket,server=y,address=localhost:0 -",
            "-agentlib:jdwp=transport=dt_socket,server=y -"})
    void anAgentOfTheUsersOwnIsFoundInAnyForm(String option, String address) {
        JdwpAgent agent = JdwpAgent.in(List.of(option));
        assertThat(agent.waitsForDebugger()).isTrue();
        assertThat(agent.address()).isEqualTo(address.equals("-") ? null : address);
    }

    @Test
    void otherAgentsAreNone() {
        assertThat(JdwpAgent.in(List.of("-javaagent:jdwp.jar=a", "-agentlib:hprof=jdwp", "-Djdwp=1"))).isNull();
    }
}
