package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.MachineOptions;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --fault eth0=...}: each kind on both network cards, and how their drivers recover. */
@Machine(ram = "32M", harts = 2)
@Timeout(60)
class NetFaultsTest {

    private static final Pattern ANSWER = Pattern.compile("icmp_seq=(\\d+)");

    private static MachineRun boot(Machines machines, String net, String... faults) throws IOException {
        MachineRun run = machines.boot(options -> {
            MachineOptions.set(options, "--net", net);
            for (String fault : faults) {
                MachineOptions.set(options, "--fault", "eth0=" + fault);
            }
            return options;
        });
        return run.type("ifconfig eth0 10.0.0.1");
    }

    /** Returns the numbers of the questions that were answered. */
    private static List<Integer> answered(MachineRun run, int count) {
        run.forgetOutput().type("ping -c " + count + " 10.0.0.2");
        return ANSWER.matcher(run.out()).results().map(MatchResult::group).map(text -> text.replaceAll("\\D", ""))
                .map(Integer::valueOf).toList();
    }

    private static void ends(MachineRun run) {
        run.forgetOutput().type("ifconfig eth0 down", "cat /proc/slabinfo | grep skbuff");
        assertThat(run.out()).containsPattern("skbuff_head_cache +0 ");
        assertThat(run).hasNoLeaks();
    }

    /**
     * Frames 1 and 2 are ARP's. From 3 on each question has a frame, and each answer if it comes, in this order: error,
     * short, wrong and lost for a question and then for an answer, spurious for both, overrun, slow.
     */
    @ParameterizedTest
    @CsvSource({"'peer,card=nic', eth0: an interrupt was lost, 2", "peer, eth0: the device was reset, 1"})
    void aFaultCostsAFrameAtMostAndTheDriverGoesOn(String net, String message, int txErrors, Machines machines)
            throws IOException {
        MachineRun run = boot(machines, net, "error@3", "error@5", "short@6", "short@8", "wrong@9", "wrong@11",
                "lost@12", "lost@15", "spurious@16", "spurious@17", "overrun@19", "slow@20");
        assertThat(answered(run, 9)).as("a lost interrupt costs none, and spurious ones; an answer may be late")
                .containsExactly(7, 8, 9);
        run.type("ifconfig eth0", "dmesg");
        assertThat(run.out()).contains("TX errors " + txErrors + " ", message).doesNotContain("nobody cared");
        assertThat(run).hasNoViolations();
        assertThat(answered(run, 1)).as("the overrun").hasSize(1);
        assertThat(run).hasViolation("dma-stray-access");
        assertThat(run.violations()).hasSize(1);
        assertThat(answered(run, 1)).as("the slow one is late").containsExactly(1);
        assertThat(answered(run, 3)).containsExactly(1, 2, 3);
        ends(run);
    }

    @ParameterizedTest
    @CsvSource({"'peer,card=nic', eth0: the card is gone",
        "peer, 'eth0: the device was reset, and does not start again'"})
    void aCardThatIsPulledOutIsNoticed(String net, String message, Machines machines) throws IOException {
        MachineRun run = boot(machines, net, "removed@5");
        assertThat(answered(run, 100)).containsExactly(1);
        assertThat(run.forgetOutput().type("dmesg").out()).contains(message).doesNotContain("nobody cared");
        run.type("ifconfig eth0 down", "ifconfig eth0 up");
        assertThat(run.err()).contains("ifconfig: eth0: error fetching interface information: Device not found");
        assertThat(run).hasNoViolations();
        ends(run);
    }
}
