package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code snull} (LDD3 chapter 17): two devices that are each other's net. */
@Machine(ram = "64M", harts = 2)
class BookNetTest {

    private static final String[] UP = {"ifconfig sn0 192.168.0.1", "ifconfig sn1 192.168.1.2"};

    private static void load(MachineRun machine, String parameters) {
        machine.type("insmod snull " + parameters).type(UP);
        assertThat(machine.err()).isEmpty();
    }

    private static void ends(MachineRun machine) {
        machine.forgetOutput().type("rmmod snull", "lsmod", "ifconfig -a", "cat /proc/slabinfo | grep skbuff");
        assertThat(machine.err()).isEmpty();
        assertThat(machine.out()).doesNotContain("snull", "sn0").containsPattern("skbuff_head_cache +0 ");
        assertThat(machine).hasNoViolations();
    }

    @ParameterizedTest
    @ValueSource(strings = {"use_napi=0", "use_napi=1", "pool_size=1", "use_napi=1 pool_size=1"})
    @Machine(ram = "64M", harts = 4, interleavings = 3)
    void whatOneDeviceSendsTheOtherReceives(String parameters, MachineRun machine) {
        load(machine, parameters);
        machine.type("ping -c 3 192.168.0.2", "ping -c 1 -s 1472 192.168.1.1", "cat /proc/net/dev");
        assertThat(machine.out()).containsPattern("PING 192.168.0.2 \\(192.168.0.2\\) 56\\(84\\) bytes of data.\n"
                        + "64 bytes from 192.168.0.2: icmp_seq=1 ttl=64 time=0.\\d{3} ms\n")
                .contains("3 packets transmitted, 3 received, 0% packet loss, time 2000ms\n",
                        "1480 bytes from 192.168.1.1: icmp_seq=1 ttl=64",
                        "1 packets transmitted, 1 received, 0% packet loss")
                .containsPattern("\n   sn0: +1808 +4 +0 .* +1808 +4 +0 .*\n   sn1: +1808 +4 +0 .* +1808 +4 +0 ");
        ends(machine);
    }

    @Test
    void aLostInterruptIsNoticedAfterItsTime(MachineRun machine) {
        load(machine, "lockup=3 timeout=10");
        machine.type("ping -c 7 192.168.0.2", "ifconfig sn0", "dmesg");
        assertThat(machine.out()).contains("7 packets transmitted, 7 received", "TX errors 2  dropped 0",
                "snull: Simulate lockup at 6\n", "NETDEV WATCHDOG: sn0: transmit queue 0 timed out\n",
                "snull: Transmit timeout\n");
        ends(machine);
    }

    /** The packets stay in the other device's queue. The watchdog starts the queue again, though no buffer is free. */
    @Test
    void whatTheOtherDeviceDoesNotReadUsesUpTheBuffers(MachineRun machine) {
        machine.type("insmod snull pool_size=2", UP[0], "ping -c 5 192.168.0.2", "ifconfig sn0");
        assertThat(machine.out()).contains("5 packets transmitted, 0 received, 100% packet loss")
                .containsPattern("TX errors [1-9]");
        ends(machine);
    }

    @Test
    void ifconfigHasTheFormOfNetToolsAndSaysWhatIsWrong(MachineRun machine) {
        machine.type("ifconfig -a", "cat /proc/net/dev /proc/net/arp", "ls /proc/net", "ping 192.168.0.2");
        assertThat(machine.out()).isEqualTo("Inter-|   Receive                                                |  "
                + "Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs "
                + "drop fifo colls carrier compressed\nIP address       HW type     Flags       HW address            "
                + "Mask     Device\narp\ndev\nroute\n");
        machine.type("insmod snull", "ifconfig", "ifconfig sn1", "ifconfig sn0 10.1.2.3 netmask 255.255.0.0",
                "ifconfig sn0 down", "ping 10.1.9.9", "ifconfig sn0", "ifconfig sn7", "ifconfig sn0 10.1.2",
                "ifconfig sn0 netmask", "ping -c", "ping -c x 10.0.0.1", "ping 10.0.0.256", "ping -s 70000 10.0.0.1",
                "ifconfig sn0 up", "ping -c 1 -s 1473 10.1.9.9");
        assertThat(machine.out()).contains("""
                sn1: flags=4226<BROADCAST,NOARP,MULTICAST>  mtu 1500
                        ether 00:53:4e:55:4c:31  txqueuelen 1000  (Ethernet)
                        RX packets 0  bytes 0 (0.0 B)
                        RX errors 0  dropped 0  overruns 0  frame 0
                        TX packets 0  bytes 0 (0.0 B)
                        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0

                sn0: flags=4226<BROADCAST,NOARP,MULTICAST>  mtu 1500
                        inet 10.1.2.3  netmask 255.255.0.0  broadcast 10.1.255.255
                """);
        String unreachable = "ping: connect: Network is unreachable\n";
        assertThat(machine.err()).isEqualTo(unreachable + unreachable
                + "ifconfig: sn7: error fetching interface information: Device not found\n"
                + "ifconfig: 10.1.2: no such address or option; usage: ifconfig [-a] [DEVICE [ADDRESS] [netmask MASK] "
                + "[[-]promisc] [[-]allmulti] [up|down]]\nifconfig: netmask: no such address or option; usage: "
                + "ifconfig [-a] [DEVICE [ADDRESS] [netmask MASK] [[-]promisc] [[-]allmulti] [up|down]]\n"
                + "ping: option requires an argument -- 'c'\nTry 'ping --help' for more information.\n"
                + "ping: invalid argument: 'x'\nping: 10.0.0.256: not an address, which is four numbers as in "
                + "192.168.0.2\nping: invalid argument: '70000': out of range: 0 <= value <= 65507\n"
                + "ping: sendmsg: Message too long\n");
    }

    @Test
    void aDriverIsUnloadedWhilePacketsAreOnTheirWay(MachineRun machine) {
        load(machine, "");
        machine.type("ping -c 3 192.168.0.2 &", "ping -c 3 192.168.1.1 &", "sleep 1.0001", "ifconfig sn1 down", "wait");
        assertThat(machine.out()).contains("3 packets transmitted, ");
        machine.forgetOutput().type("ifconfig sn1 up", "ping -c 2 192.168.1.1 > /dev/null &", "rmmod snull", "wait",
                "lsmod");
        assertThat(machine.out()).doesNotContain("snull");
        assertThat(machine).hasNoViolations();
    }
}
