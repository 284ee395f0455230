package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.scenarios.HostileNet.Mischief;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver of network cards with a card that gives wrong answers: the driver says so, and goes on. */
@Machine(ram = "32M", harts = 2)
@Timeout(60)
class HostileNetTest {

    private static final String PING = "ping -c 3 10.0.0.2";

    private static MachineRun boot(Machines machines, Mischief mischief, int wrongDeeds) throws Exception {
        MachineRun run = machines.boot(options -> options.device(new HostileNet(mischief, wrongDeeds)));
        return run.type("ifconfig eth0 10.0.0.1");
    }

    private static void ends(MachineRun run) {
        run.forgetOutput().type("ifconfig eth0 down", "cat /proc/slabinfo | grep skbuff");
        assertThat(run.out()).containsPattern("skbuff_head_cache +0 ");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    /** A frame is lost at most. After it each one has its answer. */
    @ParameterizedTest
    @CsvSource({"NONE, ready: 2 harts", "TX_ID_OUT_OF_RANGE, virtqueue 1: id 1000 out of range",
        "TX_TWICE, is not a head", "TX_LENGTH, virtqueue 1: used len 1 is larger than in buflen 0",
        "TX_SILENT, ready: 2 harts", "RX_ID_OUT_OF_RANGE, virtqueue 0: id 4294967295 out of range",
        "RX_TOO_LONG, virtqueue 0: used len 1537 is larger than in buflen 1536",
        "RX_NEGATIVE_LENGTH, virtqueue 0: used len 4294967291", "RX_SHORT, ready: 2 harts",
        "RX_HEADER_ONLY, ready: 2 harts", "RX_SEGMENTED, ready: 2 harts",
        "NEEDS_RESET, eth0: the device was reset", "LOST_INTERRUPTS, ready: 2 harts", "SPURIOUS, ready: 2 harts"})
    void afterAWrongAnswerFramesGoOn(Mischief mischief, String message, Machines machines) throws Exception {
        MachineRun run = boot(machines, mischief, 1);
        run.type(PING).forgetOutput().type(PING, "dmesg", "ifconfig eth0");
        assertThat(run.out()).contains("3 packets transmitted, 3 received, 0% packet loss", message);
        assertThat(run.out()).contains("RX errors " + (mischief.name().matches("RX_(SHORT|HEADER.*|SEGM.*)") ? 1 : 0));
        ends(run);
    }

    @Test
    void aDeviceThatLosesInterruptsIsLookedAtAfterFiveSeconds(Machines machines) throws Exception {
        MachineRun run = boot(machines, Mischief.LOST_INTERRUPTS, 1000);
        run.type("ping -c 30 10.0.0.2", "dmesg");
        assertThat(run.out()).contains("NETDEV WATCHDOG: eth0: transmit queue 0 timed out",
                "eth0: an interrupt was lost").doesNotContain("was reset");
        ends(run);
    }

    @ParameterizedTest
    @CsvSource({"TX_SILENT", "TX_ID_OUT_OF_RANGE", "NEEDS_RESET"})
    void aDeviceThatIsAlwaysWrongIsStoppedUntilItIsSetUpAgain(Mischief mischief, Machines machines) throws Exception {
        MachineRun run = boot(machines, mischief, 60);
        run.type("ping -c 100 10.0.0.2", "dmesg");
        assertThat(run.out()).contains("eth0: the device was reset\n",
                "eth0: the device is wrong again and again, and was stopped\n");
        for (int i = 0; i < 12; i++) {
            run.type("ifconfig eth0 down", "ifconfig eth0 up", "ping -c 20 10.0.0.2");
        }
        assertThat(run.forgetOutput().type(PING).out()).contains("3 packets transmitted, 3 received");
        ends(run);
    }

    /** Each handler would find the next interrupt at its end. A hart that has such a handler does nothing else. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aDeviceThatInterruptsWithoutEndAfterItsResetIsNotListenedTo(int harts, Machines machines) throws Exception {
        MachineRun run = machines.boot(options -> options.harts(harts).maxInstructions(20_000_000)
                .device(new HostileNet(Mischief.RINGING, Integer.MAX_VALUE)));
        String driver = "/sys/bus/platform/drivers/virtio-mmio/";
        run.type("ifconfig eth0 10.0.0.1", PING, "ifconfig eth0 down", "ifconfig eth0 up", PING,
                "echo hostile@f0100000 > " + driver + "unbind", "ifconfig -a");
        assertThat(run.out()).containsPattern(" 3 received(.*\n)+.* 3 received").doesNotContain("eth0");
        assertThat(run).hasNoViolations().hasNoLeaks();
        run.forgetOutput().type("echo hostile@f0100000 > " + driver + "bind", "ifconfig eth0 10.0.0.1", PING);
        assertThat(run.out()).contains(" 3 received");
        assertThat(run).hasNoViolations();
    }

    @Test
    void aDeviceThatWritesPastABufferIsReported(Machines machines) throws Exception {
        MachineRun run = boot(machines, Mischief.RX_STRAY, 1);
        run.type(PING);
        assertThat(run).hasViolation("dma-stray-access");
    }

    @Test
    void aDeviceWithOneQueueIsNotServed(Machines machines) throws Exception {
        MachineRun run = boot(machines, Mischief.ONE_QUEUE, 1);
        run.type("dmesg");
        assertThat(run.out()).contains("probe failed: No such file or directory");
        assertThat(run.err()).contains("eth0: error fetching interface information: Device not found");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    @ParameterizedTest
    @CsvSource({"NONE, 02:04:06:08:0a:0c", "NO_ADDRESS, [0-9a-f][26ae]:.*", "GROUP_ADDRESS, [0-9a-f][26ae]:.*"})
    void aDeviceWithoutARightAddressGetsARandomOne(Mischief mischief, String address, Machines machines)
            throws Exception {
        MachineRun run = boot(machines, mischief, 1);
        run.type("ifconfig eth0", PING);
        assertThat(run.out()).containsPattern("ether " + address + "  txqueuelen").contains(" 3 received")
                .doesNotContain("ff:ff:ff:ff:ff:ff");
        assertThat(run).hasNoViolations();
    }
}
