package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.layout.FerriteLayout;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.hardware.Seed;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.report.Violation;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The driver of the card with rings of descriptors, with a peer or captures at the cable: {@code --net card=nic}. */
@Machine(ram = "32M", harts = 2)
@Timeout(60)
class NicCardTest {

    private static final String UP = "ifconfig eth0 10.0.0.1";
    private static final String DEVICE = "ethernet@f00d0000";
    private static final String DRIVER = "/sys/bus/platform/drivers/nic/";
    private static final BusMaster HAND = new BusMaster("test", 32);
    private static final int CONTROL = 0x04;
    private static final int RX_ENABLE = 1;
    private static final int TX_SIZE = 0x24;
    private static final int RX_RING = 0x30;
    private static final int RX_HEAD = 0x38;

    @TempDir
    private Path directory;

    private static BoardOptions net(BoardOptions options, String net) {
        MachineOptions.set(options, "--net", net + ",card=nic");
        return options;
    }

    private static int number(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    private static void ends(MachineRun run) {
        run.forgetOutput().type("ifconfig eth0 down", "cat /proc/slabinfo | grep skbuff", "dmesg");
        assertThat(run.out()).containsPattern("skbuff_head_cache +0 ").doesNotContain("an interrupt was lost");
        assertThat(run.err()).isEmpty();
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    // ---- the peer ----

    @ParameterizedTest
    @CsvSource({"RR, 64, FORCE", "PCT, 4, ON"})
    void thePeerAnswersManyTasks(Interleavings interleaving, String ring, Swiotlb.Mode swiotlb, Machines machines)
            throws IOException {
        MachineRun run = machines.boot(options -> net(options, "peer").interleaving(interleaving).swiotlb(swiotlb)
                .harts(4).parameter("nic.ring", ring));
        run.type(UP, "ping -c 1 10.0.0.2").forgetOutput();
        run.type("ping -c 3 10.0.0.2 &", "ping -c 3 -s 1472 10.0.0.2 &", "ping -c 3 -s 214 10.0.0.2 &", "wait");
        assertThat(run.out().split("3 packets transmitted, 3 received, 0% packet loss", -1)).hasSize(4);
        run.type("cat /proc/net/dev", "cat /proc/eth0_stat");
        assertThat(run.out()).containsPattern("eth0: +5744 +11 +0 +0 .* +5744 +11 +0 +0 ")
                .containsPattern("all \\d+ \\d+ 11 8 11 0\n");
        ends(run);
    }

    /** The driver looks at the card for a while after a packet, and then waits for its interrupt only. */
    @Test
    void aMachineStandsStillWhileTheCardIsUpAndNothingIsToBeSent(Machines machines) throws IOException {
        MachineRun run = machines.boot(options -> net(options, "peer"));
        run.type(UP, "ping -c 1 10.0.0.2", "sleep 3");
        assertThat(run.out()).contains("1 packets transmitted, 1 received");
        assertThat(run.board().machine().clock().nextDue()).as("no event is left").isEqualTo(Long.MAX_VALUE);
        ends(run);
    }

    /** Each step is at another moment of the packets. */
    @Test
    void theCardIsSetDownTakenAwayAndRestoredWhilePacketsAreOnTheirWay(Machines machines) throws IOException {
        MachineRun run = machines.boot(options -> net(options, "peer").interleaving(Interleavings.PCT).harts(4));
        run.type(UP, "ping -c 3 10.0.0.2 &", "ping -c 3 -s 1400 10.0.0.2 &", "sleep 1.00002", "ifconfig eth0 down",
                "ifconfig eth0 up", "wait", "ping -c 3 10.0.0.2 &", "sleep 1.00001",
                "echo " + DEVICE + " > " + DRIVER + "unbind", "wait", "ifconfig -a", "ls /proc");
        assertThat(run.out()).doesNotContain("eth0");
        assertThat(run).hasNoViolations().hasNoLeaks();
        String[] all = {"ping -c 2 10.0.0.2", "cat /proc/eth0_stat"};
        run.type("echo " + DEVICE + " > " + DRIVER + "bind", UP, all[0]);
        run.board().reattach();
        ferrite.hardware.Machine.Snapshot snapshot = run.board().snapshot();
        String once = run.forgetOutput().type(all).out();
        assertThat(once).contains("2 packets transmitted, 2 received");
        run.board().restore(snapshot);
        assertThat(run.forgetOutput().type(all).out()).isEqualTo(once);
        run.type("echo " + DEVICE + " > " + DRIVER + "unbind", "cat /proc/slabinfo | grep skbuff");
        assertThat(run.out()).containsPattern("skbuff_head_cache +0 ");
        assertThat(run).hasNoViolations().hasNoLeaks();
    }

    // ---- captures ----

    @Test
    void eachFrameOfACaptureComesBackAndTcpdumpReadsThem(Machines machines) throws Exception {
        Random random = new Random(Seed.fresh().value());
        List<byte[]> frames = new ArrayList<>(List.of(Frames.arp()));
        for (int i = 0; i < 60; i++) {
            byte[] data = new byte[random.nextInt(1473)];
            random.nextBytes(data);
            frames.add(Frames.echo(i, data));
        }
        Path in = Frames.write(directory.resolve("in.pcap"), frames, 200);
        Path out = directory.resolve("out.pcap");
        MachineRun run = machines.boot(options -> net(options, "in=" + in + ",first=1,out=" + out)
                .interleaving(Interleavings.RANDOM).parameter("nic.ring", "8"));
        run.type(UP, "sleep 2", "ifconfig eth0");
        assertThat(run.out()).contains("RX packets 61 ", "RX errors 0  dropped 0", "TX packets 61 ",
                "TX errors 0  dropped 0");
        ends(run);
        run.close();
        List<byte[]> answers = Frames.read(out);
        assertThat(answers).hasSameSizeAs(frames);
        for (int i = 1; i < frames.size(); i++) {
            assertThat(Arrays.copyOfRange(answers.get(i), Frames.ICMP + 4, answers.get(i).length))
                    .isEqualTo(Arrays.copyOfRange(frames.get(i), Frames.ICMP + 4, frames.get(i).length));
        }
        String text = Tools.text(directory, "tcpdump", "-n", "-r", out.toString());
        assertThat(text).contains("ARP, Reply 10.0.0.1 is-at 52:54:00:12:34:56");
        assertThat(text.split("IP 10.0.0.1 > 10.0.0.9: ICMP echo reply, id 1799", -1)).hasSize(61);
    }

    /** Frames as fast as the cable, into a ring of four: it goes round and round, the card loses some, and tells. */
    @Test
    void aRingGoesRoundWhileFramesAreLostAndEachIsCounted(Machines machines) throws IOException {
        Random random = new Random(Seed.fresh().value());
        List<byte[]> frames = new ArrayList<>(List.of(Frames.arp()));
        for (int i = 0; i < 500; i++) {
            frames.add(i % 50 == 49 ? Arrays.copyOf(Frames.arp(), 2000)
                    : Frames.echo(i, new byte[random.nextInt(400)]));
        }
        frames.add(Frames.echo(999, new byte[] {1, 2, 3}));
        Path in = Frames.write(directory.resolve("in.pcap"), frames,
                frame -> frame == frames.size() - 1 ? 900_000_000 : frame / 20 * 400_000);
        Path out = directory.resolve("out.pcap");
        MachineRun run = machines.boot(options -> net(options, "in=" + in + ",first=1,out=" + out)
                .interleaving(Interleavings.PCT).parameter("nic.ring", "4"));
        run.type(UP, "sleep 3", "ifconfig eth0", "nic");
        int lost = number(run.out(), "frames lost +(\\d+)");
        int errors = number(run.out(), "RX errors (\\d+)");
        int received = number(run.out(), "RX packets (\\d+)");
        assertThat(lost).isGreaterThan(20);
        assertThat(errors).as("longer than a buffer").isBetween(0, 10);
        assertThat(received).isGreaterThan(100);
        assertThat(received + errors + lost).isEqualTo(frames.size());
        ends(run);
        run.close();
        List<byte[]> answers = Frames.read(out);
        byte[] last = answers.get(answers.size() - 1);
        assertThat(answers).hasSize(received);
        assertThat(Arrays.copyOfRange(last, Frames.ICMP + 8, last.length)).containsExactly(1, 2, 3);
    }

    @Test
    void framesForOthersAreReceivedOnDemand(Machines machines) throws IOException {
        List<byte[]> frames = new ArrayList<>();
        for (int second = 0; second < 4; second++) {
            byte[] forOther = Frames.echo(second, new byte[10]);
            forOther[5] = 0x57;
            byte[] multicast = Frames.echo(second, new byte[10]);
            multicast[0] = 1;
            frames.addAll(List.of(forOther, multicast));
        }
        Path in = Frames.write(directory.resolve("in.pcap"), frames, frame -> frame * 125_000_000);
        MachineRun run = machines.boot(options -> net(options, "in=" + in + ",first=1"));
        run.type(UP, "sleep 1.2", "ifconfig eth0 allmulti", "sleep 0.25", "ifconfig eth0 promisc", "ifconfig eth0",
                "sleep 0.25", "ifconfig eth0 -promisc -allmulti", "sleep 1", "ifconfig eth0", "nic");
        assertThat(run.out()).contains("<UP,BROADCAST,RUNNING,PROMISC,ALLMULTI,MULTICAST>", "RX packets 1 ",
                "RX packets 3 ").containsPattern("frames filtered +5");
        ends(run);
    }

    // ---- a card that goes wrong ----

    private static void poke(MachineRun run, int register, int value) {
        run.board().machine().bus().store(HAND, FerriteLayout.NIC + register, 4, value);
    }

    private static int register(MachineRun run, int register) {
        return run.board().machine().bus().peek(FerriteLayout.NIC + register, 4);
    }

    @Test
    void aRingThatHangsIsResetAfterFiveSecondsAndSoIsACardWithAnError(Machines machines) throws IOException {
        MachineRun run = machines.boot(options -> net(options, "peer").parameter("nic.ring", "4"));
        run.type(UP, "ping -c 1 10.0.0.2");
        poke(run, CONTROL, RX_ENABLE);                 // the transmitter stands still, and nothing tells it
        run.forgetOutput().type("ping -c 20 10.0.0.2", "dmesg", "ifconfig eth0");
        assertThat(run.out()).contains("NETDEV WATCHDOG: eth0: transmit queue 0 timed out", "eth0: the card was reset",
                "TX errors 4 ");
        assertThat(number(run.out(), ", (\\d+) received")).as("those that wait in the queue are late").isEqualTo(16);
        long descriptor = (register(run, RX_RING) & 0xffff_ffffL) + 16L * register(run, RX_HEAD);
        run.board().machine().bus().store(HAND, descriptor + 4, 4, 0);
        run.forgetOutput().type("ping -c 3 10.0.0.2", "dmesg");
        assertThat(run.out()).contains("3 packets transmitted, 2 received",
                "eth0: error 3 at bus address 0x" + Long.toHexString(descriptor));
        for (int i = 0; i < 6; i++) {
            poke(run, TX_SIZE, 4);                     // while the ring is in use
            run.type("sleep 0.1");
        }
        run.forgetOutput().type("dmesg", "ping -c 2 10.0.0.2", "cat /proc/eth0_stat");
        assertThat(run.out()).contains("eth0: the card is wrong again and again, and was stopped",
                "2 packets transmitted, 0 received").containsPattern("all \\d+ \\d+ \\d+ \\d+ \\d+ 8\n");
        run.forgetOutput().type("ifconfig eth0 down", "ifconfig eth0 up", "ping -c 2 10.0.0.2");
        assertThat(run.out()).contains("2 packets transmitted, 2 received");
        ends(run);
    }

    // ---- mistakes of drivers, each beside a right use ----

    private MachineRun careless(Machines machines) throws IOException {
        return machines.boot(options -> net(options, "out=" + directory.resolve("out.pcap"))
                .parameter("nic.driver", "none").driver(new CarelessNicDriver()));
    }

    /** The card looks at the second of two descriptors while its fields are stored. */
    @ParameterizedTest
    @CsvSource({"bitlast, none, 2", "bitfirst, BAD_LENGTH, 1"})
    void aDescriptorIsGivenAwayByItsLastStore(String order, String error, int sent, Machines machines)
            throws IOException {
        MachineRun run = careless(machines).type("echo " + order + " > /dev/sender", "nic");
        assertThat(run.out()).containsPattern("error +" + error).containsPattern("frames sent +" + sent);
        assertThat(run).hasNoViolations();
    }

    @Test
    void eachMistakeWithAPacketIsReportedAndTheRightUseIsNot(Machines machines) throws IOException {
        MachineRun run = careless(machines);
        List<String> rules = List.of("missing-barrier", "dma-stray-access", "dma-cpu-access", "dma-freed-in-use");
        List<String> mistakes = List.of("relaxed", "unmap", "store", "free");
        for (int i = 0; i < rules.size(); i++) {
            run.type("echo right > /dev/sender");
            assertThat(run.violations()).as("the right use").hasSize(i);
            run.type("echo " + mistakes.get(i) + " > /dev/sender");
            assertThat(run.violations()).extracting(Violation::rule).containsExactlyElementsOf(rules.subList(0, i + 1));
        }
    }
}
