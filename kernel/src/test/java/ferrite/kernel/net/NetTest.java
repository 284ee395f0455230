package ferrite.kernel.net;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Network devices, packets and the protocols, by a device with the test at its other end. */
@Timeout(60)
class NetTest {

    private static final int KILLED = 139;
    private static final int OWN = 0x0a00_0001;
    private static final int OTHER = 0x0a00_0002;
    private static final String OWN_ADDRESS = "020000000001";
    private static final String OTHER_ADDRESS = "020000000002";
    private static final String ALL = "ffffffffffff";

    private final KernelFixture fixture = KernelFixture.options().ram(64L << 20).harts(2).boot();
    private final Card card = new Card();
    private long ops;
    private long dev;

    @AfterEach
    void close() {
        fixture.close();
    }

    private KernelCalls calls() {
        return fixture.kernel().calls();
    }

    private KernelMemory memory() {
        return fixture.memory();
    }

    private Net net() {
        return fixture.kernel().drivers().net();
    }

    /** A card that keeps the packets that are sent. */
    private final class Card implements NetDeviceOps {

        private final List<String> sent = new ArrayList<>();
        private int busy;
        private int takes = Integer.MAX_VALUE;
        private int opened;
        private int timeOuts;
        private int noHeader;
        private int modes;

        @Override
        public void setRxMode(long device) {
            modes++;
        }

        @Override
        public int open(long device) {
            opened++;
            return 0;
        }

        @Override
        public int stop(long device) {
            opened--;
            return 0;
        }

        @Override
        public int startXmit(long skb, long device) {
            if (busy > 0) {
                busy--;
                return NetDeviceLayout.NETDEV_TX_BUSY;
            }
            byte[] bytes = new byte[SkBuffLayout.LEN.get(memory(), skb)];
            memory().read(SkBuffLayout.DATA.get(memory(), skb), bytes, 0, bytes.length);
            sent.add(HexFormat.of().formatHex(bytes));
            calls().devKfreeSkb(skb);
            if (--takes == 0) {
                calls().netifStopQueue(device);
            }
            return NetDeviceLayout.NETDEV_TX_OK;
        }

        @Override
        public int createHeader(long skb, long device, int protocol, long destination) {
            return noHeader != 0 ? noHeader : NetDeviceOps.super.createHeader(skb, device, protocol, destination);
        }

        @Override
        public void txTimeout(long device) {
            timeOuts++;
        }
    }

    private long make() {
        ops = ops != 0 ? ops : fixture.text("card_ops", card);
        long made = calls().allocEtherdev(NapiLayout.SIZE);
        NetDeviceLayout.NETDEV_OPS.set(memory(), made, ops);
        byte[] address = HexFormat.of().parseHex(OWN_ADDRESS);
        memory().write(NetDeviceLayout.DEV_ADDR.at(made), address, 0, address.length);
        return made;
    }

    private void up() {
        dev = make();
        check(calls().registerNetdev(dev) == 0, "registered");
        check(net().devices().setAddress("eth0", OWN, 0xffff_ff00) == 0, "an address");
        check(net().devices().setUp("eth0", true) == 0, "up");
    }

    private void down() {
        calls().unregisterNetdev(dev);
        calls().freeNetdev(dev);
    }

    /** Gives the kernel a frame as an interrupt handler does. */
    private void receive(String frame) {
        byte[] bytes = HexFormat.of().parseHex(frame);
        long skb = calls().devAllocSkb(bytes.length);
        memory().write(calls().skbPut(skb, bytes.length), bytes, 0, bytes.length);
        SkBuffLayout.PROTOCOL.set(memory(), skb, calls().ethTypeTrans(skb, dev));
        calls().netifRx(skb);
        calls().msleep(1);                             // so that the softirq has been served
    }

    private static String arp(String to, String from, int operation, int sender, String target, int targetIp) {
        return to + from + "0806" + "0001080006040" + "00" + operation + from + String.format("%08x", sender) + target
                + String.format("%08x", targetIp);
    }

    private long counter(ferrite.kernel.base.ULong counter) {
        return counter.get(memory(), NetDeviceLayout.STATS.at(dev));
    }

    // ---- devices ----

    @Test
    void aDeviceHasANameAndANumberAndIsUpBetweenOpenAndStop() {
        fixture.run(() -> {
            up();
            check(card.opened == 1 && net().devices().views(memory()).get(0).name().equals("eth0"), "eth0 is open");
            long second = make();
            check(calls().netdevPriv(second) == second + NetDeviceLayout.SIZE, "the driver's record");
            check(calls().registerNetdev(second) == 0 && calls().registerNetdev(second) == -Errno.EINVAL, "once");
            check(NetDeviceLayout.NAME.get(memory(), second).equals("eth1"), "the next number");
            long third = make();
            NetDeviceLayout.NAME.set(memory(), third, "eth1");
            check(calls().registerNetdev(third) == -Errno.EEXIST, "the name is taken");
            calls().freeNetdev(third);
            check(net().devices().setUp("eth7", true) == -Errno.ENODEV, "there is no such device");
            calls().unregisterNetdev(second);
            calls().freeNetdev(second);
            down();
            check(card.opened == 0 && net().devices().views(memory()).isEmpty(), "stopped and gone");
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aRegisteredDeviceIsNotFreed() {
        assertThat(fixture.exitCodeOf(() -> {
            up();
            calls().freeNetdev(dev);
        })).isEqualTo(KILLED);
        assertThat(String.join("", fixture.log)).contains("free_netdev of eth0, which is registered");
        fixture.takeViolations();
    }

    // ---- sending ----

    private long packet(int mark) {
        long skb = calls().devAllocSkb(60);
        memory().fill(calls().skbPut(skb, 60), mark, 60);
        SkBuffLayout.DEV.set(memory(), skb, dev);
        return skb;
    }

    @Test
    void packetsWaitWhileTheQueueIsStoppedAndKeepTheirOrder() {
        fixture.run(() -> {
            up();
            card.takes = 2;
            for (int i = 1; i <= 5; i++) {
                check(calls().devQueueXmit(packet(i)) == 0, "taken");
            }
            check(card.sent.size() == 2 && calls().netifQueueStopped(dev), "two went out");
            card.takes = Integer.MAX_VALUE;
            card.busy = 3;                             // a busy card is asked again
            calls().netifWakeQueue(dev);
            calls().msleep(8);
            check(!calls().netifQueueStopped(dev), "it goes on");
            calls().netifStopQueue(dev);
            NetDeviceLayout.TX_QUEUE_LEN.set(memory(), dev, 2);
            check(calls().devQueueXmit(packet(6)) + calls().devQueueXmit(packet(7)) == 0, "two may wait");
            check(calls().devQueueXmit(packet(8)) == 1, "the third one is dropped");
            check(counter(NetStatsLayout.TX_DROPPED) == 1, "and counted");
            calls().netifStartQueue(dev);
            down();                                    // the packets that wait are freed
        });
        assertThat(card.sent).extracting(frame -> frame.substring(0, 2)).containsExactly("01", "02", "03", "04", "05");
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aQueueThatStaysStoppedIsToldToTheDriver() {
        fixture.run(() -> {
            dev = make();
            NetDeviceLayout.WATCHDOG_TIMEO.set(memory(), dev, 5);
            check(calls().registerNetdev(dev) == 0 && net().devices().setUp("eth0", true) == 0, "up");
            calls().msleep(100);
            check(card.timeOuts == 0, "it is not stopped");
            calls().netifStopQueue(dev);
            calls().msleep(100);
            check(card.timeOuts > 1, "told");
            down();
        });
        assertThat(String.join("", fixture.log)).contains("NETDEV WATCHDOG: eth0: transmit queue 0 timed out");
    }

    @Test
    void noTimerRunsForADeviceThatIsUpUnlessItsQueueIsStopped() {
        fixture.run(() -> {
            dev = make();
            NetDeviceLayout.WATCHDOG_TIMEO.set(memory(), dev, 5);
            long timer = NetDeviceLayout.WATCHDOG_TIMER.at(dev);
            check(calls().registerNetdev(dev) == 0 && net().devices().setUp("eth0", true) == 0, "up");
            check(!calls().timerPending(timer), "a machine that waits for ever can stand still");
            calls().netifStopQueue(dev);
            check(calls().timerPending(timer), "watched");
            calls().netifWakeQueue(dev);
            calls().msleep(100);
            check(!calls().timerPending(timer) && card.timeOuts == 0, "watched no more");
            calls().netifStopQueue(dev);
            check(net().devices().setUp("eth0", false) == 0 && !calls().timerPending(timer), "down");
            calls().netifStopQueue(dev);
            check(!calls().timerPending(timer), "a device that is down is not watched");
            down();
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void withoutItsCableADeviceDropsPacketsAndDoesNotTimeOut() {
        fixture.run(() -> {
            dev = make();
            NetDeviceLayout.WATCHDOG_TIMEO.set(memory(), dev, 5);
            calls().netifCarrierOff(dev);
            check(calls().registerNetdev(dev) == 0 && net().devices().setUp("eth0", true) == 0, "up");
            check((NetDeviceLayout.FLAGS.get(memory(), dev) & NetDeviceLayout.IFF_RUNNING) == 0, "not running");
            check(calls().devQueueXmit(packet(1)) == 1 && counter(NetStatsLayout.TX_DROPPED) == 1, "dropped");
            calls().netifStopQueue(dev);
            calls().msleep(100);
            check(card.timeOuts == 0 && !calls().netifCarrierOk(dev), "no cable");
            calls().netifCarrierOn(dev);
            check((NetDeviceLayout.FLAGS.get(memory(), dev) & NetDeviceLayout.IFF_RUNNING) != 0, "running");
            calls().msleep(100);
            check(card.timeOuts > 0, "stopped, with a cable");
            calls().netifWakeQueue(dev);
            check(calls().devQueueXmit(packet(2)) == 0 && card.sent.size() == 1, "sent");
            down();
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aDriverIsToldOfTheFramesThatItsDeviceReceivesWhileItIsUp() {
        int both = NetDeviceLayout.IFF_PROMISC | NetDeviceLayout.IFF_ALLMULTI;
        fixture.run(() -> {
            up();
            check(card.modes == 1, "told when it is set up");
            check(net().devices().changeFlags("eth0", both, 0) == 0 && card.modes == 2, "told of the change");
            check((NetDeviceLayout.FLAGS.get(memory(), dev) & both) == both, "set");
            check(net().devices().setUp("eth0", false) == 0, "down");
            check(net().devices().changeFlags("eth0", 0, NetDeviceLayout.IFF_PROMISC) == 0 && card.modes == 2, "down");
            check((NetDeviceLayout.FLAGS.get(memory(), dev) & both) == NetDeviceLayout.IFF_ALLMULTI, "cleared");
            check(net().devices().changeFlags("eth7", both, 0) == -Errno.ENODEV, "no such device");
            down();
        });
        assertThat(fixture.violations).isEmpty();
    }

    // ---- the protocols ----

    @Test
    void aHostIsAskedForItsAddressAndThenGetsThePacketThatWaited() {
        Ipv4.Answer[] answers = new Ipv4.Answer[2];
        fixture.run(() -> {
            up();
            long ping = net().ipv4().beginPing();
            check(net().ipv4().ask(ping, 0x0b00_0001, 8) == -Errno.ENETUNREACH, "no way");
            check(net().ipv4().ask(ping, OTHER, 8) == 0, "asked");
            check(card.sent.size() == 1, "a question alone");
            receive(arp(OWN_ADDRESS, OTHER_ADDRESS, 2, OTHER, OWN_ADDRESS, OWN));
            check(card.sent.size() == 2, "the packet");
            receive(echoOf(card.sent.get(1)));
            answers[0] = net().ipv4().await(ping, 1000);
            check(net().ipv4().ask(ping, OTHER, 8) == 0 && card.sent.size() == 3, "the address is known now");
            answers[1] = net().ipv4().await(ping, 1000);
            net().ipv4().endPing(ping);
            down();
        });
        assertThat(card.sent.get(0)).isEqualTo(arp(ALL, OWN_ADDRESS, 1, OWN, "000000000000", OTHER));
        assertThat(card.sent.get(1)).startsWith(OTHER_ADDRESS + OWN_ADDRESS + "0800" + "45000024");
        assertThat(answers[0].bytes()).isEqualTo(16);
        assertThat(answers[0].ttl()).isEqualTo(64);
        assertThat(answers[1]).as("nobody has answered").isNull();
        assertThat(fixture.violations).isEmpty();
    }

    /** Returns the answer to an echo request. The sum of a reply is higher by the difference of the types. */
    private static String echoOf(String frame) {
        String ip = frame.substring(28, 52) + frame.substring(60, 68) + frame.substring(52, 60);
        int sum = Integer.parseInt(frame.substring(72, 76), 16) + 0x0800;
        return frame.substring(12, 24) + frame.substring(0, 12) + frame.substring(24, 28) + ip + "0000"
                + String.format("%04x", sum & 0xffff) + frame.substring(76);
    }

    @Test
    void aPacketWithoutAHeaderIsDropped() {
        fixture.run(() -> {
            up();
            receive(arp(ALL, OTHER_ADDRESS, 1, OTHER, "000000000000", OWN));
            long ping = net().ipv4().beginPing();
            card.noHeader = -Errno.EINVAL;
            check(net().ipv4().ask(ping, OTHER, 8) == -Errno.ENOBUFS, "no header, no packet");
            card.noHeader = 0;
            check(net().ipv4().ask(ping, OTHER, 8) == 0, "a header");
            net().ipv4().endPing(ping);
            check(card.sent.size() == 2, "the answer and the second question");
            down();
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void whoAsksForOurAddressOrAnEchoIsAnswered() {
        fixture.run(() -> {
            up();
            receive(arp(ALL, OTHER_ADDRESS, 1, OTHER, "000000000000", OWN + 7));
            check(card.sent.isEmpty(), "that is another host");
            receive(arp(ALL, OTHER_ADDRESS, 1, OTHER, "000000000000", OWN));
            check(card.sent.size() == 1, "our address");
            receive(OWN_ADDRESS + OTHER_ADDRESS + "0800" + ECHO_REQUEST);
            check(card.sent.size() == 2, "an echo");
            receive("020000000009" + OTHER_ADDRESS + "0800" + ECHO_REQUEST);
            check(card.sent.size() == 2, "a frame for another card");
            down();
        });
        assertThat(card.sent.get(0)).isEqualTo(arp(OTHER_ADDRESS, OWN_ADDRESS, 2, OWN, OTHER_ADDRESS, OTHER));
        assertThat(card.sent.get(1)).startsWith(OTHER_ADDRESS + OWN_ADDRESS + "0800" + "4500001e")
                .endsWith("0a0000010a000002" + "00001dfa" + "1234" + "0001" + "cfd0");
    }

    /** The first datagrams come to port 7, from a port; then from port 7, with a wrong sum, length or port. */
    @Test
    void theEchoServiceAnswersDatagramsButNoOtherService() {
        String ip = "4500001f00010000401166cb" + "0a0000020a000001";
        List<String> datagrams = List.of("c0010007" + "000b" + "676a" + "616263",
                "c0010007" + "000b" + "0000" + "616263", "00070007" + "000b" + "0000" + "616263",
                "c0010007" + "000b" + "676b" + "616263", "c0010007" + "000c" + "0000" + "616263",
                "c0010009" + "000b" + "0000" + "616263");
        fixture.run(() -> {
            up();
            receive(arp(ALL, OTHER_ADDRESS, 1, OTHER, "000000000000", OWN));
            datagrams.forEach(datagram -> receive(OWN_ADDRESS + OTHER_ADDRESS + "0800" + ip + datagram));
            down();
        });
        assertThat(card.sent).hasSize(3);
        assertThat(card.sent.get(1)).startsWith(OTHER_ADDRESS + OWN_ADDRESS + "0800" + "4500001f")
                .endsWith("0a0000010a000002" + "0007c001" + "000b" + "676a" + "616263");
        assertThat(card.sent.get(2)).as("a sum of 0 is none").endsWith("0007c001" + "000b" + "676a" + "616263");
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aQuestionGetsTheDatagramThatComesToItsPort() {
        fixture.run(() -> {
            up();
            receive(arp(ALL, OTHER_ADDRESS, 1, OTHER, "000000000000", OWN));
            long socket = net().udp().open();
            long data = calls().kzalloc(1500, Gfp.GFP_KERNEL);
            check(net().udp().ask(socket, OTHER, 9, data, 1473) == -Errno.EMSGSIZE, "too long");
            check(net().udp().ask(socket, 0x0b00_0001, 9, data, 1) == -Errno.ENETUNREACH, "no way");
            check(net().udp().ask(socket, OTHER, 9, data, 2) == 0, "asked");
            check(card.sent.get(1).endsWith("0009" + "000a" + card.sent.get(1).substring(80, 84) + "0000"), "sent");
            check(net().udp().await(socket, 100) == -1, "nothing has come");
            String ip = "4500001e00010000401166cc" + "0a0000020a000001";
            String port = card.sent.get(1).substring(68, 72);
            receive(OWN_ADDRESS + OTHER_ADDRESS + "0800" + ip + "0009" + "c123" + "000a" + "0000" + "7a7a");
            check(net().udp().await(socket, 100) == -1, "another port");
            receive(OWN_ADDRESS + OTHER_ADDRESS + "0800" + ip + "0009" + port + "000a" + "0000" + "7879");
            check(net().udp().await(socket, 100) == 2 && memory().load8(net().udp().data(socket)) == 0x78, "answered");
            net().udp().close(socket);
            calls().kfree(data);
            down();
        });
        assertThat(fixture.violations).isEmpty();
    }

    /** Ten bytes of a message with a right sum, in a packet with a right sum. */
    private static final String ECHO_REQUEST = "4500001e00010000400166dc0a0000020a000001" + "080015fa12340001cfd0";

    @Test
    void packetsWithMistakesAreCountedAndAnsweredByNobody() {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        List<String> wrong = new ArrayList<>(List.of("4500001e0001", "4500001e00012000400146dd" + "0a0000020a000001",
                ECHO_REQUEST.replace("66dc", "66de"), ECHO_REQUEST.replaceFirst("^45", "44"),
                ECHO_REQUEST.replaceFirst("^45", "65"), ECHO_REQUEST.replaceFirst("^4500001e", "4500ffff"), ""));
        for (int i = 0; i < 300; i++) {
            StringBuilder frame = new StringBuilder(ECHO_REQUEST);
            for (int change = 0; change <= random.nextInt(3); change++) {
                frame.setCharAt(random.nextInt(frame.length()), Character.forDigit(random.nextInt(16), 16));
            }
            wrong.add(frame.substring(0, 2 * random.nextInt(frame.length() / 2)));
        }
        fixture.run(() -> {
            up();
            wrong.forEach(packet -> receive(OWN_ADDRESS + OTHER_ADDRESS + "0800" + packet));
            receive("0200");
            receive(OWN_ADDRESS + OTHER_ADDRESS + "0806" + "0001080006");
            receive(OWN_ADDRESS + OTHER_ADDRESS + "86dd" + "60");
            check(counter(NetStatsLayout.RX_ERRORS) == wrong.size(), seed.replay("counted "
                    + counter(NetStatsLayout.RX_ERRORS)));
            down();
        });
        assertThat(card.sent).isEmpty();
        assertThat(fixture.violations).isEmpty();
    }

    // ---- receiving ----

    @Test
    void aHartKeepsAThousandPacketsAtMost() {
        fixture.run(List.of(Job.on(0, () -> {
            up();
            int flags = calls().localIrqSave();
            int dropped = 0;
            for (int i = 0; i < 1003; i++) {
                long skb = packet(0);
                SkBuffLayout.PKT_TYPE.set(memory(), skb, SkBuffLayout.PACKET_OTHERHOST);
                dropped += calls().netifRx(skb);
            }
            calls().localIrqRestore(flags);
            check(dropped == 3 && counter(NetStatsLayout.RX_DROPPED) == 3, dropped + " were dropped");
            down();                                    // waits for the packets
        })));
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aPollFunctionIsCalledUntilItIsDoneAndNotWhileItIsDisabled() {
        int[] left = {150};
        boolean[] forgets = new boolean[1];
        List<Integer> given = new ArrayList<>();
        long poll = fixture.text("card_poll", (NapiPoll) (napi, budget) -> {
            int now = Math.min(left[0], budget);
            left[0] -= now;
            given.add(now);
            for (int i = 0; i < now; i++) {
                calls().netifReceiveSkb(packet(0));
            }
            if (now < budget && !forgets[0]) {
                calls().napiCompleteDone(napi, now);
            }
            return now;
        });
        fixture.run(() -> {
            up();
            long napi = calls().kzalloc(NapiLayout.SIZE, Gfp.GFP_KERNEL);
            calls().netifNapiAdd(dev, napi, poll);
            check(!calls().napiSchedule(napi), "it is disabled at first");
            calls().napiEnable(napi);
            check(calls().napiSchedule(napi) && !calls().napiSchedule(napi), "once");
            calls().msleep(8);
            check(given.equals(List.of(64, 64, 22)), "polled " + given);
            forgets[0] = true;                         // napi_complete_done
            calls().napiSchedule(napi);
            calls().msleep(8);
            calls().napiEnable(napi);
            calls().napiDisable(napi);
            calls().kfree(napi);
            down();
        });
        assertThat(String.join("", fixture.log)).contains("card_poll gave 0 of 64 packets without napi_complete_done");
    }

    /** Between napi_complete_done and its return, another hart may remove the driver. */
    @Test
    void aDeviceIsNotFreedBeforeItsPollFunctionHasReturned() {
        boolean[] polled = new boolean[1];
        boolean[] freed = new boolean[1];
        long poll = fixture.text("slow_poll", (NapiPoll) (napi, budget) -> {
            calls().napiCompleteDone(napi, 0);
            polled[0] = true;
            for (int i = 0; i < 1000 && !freed[0]; i++) {
                calls().cpuRelax();
            }
            check(!freed[0], "the poll function runs");
            return 0;
        });
        fixture.run(List.of(Job.on(0, () -> {
            up();
            long napi = calls().netdevPriv(dev);
            calls().netifNapiAdd(dev, napi, poll);
            calls().napiEnable(napi);
            calls().napiSchedule(napi);
        }), Job.on(1, () -> {
            while (!polled[0]) {
                calls().msleep(1);
            }
            down();
            freed[0] = true;
        })));
        assertThat(freed[0]).isTrue();
        assertThat(fixture.violations).isEmpty();
    }

    // ---- packets ----

    @Test
    void thePartsOfAPacketMoveAsTheBookDrawsThem() {
        fixture.run(() -> {
            up();
            long skb = calls().allocSkb(100, Gfp.GFP_KERNEL);
            check(calls().skbHeadroom(skb) == 0 && calls().skbTailroom(skb) == 100, "empty");
            calls().skbReserve(skb, 20);
            long data = calls().skbPut(skb, 50);
            check(calls().skbHeadroom(skb) == 20 && calls().skbTailroom(skb) == 30, "in the middle");
            check(calls().skbPush(skb, 14) == data - 14 && SkBuffLayout.LEN.get(memory(), skb) == 64, "a header");
            check(calls().skbPull(skb, 14) == data && calls().skbPull(skb, 51) == 0, "without it");
            calls().skbTrim(skb, 60);
            calls().skbTrim(skb, 10);
            check(SkBuffLayout.LEN.get(memory(), skb) == 10 && calls().skbTailroom(skb) == 70, "cut");
            calls().devKfreeSkb(skb);
            calls().devKfreeSkb(0);
            down();
        });
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void whatDoesNotFitEndsTheTask() {
        fixture.run(this::up);
        assertThat(fixture.exitCodeOf(() -> calls().skbPut(calls().devAllocSkb(10), 11))).isEqualTo(KILLED);
        assertThat(fixture.exitCodeOf(() -> calls().skbPush(calls().devAllocSkb(10), 65))).isEqualTo(KILLED);
        assertThat(fixture.exitCodeOf(() -> calls().skbReserve(packet(1), 1))).isEqualTo(KILLED);
        assertThat(String.join("", fixture.log))
                .contains("skb_put of 11 bytes: the packet has 10 bytes of tailroom")
                .contains("skb_push of 65 bytes: the packet has 64 bytes of headroom")
                .contains("call it before skb_put");
        fixture.takeViolations();
    }

    @Test
    void aPacketIsNotUsedAfterItWasSent() {
        fixture.run(() -> {
            up();
            long skb = packet(1);
            calls().devQueueXmit(skb);
            calls().skbTrim(skb, 10);
            down();
        });
        assertThat(fixture.takeViolations()).extracting(violation -> violation.rule()).contains("use-after-free");
    }
}
