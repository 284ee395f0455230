package ferrite.testkit;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.NetCard;
import ferrite.hardware.turn.Interleavings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two machines at the ends of a cable. */
@Machine(ram = "32M", harts = 2)
@Timeout(60)
class CableTest {

    private static final String UP = "ifconfig eth0 10.0.0.1";
    private static final String OTHER_UP = "ifconfig eth0 10.0.0.2";

    @TempDir
    private Path directory;

    private static BoardOptions small() {
        return new BoardOptions().ram(32 << 20).harts(2);
    }

    @ParameterizedTest
    @CsvSource({"NIC, NIC", "NIC, VIRTIO"})
    void machinesAskEachOtherAndRunsRepeat(NetCard first, NetCard second, Machines machines) throws IOException {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Path near = directory.resolve("left" + i);
            Path far = directory.resolve("right" + i);
            Cable cable = new Cable();
            MachineRun left = machines.boot(options -> cable.left().captureTo(near).plugInto(options, first));
            MachineRun right = machines.boot(options -> cable.right().captureTo(far).plugInto(options
                    .interleaving(Interleavings.RANDOM).seed(5), second));
            left.type(UP);
            right.type(OTHER_UP, "ping -c 2 10.0.0.1 &");
            left.type("ping -c 3 10.0.0.2", "ping -c 1 -s 1400 10.0.0.2");
            assertThat(left.out()).contains("3 packets transmitted, 3 received, 0% packet loss",
                    "1408 bytes from 10.0.0.2: icmp_seq=1 ttl=64");
            left.forgetOutput().type("echo hello | nc -u 10.0.0.2 7",
                    "cat /proc/zoneinfo | nc -u -w 2 10.0.0.2 7 | wc -c", "cat /proc/zoneinfo | wc -c",
                    "echo hello | nc -u 10.0.0.2 8");
            assertThat(left.out()).matches("hello\n(\\d{4,})\n\\1\n");
            right.type("wait");
            assertThat(right.out()).contains("2 packets transmitted, 2 received, 0% packet loss");
            assertThat(left.board().machine().clock().now()).as("one time")
                    .isEqualTo(right.board().machine().clock().now());
            left.type("ifconfig eth0 down");
            right.type("ifconfig eth0 down");
            assertThat(left).hasNoViolations().hasNoLeaks();
            assertThat(right).hasNoViolations().hasNoLeaks();
            String digests = left.digest() + " " + right.digest();
            left.close();
            right.close();
            runs.add(digests + List.of(Files.readAllBytes(near), Files.readAllBytes(far)).stream()
                    .map(Arrays::hashCode).toList());
        }
        assertThat(runs.get(1)).isEqualTo(runs.get(0));
    }

    /** Four times the latency and the times of the bits, and what software takes, in microseconds. */
    @Test
    void anAnswerTakesTheTimeOfTheCable() throws IOException {
        double[] times = new double[2];
        for (int i = 0; i < times.length; i++) {
            Cable cable = new Cable(i == 0 ? 10 : 1_000_000);
            try (MachineRun left = MachineRun.start(cable.left().plugInto(small(), NetCard.NIC));
                    MachineRun right = MachineRun.start(cable.right().plugInto(small(), NetCard.NIC))) {
                right.type(OTHER_UP);
                left.type(UP, "ping -c 1 10.0.0.2", "ping -c 1 10.0.0.2");
                Matcher time = Pattern.compile("(?s).*time=([0-9.]+) ms").matcher(left.out());
                assertThat(time.find()).as(left.out()).isTrue();
                times[i] = Double.parseDouble(time.group(1));
            }
        }
        assertThat(times[1] - times[0]).isBetween(1.99, 2.01);
    }

    @Test
    void aCableThatIsPulledOutIsNoticedAndPluggedInAgain(Machines machines) throws IOException {
        Cable cable = new Cable();
        MachineRun left = machines.boot(options -> cable.left().plugInto(options, NetCard.NIC));
        left.type(UP, "ifconfig eth0", "ping -c 1 10.0.0.2");
        assertThat(left.out()).as("alone").contains("<UP,BROADCAST,MULTICAST>", "0 received");
        MachineRun right = machines.boot(options -> cable.right().plugInto(options, NetCard.NIC));
        right.type(OTHER_UP);
        left.forgetOutput().type("ifconfig eth0", "ping -c 1 10.0.0.2");
        assertThat(left.out()).contains("<UP,BROADCAST,RUNNING,MULTICAST>", "1 received");
        cable.pullOut();
        left.forgetOutput().type("ping -c 2 10.0.0.2", "ifconfig eth0");
        assertThat(left.out()).contains("0 received", "<UP,BROADCAST,MULTICAST>", "TX errors 0  dropped 3");
        cable.plugIn();
        right.type("ping -c 2 10.0.0.1", "dmesg");
        assertThat(right.out()).contains("2 received", "eth0: link down", "eth0: link up");
        right.close();
        assertThat(left.forgetOutput().type("ping -c 1 10.0.0.2").out()).as("alone again").contains("0 received");
        assertThat(left).hasNoViolations();
    }

    @Test
    void bothMachinesReturnToTheirSnapshots(Machines machines) throws IOException {
        Cable cable = new Cable();
        MachineRun left = machines.boot(options -> cable.left().plugInto(options, NetCard.NIC));
        MachineRun right = machines.boot(options -> cable.right().plugInto(options, NetCard.VIRTIO));
        left.type(UP);
        right.type(OTHER_UP);
        ferrite.hardware.Machine.Snapshot nearSnapshot = left.board().snapshot();
        ferrite.hardware.Machine.Snapshot farSnapshot = right.board().snapshot();
        String once = left.type("ping -c 2 10.0.0.2").out();
        String digests = left.digest() + " " + right.digest();
        left.board().restore(nearSnapshot);
        right.board().restore(farSnapshot);
        assertThat(left.forgetOutput().type("ping -c 2 10.0.0.2").out()).isEqualTo(once).contains("2 received");
        assertThat(left.digest() + " " + right.digest()).isEqualTo(digests);
        left.board().restore(nearSnapshot);
        assertThatThrownBy(() -> left.type("ping -c 2 10.0.0.2")).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a frame comes to a machine that is past its time");
    }

    @Test
    void aMachineThatIsSwitchedOffAnswersNothing(Machines machines) throws IOException {
        Cable cable = new Cable();
        MachineRun left = machines.boot(options -> cable.left().plugInto(options, NetCard.NIC));
        MachineRun right = machines.boot(options -> cable.right().plugInto(options, NetCard.NIC));
        right.type(OTHER_UP, "ping -c 1 10.0.0.1", "exit");
        assertThat(left.type(UP, "ping -c 2 10.0.0.2").out()).contains("2 packets transmitted, 0 received");
        assertThatThrownBy(() -> cable.left().plugInto(small(), NetCard.NIC)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a cable serves one pair of machines");
        assertThat(left.replay()).contains("# without the cable of its network card");
    }
}
