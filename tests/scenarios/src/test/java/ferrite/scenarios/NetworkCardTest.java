package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.dma.Swiotlb;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The mini-kernel's driver of virtio network cards, with a peer or captures at the cable: {@code run --net}. */
@Machine(ram = "64M")
@Timeout(60)
class NetworkCardTest {

    private static final String UP = "ifconfig eth0 10.0.0.1";
    private static final String DEVICE = "virtio_mmio@f00c0000";
    private static final String DRIVER = "/sys/bus/platform/drivers/virtio-mmio/";
    private static final String ROUTES = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow"
            + "\tIRTT";
    private static final int ETHERNET = Frames.ETHERNET;
    private static final int ICMP = Frames.ICMP;

    @TempDir
    private Path directory;

    private static MachineRun boot(Machines machines, String net, Interleavings interleaving, int harts)
            throws IOException {
        return machines.boot(options -> net(options, net).interleaving(interleaving).harts(harts));
    }

    private static BoardOptions net(BoardOptions options, String net) {
        MachineOptions.set(options, "--net", net);
        return options;
    }

    private static void ends(MachineRun run) {
        run.forgetOutput().type("ifconfig eth0 down", "cat /proc/slabinfo | grep skbuff");
        assertThat(run.out()).containsPattern("skbuff_head_cache +0 ");
        assertThat(run.err()).isEmpty();
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    // ---- the peer ----

    @ParameterizedTest
    @CsvSource({"RR, on, on, ON", "RANDOM, on, on, FORCE", "PCT, off, on, ON", "RANDOM, off, off, ON"})
    void thePeerAnswersManyTasks(Interleavings interleaving, String indirect, String eventIdx, Swiotlb.Mode swiotlb,
            Machines machines) throws IOException {
        MachineRun run = machines.boot(options -> net(options, "peer").interleaving(interleaving).swiotlb(swiotlb)
                .harts(4).parameter("virtio-mmio.indirect", indirect).parameter("virtio-mmio.event_idx", eventIdx));
        run.type(UP, "ping -c 1 10.0.0.2").forgetOutput();
        run.type("ping -c 3 10.0.0.2 &", "ping -c 3 -s 1472 10.0.0.2 &", "ping -c 3 -s 700 10.0.0.2 &", "wait");
        assertThat(run.out().split("3 packets transmitted, 3 received, 0% packet loss", -1)).hasSize(4);
        run.type("cat /proc/net/dev", "cat /proc/net/arp");
        assertThat(run.out()).containsPattern("eth0: +7202 +11 +0 +0 .* +7202 +11 +0 +0 ")
                .contains("52:55:0a:00:00:02");
        ends(run);
    }

    @Test
    void tcpdumpReadsTheFramesOfBothDirections(Machines machines) throws Exception {
        Path out = directory.resolve("both.pcap");
        MachineRun run = boot(machines, "peer=10.0.0.77,out=" + out, Interleavings.RR, 1);
        run.type(UP, "ping -c 1 10.0.0.77", "ping -c 1 10.0.0.2");
        assertThat(run.out()).contains("1 packets transmitted, 1 received", "1 packets transmitted, 0 received");
        run.close();
        assertThat(Tools.text(directory, "tcpdump", "-n", "-r", out.toString()).replaceAll("(?m)^\\S+ ", ""))
                .startsWith("""
                        ARP, Request who-has 10.0.0.77 tell 10.0.0.1, length 28
                        ARP, Reply 10.0.0.77 is-at 52:55:0a:00:00:4d, length 28
                        IP 10.0.0.1 > 10.0.0.77: ICMP echo request, id 1, seq 1, length 64
                        IP 10.0.0.77 > 10.0.0.1: ICMP echo reply, id 1, seq 1, length 64
                        ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28
                        """);
    }

    /** In the form of Linux's fib_trie.c and net-sysfs.c. */
    @Test
    void routesAndDevicesAreShown(Machines machines) throws IOException {
        MachineRun run = boot(machines, "peer", Interleavings.RR, 1);
        run.type("cat /sys/class/net/eth0/operstate /proc/net/route", UP, "ping -c 1 10.0.0.2").forgetOutput();
        run.type("cat /proc/net/route", "ls /sys/class/net /sys/class/net/eth0/statistics",
                "cat /sys/class/net/eth0/address", "cat /sys/class/net/eth0/mtu /sys/class/net/eth0/operstate",
                "cat /sys/class/net/eth0/statistics/rx_packets", "cat /sys/class/net/eth0/statistics/tx_bytes");
        assertThat(run.out()).isEqualTo(String.format("%-127s%n%-127s%n", ROUTES, "eth0\t0000000A\t00000000\t0001"
                + "\t0\t0\t0\t00FFFFFF\t0\t0\t0") + "/sys/class/net:\neth0\n\n/sys/class/net/eth0/statistics:\n"
                + "collisions\nmulticast\nrx_bytes\nrx_dropped\nrx_errors\nrx_packets\n"
                + "tx_bytes\ntx_dropped\ntx_errors\ntx_packets\n52:54:00:12:34:56\n1500\nup\n2\n140\n");
        run.forgetOutput().type("ifconfig eth0 down", "cat /sys/class/net/eth0/operstate /proc/net/route");
        assertThat(run.out()).isEqualTo(String.format("down%n%-127s%n", ROUTES));
        run.type("cat /sys/class/net/eth1/mtu", "echo 1 > /sys/class/net/eth0/mtu");
        assertThat(run.err()).isEqualTo("cat: /sys/class/net/eth1/mtu: No such file or directory\n"
                + "echo: /sys/class/net/eth0/mtu: Permission denied\n");
    }

    /** The second question's answer comes twice, and the first one's while the second one waits. */
    @Test
    void pingCountsLateAnswersAndTellsThoseThatComeTwice(Machines machines) throws IOException {
        int[] milliseconds = {0, 1100, 1200, 1300, 2100};
        Path in = Frames.write(directory.resolve("late.pcap"), List.of(Frames.arp(), Frames.reply(1, 1),
                Frames.reply(1, 2), Frames.reply(1, 2), Frames.reply(1, 3)), frame -> milliseconds[frame] * 1_000_000);
        MachineRun run = boot(machines, "in=" + in, Interleavings.RR, 1);
        run.type(UP, "sleep 4.9", "ping -c 3 10.0.0.9");
        assertThat(run.out().replaceAll("time=(\\d)\\d+\\.\\d+ ms|rtt.*\n", "time=$1..."))
                .contains("""
                        64 bytes from 10.0.0.9: icmp_seq=1 ttl=64 time=1...
                        64 bytes from 10.0.0.9: icmp_seq=2 ttl=64 time=2...
                        64 bytes from 10.0.0.9: icmp_seq=2 ttl=64 time=3... (DUP!)
                        64 bytes from 10.0.0.9: icmp_seq=3 ttl=64 time=1...
                        """, "3 packets transmitted, 3 received, +1 duplicates, 0% packet loss, time 2000ms\n");
        ends(run);
    }

    /** The last question waits for twice the time of the slowest answer, or for ten seconds if there was none. */
    @Test
    void pingWaitsForTheLastAnswer(Machines machines) throws IOException {
        Path in = Frames.write(directory.resolve("last.pcap"), List.of(Frames.arp(), Frames.reply(1, 1)),
                frame -> frame * 2_000_000_000);
        MachineRun run = boot(machines, "in=" + in, Interleavings.RR, 1);
        run.type(UP, "sleep 4.9", "ping -c 1 10.0.0.9", "ping -c 1 10.0.0.9", "cat /proc/uptime");
        assertThat(run.out()).contains("icmp_seq=1 ttl=64 time=2", "1 received, 0% packet loss, time 0ms",
                "0 received, 100% packet loss").containsPattern("\n17\\.\\d+ .*\n$");
        ends(run);
    }

    @Test
    void theCardWorksForAKernelThatAttachesAndAfterASnapshot(Machines machines) throws Exception {
        MachineRun run = boot(machines, "peer", Interleavings.RANDOM, 2);
        String[] all = {"ping -c 2 10.0.0.2", "cat /proc/net/dev"};
        run.type(UP).type(all);
        run.board().reattach();
        ferrite.hardware.Machine.Snapshot snapshot = run.board().snapshot();
        String once = run.forgetOutput().type(all).out();
        assertThat(once).contains("2 packets transmitted, 2 received");
        run.board().restore(snapshot);
        assertThat(run.forgetOutput().type(all).out()).isEqualTo(once);
        ends(run);
    }

    @ParameterizedTest
    @CsvSource({"RR", "RANDOM", "PCT"})
    void theCardIsSetDownAndTakenAwayWhilePacketsAreOnTheirWay(Interleavings interleaving, Machines machines)
            throws IOException {
        MachineRun run = boot(machines, "peer", interleaving, 4);
        run.type(UP, "ping -c 3 10.0.0.2 &", "ping -c 3 -s 1400 10.0.0.2 &", "sleep 1.00002", "ifconfig eth0 down",
                "ifconfig eth0 up", "wait", "ping -c 3 10.0.0.2 &", "sleep 1.00001",
                "echo " + DEVICE + " > " + DRIVER + "unbind", "wait", "ifconfig -a");
        assertThat(run.out()).doesNotContain("eth0");
        assertThat(run).hasNoViolations().hasNoLeaks();
        run.forgetOutput().type("echo " + DEVICE + " > " + DRIVER + "bind", UP, "ping -c 2 10.0.0.2");
        assertThat(run.out()).contains("2 packets transmitted, 2 received");
        run.type("echo " + DEVICE + " > " + DRIVER + "unbind", "cat /proc/slabinfo | grep skbuff");
        assertThat(run.out()).containsPattern("skbuff_head_cache +0 ");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    @Test
    void devicesWithCharacterFilesKeepTheirDriver(Machines machines) throws IOException {
        MachineRun run = machines.boot(options -> options.virtio(VirtioKind.ENTROPY).harts(1));
        run.type("echo " + DEVICE + " > " + DRIVER + "unbind", "dd if=/dev/hwrng bs=4 count=1 status=none | wc -c");
        assertThat(run.err()).contains("Device or resource busy");
        assertThat(run.out()).isEqualTo("4\n");
    }

    // ---- captures ----

    private Path capture(List<byte[]> frames, int microsecondsBetween) throws IOException {
        return Frames.write(directory.resolve("in.pcap"), frames, microsecondsBetween);
    }

    @ParameterizedTest
    @CsvSource({"RR, 1", "RANDOM, 4", "PCT, 4"})
    void eachFrameOfACaptureComesBack(Interleavings interleaving, int harts, Machines machines) throws IOException {
        Random random = new Random(Seed.fresh().value());
        List<byte[]> frames = new ArrayList<>(List.of(Frames.arp()));
        for (int i = 0; i < 100; i++) {
            byte[] data = new byte[random.nextInt(1473)];
            random.nextBytes(data);
            frames.add(Frames.echo(i, data));
        }
        Path out = directory.resolve("out.pcap");
        MachineRun run = boot(machines, "in=" + capture(frames, 200) + ",first=1,out=" + out, interleaving, harts);
        run.type(UP, "sleep 2", "ifconfig eth0");
        assertThat(run.out()).contains("RX packets 101 ", "RX errors 0  dropped 0", "TX packets 101 ",
                "TX errors 0  dropped 0");
        ends(run);
        run.close();
        List<byte[]> answers = Frames.read(out);
        assertThat(answers).hasSameSizeAs(frames);
        for (int i = 1; i < frames.size(); i++) {
            byte[] asked = frames.get(i);
            byte[] answered = answers.get(i);
            assertThat(Arrays.copyOfRange(answered, ICMP + 4, answered.length))
                    .isEqualTo(Arrays.copyOfRange(asked, ICMP + 4, asked.length));
            assertThat(answered[ICMP]).isZero();
            assertThat(Frames.sum(answered, ICMP, answered.length - ICMP)).isZero();
        }
    }

    /** Pairs of frames: the second one comes at another moment of the poll that takes the first one. */
    @ParameterizedTest
    @CsvSource({"on", "off"})
    void aFrameIsNoticedAtEachMomentOfAPoll(String eventIdx, Machines machines) throws IOException {
        int pairs = 500;
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < 2 * pairs; i++) {
            frames.add(new byte[ETHERNET]);
        }
        Path in = Frames.write(directory.resolve("in.pcap"), frames,
                frame -> frame / 2 * 200_000 + frame % 2 * (500 + frame / 2 * 30));
        MachineRun run = machines.boot(options -> net(options, "in=" + in + ",first=1").harts(1)
                .parameter("virtio-mmio.event_idx", eventIdx));
        run.type(UP, "sleep 2", "ifconfig eth0");
        assertThat(run.out()).contains("RX packets " + 2 * pairs + " ");
        ends(run);
    }

    /** Frames as fast as the cable, and larger than a buffer: the card loses some, and the driver goes on. */
    @Test
    void aFloodIsSurvivedAndFramesAreCounted(Machines machines) throws IOException {
        List<byte[]> frames = new ArrayList<>(List.of(Frames.arp()));
        for (int i = 0; i < 300; i++) {
            frames.add(i % 50 == 49 ? Arrays.copyOf(Frames.arp(), 3000) : Frames.echo(i, new byte[18]));
        }
        frames.add(frames.get(1));
        Path in = capture(frames, 0);
        Path out = directory.resolve("out.pcap");
        MachineRun run = boot(machines, "in=" + in + ",first=1,out=" + out, Interleavings.RANDOM, 2);
        run.type(UP, "sleep 2", "ifconfig eth0", "virtio");
        assertThat(run.out()).contains("RX errors 0", "TX errors 0  dropped 0");
        int received = number(run.out(), "frames received +(\\d+)");
        assertThat(received).isGreaterThan(40);
        assertThat(number(run.out(), "frames lost +(\\d+)")).isEqualTo(frames.size() - received);
        assertThat(number(run.out(), "RX packets (\\d+)")).isEqualTo(received);
        ends(run);
        run.close();
        assertThat(Frames.read(out)).hasSize(received);
    }

    private static int number(String text, String pattern) {
        java.util.regex.Matcher matcher = java.util.regex.Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    @Test
    void hostileFramesHarmNothing(Machines machines) throws IOException {
        Random random = new Random(Seed.fresh().value());
        List<byte[]> frames = new ArrayList<>(List.of(Frames.arp()));
        for (int i = 0; i < 300; i++) {
            byte[] frame = random.nextInt(4) == 0 ? Frames.arp() : Frames.echo(i, new byte[random.nextInt(100)]);
            for (int change = random.nextInt(5); change > 0; change--) {
                frame[random.nextInt(frame.length)] = (byte) random.nextInt();
            }
            frames.add(Arrays.copyOf(frame, random.nextInt(3) == 0 ? ETHERNET + random.nextInt(60) : frame.length));
        }
        frames.add(Frames.echo(999, new byte[] {1, 2, 3}));
        Path out = directory.resolve("out.pcap");
        MachineRun run = boot(machines, "in=" + capture(frames, 150) + ",first=1,out=" + out, Interleavings.RANDOM, 2);
        run.type(UP, "sleep 2", "ifconfig eth0");
        assertThat(run.out()).contains("RX packets " + frames.size() + " ");
        ends(run);
        run.close();
        List<byte[]> answers = Frames.read(out);
        byte[] last = answers.get(answers.size() - 1);
        assertThat(Arrays.copyOfRange(last, ICMP + 8, last.length)).containsExactly(1, 2, 3);
    }
}
