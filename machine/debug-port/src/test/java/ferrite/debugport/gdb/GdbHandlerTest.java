package ferrite.debugport.gdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.debugport.DebugAccess;
import ferrite.debugport.DebugPort;
import ferrite.debugport.DebugServices;
import ferrite.debugport.LocalClients;
import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.debug.HartDescriber;
import ferrite.hardware.debug.SymbolSource;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.turn.Interleavings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The protocol byte by byte, against a machine of two harts in an endless loop. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GdbHandlerTest {

    private static final long RAM = 0x8000_0000L;

    private final Machine machine = new Machine(
            new Machine.Configuration(RAM, 16 << 20, 2, RAM, Interleavings.RR, 1));
    private DebugPort port;
    private Thread controller;
    private volatile boolean over;
    /** The thread that has looked at a hart last. */
    private volatile String asked;

    @BeforeEach
    void start() throws IOException {
        machine.bus().store(new BusMaster("test", 34), RAM, 4, 0x0013_0313);      // addi t1, t1, 1
        machine.bus().store(new BusMaster("test", 34), RAM + 4, 4, 0xffdf_f06f);  // j -4
        port = DebugPort.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), DebugAccess.OPEN,
                new DebugServices(new Monitor(), null, null, new Target(), machine.control()::post));
        controller = new Thread(this::control, "controller");
        controller.setDaemon(true);
        controller.start();
    }

    private void control() {
        try {
            for (;;) {
                machine.control().waitWhileHalted();
                if (over) {
                    return;
                }
                machine.turn().run();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        machine.control().post(() -> {
            over = true;
            machine.control().resume();
            machine.turn().stop(ferrite.hardware.turn.Turn.Stop.HALTED);
        });
        controller.join();
        port.close();
        machine.close();
    }

    private final class Target implements DebugTarget {

        @Override
        public Machine machine() {
            return machine;
        }

        @Override
        public Monitor monitor() {
            return new Monitor();
        }

        @Override
        public SymbolSource symbols() {
            return SymbolSource.NONE;
        }

        @Override
        public HartDescriber harts() {
            return hart -> {
                asked = Thread.currentThread().getName();
                return "";
            };
        }

        @Override
        public String restart() {
            return "this test has no power-on";
        }

    }

    /** A client that speaks packets. */
    private final class Gdb implements AutoCloseable {

        private final Socket socket;
        private final InputStream in;

        Gdb() throws IOException {
            this(port);
        }

        Gdb(DebugPort port) throws IOException {
            socket = new Socket(port.address().getAddress(), port.address().getPort());
            socket.setSoTimeout(10_000);
            in = socket.getInputStream();
        }

        void raw(String bytes) throws IOException {
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        }

        void send(String data) throws IOException {
            raw(packet(data));
        }

        String ask(String data) throws IOException {
            send(data);
            return reply();
        }

        /** Returns the data of the next packet; null at the end of the connection. */
        String reply() throws IOException {
            int c = in.read();
            while (c >= 0 && c != '$') {
                c = in.read();
            }
            if (c < 0) {
                return null;
            }
            StringBuilder data = new StringBuilder();
            for (c = in.read(); c >= 0 && c != '#'; c = in.read()) {
                data.append((char) (c == '}' ? in.read() ^ 0x20 : c));
            }
            in.readNBytes(2);
            return data.toString();
        }

        int read() throws IOException {
            return in.read();
        }

        boolean hasNothing() throws IOException {
            return in.available() == 0;
        }

        boolean isQuiet() throws IOException {
            socket.setSoTimeout(200);
            try {
                return in.read() < 0;
            } catch (SocketTimeoutException quiet) {
                return true;
            } finally {
                socket.setSoTimeout(10_000);
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static String packet(String data) {
        int sum = data.chars().sum() & 0xff;
        return "$" + data + "#" + String.format(java.util.Locale.ROOT, "%02x", sum);
    }

    @Test
    void aPacketIsAcknowledgedAndAnswered() throws IOException {
        try (Gdb gdb = new Gdb()) {
            gdb.send("qC");

            assertThat(gdb.read()).isEqualTo('+');
            assertThat(gdb.reply()).matches("QC[12]");
        }
    }

    @Test
    void aBadChecksumIsNotAcknowledgedAndALostReplyIsSentAgain() throws IOException {
        try (Gdb gdb = new Gdb()) {
            gdb.raw("$qC#00");
            assertThat(gdb.read()).isEqualTo('-');

            String first = gdb.ask("qC");
            gdb.raw("-");
            assertThat(gdb.reply()).isEqualTo(first);
        }
    }

    @Test
    void noAckModeSendsNoAcknowledgements() throws IOException {
        try (Gdb gdb = new Gdb()) {
            assertThat(gdb.ask("QStartNoAckMode")).isEqualTo("OK");
            gdb.raw("+");
            gdb.send("qAttached");

            assertThat(gdb.read()).isEqualTo('$');
        }
    }

    @Test
    void thePortsThreadAnswersIfTheMachineStandsStill() throws Exception {
        try (Gdb gdb = new Gdb(); Gdb second = new Gdb()) {
            gdb.ask("?");
            second.ask("qC");
            do {                                       // until the machine's thread has begun to wait
                gdb.ask("qThreadExtraInfo,1");
            } while (!asked.equals("ferrite-debug-port"));
            gdb.send("vCont;c");
            while (ask(machine.control()::isHalted)) {
                Thread.onSpinWait();
            }
            second.ask("qThreadExtraInfo,1");
            assertThat(asked).as("the machine runs").isEqualTo("controller");
            gdb.raw("\003");
            gdb.reply();
            for (int i = 0; i < 300; i++) {
                gdb.send("vCont;s:1");
                second.ask("qThreadExtraInfo,1");
                assertThat(gdb.reply()).startsWith("T05thread:1;");
            }
        }
    }

    @Test
    void thePortsThreadOpensTheSessionIfTheMachineIsHalted() throws Exception {
        asked = "";
        machine.control().post(machine.control()::halt);
        for (int i = 0; i < 1000 && !asked.equals("ferrite-debug-port"); i++) {
            try (Gdb gdb = new Gdb()) {
                assertThat(gdb.ask("qThreadExtraInfo,1")).isNotEmpty();
            }
        }
        assertThat(asked).isEqualTo("ferrite-debug-port");
        try (Gdb gdb = new Gdb()) {
            gdb.ask("D");
            while (ask(machine.control()::isHalted)) {
                Thread.onSpinWait();
            }
            asked = "";
            try (Gdb next = new Gdb()) {
                next.ask("qThreadExtraInfo,1");
                assertThat(asked).as("the machine ran").isEqualTo("controller");
                assertThat(ask(machine.control()::isHalted)).isTrue();
            }
        }
        assertThat(Packets.onlyLooks("qXfer:exec-file:read::0,1000")).isTrue();
    }

    @Test
    void unknownPacketsGetTheEmptyAnswer() throws IOException {
        try (Gdb gdb = new Gdb()) {
            for (String unknown : List.of("vMustReplyEmpty", "qTStatus", "jThreadExtendedInfo", "_M8,rwx", "",
                    "Z9,80000000,4", "qXfer:auxv:read::0,100", "bs", "QNonStop:1", "QPassSignals:e;10")) {
                assertThat(gdb.ask(unknown)).as(unknown).isEmpty();
            }
        }
    }

    @Test
    void attachingHaltsTheMachineAndDetachingLetsItRun() throws Exception {
        long before;
        try (Gdb gdb = new Gdb()) {
            assertThat(gdb.ask("?")).startsWith("T0");
            before = ticks();
            Thread.sleep(50);
            assertThat(ticks()).as("nothing moves").isEqualTo(before);
            assertThat(gdb.ask("D")).isEqualTo("OK");
        }
        while (ticks() == before) {
            Thread.sleep(1);
        }
    }

    @Test
    void aClientThatHasDetachedAttachesAgainOnTheSameConnection() throws Exception {
        try (Gdb gdb = new Gdb()) {
            assertThat(gdb.ask("D")).isEqualTo("OK");
            assertThat(ask(machine.control()::isDebugged)).isFalse();
            assertThat(gdb.ask("vAttach;1")).startsWith("T0");
            assertThat(ask(machine.control()::isHalted)).isTrue();
            assertThat(ask(machine.control()::isDebugged)).isTrue();
            gdb.send("c");
            gdb.raw("\u0003");
            assertThat(gdb.reply()).startsWith("T02");
        }
    }

    @Test
    void aClientThatHasDetachedHandsTheControlToTheNextOne() throws Exception {
        try (Gdb first = new Gdb(); Gdb next = new Gdb(); Gdb third = new Gdb()) {
            assertThat(first.ask("D")).isEqualTo("OK");
            assertThat(first.ask("c")).startsWith("E.this debugger has detached");
            assertThat(first.ask("m80000000,4")).as("it may look").isEqualTo("13031300");

            assertThat(next.ask("P6=11000000")).isEqualTo("OK");
            assertThat(ask(machine.control()::isHalted)).isTrue();
            assertThat(third.ask("m80000000,4")).as("it has the second place").isEqualTo("13031300");
            assertThat(first.ask("vAttach;1")).startsWith("T0");
            assertThat(first.ask("P6=00000000")).startsWith("E.another debugger controls");
            assertThat(next.ask("p6")).isEqualTo("11000000");

            assertThat(next.ask("D")).isEqualTo("OK");
            assertThat(first.ask("vAttach;1")).startsWith("T0");
            assertThat(first.ask("P6=00000000")).isEqualTo("OK");
        }
    }

    @Test
    void allHartsThatAreToStepDoSoWithOneStopReply() throws IOException {
        try (Gdb gdb = new Gdb()) {
            gdb.ask("?");
            for (int selected = 1; selected <= 2; selected++) {
                assertThat(gdb.ask("Hg" + selected)).isEqualTo("OK");
                for (String packet : List.of("vCont;s:1;s:2", "vCont;s", "vCont;s:2;s:1")) {
                    setPcs(gdb, "00000080");
                    assertThat(gdb.ask(packet)).as(packet).startsWith("T05thread:" + selected + ";");
                    assertThat(pcs(gdb)).as(packet).containsExactly("04000080", "04000080");
                    assertThat(gdb.ask("Hg" + selected)).isEqualTo("OK");
                }
                setPcs(gdb, "00000080");
                assertThat(gdb.ask("vCont;s:" + selected)).startsWith("T05thread:" + selected + ";");
                assertThat(pcs(gdb)).as("one steps").containsExactlyInAnyOrder("00000080", "04000080");
                assertThat(gdb.ask("Hg" + selected)).isEqualTo("OK");
            }
            assertThat(gdb.isQuiet()).as("a second stop reply").isTrue();
        }
    }

    private static void setPcs(Gdb gdb, String pc) throws IOException {
        String selected = gdb.ask("qC").substring(2);
        for (int thread = 1; thread <= 2; thread++) {
            assertThat(gdb.ask("Hg" + thread)).isEqualTo("OK");
            assertThat(gdb.ask("P20=" + pc)).isEqualTo("OK");
        }
        assertThat(gdb.ask("Hg" + selected)).isEqualTo("OK");
    }

    private static List<String> pcs(Gdb gdb) throws IOException {
        List<String> pcs = new ArrayList<>();
        for (int thread = 1; thread <= 2; thread++) {
            assertThat(gdb.ask("Hg" + thread)).isEqualTo("OK");
            pcs.add(gdb.ask("p20"));
        }
        return pcs;
    }

    @Test
    void aBreakpointEndsStepsInARange() throws IOException {
        try (Gdb gdb = new Gdb()) {
            gdb.ask("?");
            setPcs(gdb, "04000080");
            assertThat(gdb.ask("Hg2")).isEqualTo("OK");
            assertThat(gdb.ask("P20=00000080")).isEqualTo("OK");
            assertThat(gdb.ask("Z0,80000000,4")).isEqualTo("OK");
            assertThat(gdb.ask("Hg1")).isEqualTo("OK");
            assertThat(gdb.ask("vCont;r80000000,80000008:1;c")).contains("swbreak:;");
            assertThat(gdb.isQuiet()).isTrue();
        }
    }

    @Test
    void aCsrThatIsExposedIsListedAndCannotBeRead() throws Exception {
        String csr = Integer.toHexString(GdbRegisters.FIRST_CSR + 2288);
        try (Gdb gdb = new Gdb()) {
            assertThat(description(gdb)).contains("name=\"mstatus\"").doesNotContain("csr2288");
            ask(() -> {
                machine.control().exposedCsrs().add("2288 0x300,0x7c0=mine");
                return null;
            });
            assertThat(description(gdb)).containsOnlyOnce("<reg name=\"csr2288\" bitsize=\"32\" regnum=\"2353\" "
                    + "type=\"uint32\" group=\"csr\"").containsOnlyOnce("name=\"csr_mine\"")
                    .containsOnlyOnce("name=\"mstatus\"").doesNotContain("csr768");
            assertThat(gdb.ask("p" + csr)).isEqualTo("E.this hart has no CSR 2288 (0x8f0)");
            assertThat(gdb.ask("P" + csr + "=05000000")).isEqualTo("E.this hart has no CSR 2288 (0x8f0)");
            assertThat(gdb.ask("p2000")).isEqualTo("E.there is no register 8192");
        }
    }

    private static String description(Gdb gdb) throws IOException {
        StringBuilder xml = new StringBuilder();
        String piece = "m";
        for (int at = 0; piece.startsWith("m"); at += 0x4000) {
            piece = gdb.ask("qXfer:features:read:target.xml:" + Integer.toHexString(at) + ",4000");
            xml.append(piece.substring(1));
        }
        return xml.toString();
    }

    @Test
    void aClientThatLeavesTakesItsSettingOfStepsAlong() throws Exception {
        try (Gdb gdb = new Gdb()) {
            assertThat(gdb.ask("Qqemu.sstep:7")).isEqualTo("OK");
            assertThat(gdb.ask("qqemu.sstep")).isEqualTo("0x3");
            assertThat(gdb.ask("D")).isEqualTo("OK");
            assertThat(gdb.ask("qqemu.sstep")).isEqualTo("0x1");
            assertThat(ask(machine.control()::holdsInterruptsInSteps)).isFalse();
        }
    }

    private <T> T ask(Supplier<T> question) throws Exception {
        return machine.control().ask(question).get(10, TimeUnit.SECONDS);
    }

    @Test
    void anInterruptShowsTheSelectedHart() throws IOException {
        try (Gdb gdb = new Gdb()) {
            for (int i = 0; i < 20; i++) {
                int thread = 1 + i % 2;
                assertThat(gdb.ask("Hg" + thread)).isEqualTo("OK");
                gdb.send("vCont;c");
                gdb.raw("\u0003");
                assertThat(gdb.reply()).startsWith("T02thread:" + thread + ";");
            }
        }
    }

    private long ticks() throws Exception {
        return machine.control().ask(() -> machine.clock().instructions()).get();
    }

    @Test
    void eachResumeHasExactlyOneStopReply() throws IOException {
        try (Gdb gdb = new Gdb()) {
            gdb.ask("?");
            for (int round = 0; round < 200; round++) {
                gdb.send("vCont;c");
                gdb.raw("\003\003\003");
                assertThat(gdb.reply()).startsWith("T02thread:");
            }
            assertThat(gdb.ask("vCont;s:1")).startsWith("T05thread:1;");
            assertThat(gdb.isQuiet()).isTrue();
        }
    }

    @Test
    void aStopReplyTellsTheReasonAndTheRegisters() throws IOException {
        try (Gdb gdb = new Gdb()) {
            gdb.ask("?");
            assertThat(gdb.ask("Z0,80000004,4")).isEqualTo("OK");
            assertThat(gdb.ask("Z0,80000004,4")).as("again").isEqualTo("OK");
            assertThat(gdb.ask("vCont;c")).contains("swbreak:;").contains("20:04000080;");
            assertThat(gdb.ask("z0,80000004,4")).isEqualTo("OK");
            assertThat(gdb.ask("Z1,80000000,4")).isEqualTo("OK");
            assertThat(gdb.ask("vCont;c")).contains("hwbreak:;").contains("20:00000080;");
        }
    }

    /** The loop counts in t1. The condition is {@code $t1 == N}, in bytecode: reg 6, const16 N, equal, end. */
    @Test
    void aConditionIsEvaluatedWithoutAskingTheClient() throws IOException {
        try (Gdb gdb = new Gdb()) {
            gdb.ask("?");
            gdb.ask("P6=00000000");
            assertThat(gdb.ask("Z0,80000004,4;X8,260006233039" + "1327")).isEqualTo("OK");
            assertThat(gdb.ask("vCont;c")).contains("swbreak:;").contains("06:39300000;");
            assertThat(gdb.ask("Z0,80000004,4;X1,ff")).as("unknown bytecode: always stops").isEqualTo("OK");
            assertThat(gdb.ask("vCont;c")).contains("swbreak:;");
            assertThat(gdb.ask("Z0,80000004,4;X3,210000")).as("an endless loop").isEqualTo("OK");
            assertThat(gdb.ask("vCont;c")).contains("swbreak:;");
            assertThat(gdb.ask("Z0,80000004,4;Xffff,00")).startsWith("E.");
        }
    }

    @Test
    void aChecksumIsTheOneThatGdbComputes() throws IOException {
        try (Gdb gdb = new Gdb()) {
            assertThat(gdb.ask("M80001000,9:313233343536373839")).isEqualTo("OK");
            assertThat(gdb.ask("qCRC:80001000,9")).as("CRC-32/MPEG-2 of 123456789").isEqualTo("C376e6e7");
            assertThat(gdb.ask("qSearch:memory:80001000;9;789")).isEqualTo("1,80001006");
            assertThat(gdb.ask("qSearch:memory:80001000;9;79")).isEqualTo("0");
        }
    }

    /** Another client, and the machine, go on while the sum of all RAM is made in pieces. */
    @Test
    void aLongChecksumKeepsNobodyWaiting() throws Exception {
        try (Gdb first = new Gdb(); Gdb second = new Gdb()) {
            first.ask("?");
            assertThat(first.ask("qCRC:80000000,1000000")).startsWith("C");
            assertThat(first.ask("qCRC:80000000,1000004")).as("RAM ends").isEqualTo("E01");
            first.send("vCont;c");
            second.ask("qC");
            second.send("qCRC:80000000,1000000");
            Set<Long> moments = new HashSet<>();
            while (second.hasNothing()) {
                moments.add(ticks());
            }
            assertThat(second.reply()).startsWith("C");
            assertThat(moments).as("moments of the run, one for most of the 32 pieces").hasSizeGreaterThan(12);
        }
    }

    @Test
    void aLongSearchFindsWhatLiesAcrossTwoPieces() throws IOException {
        try (Gdb gdb = new Gdb()) {
            assertThat(gdb.ask("qSearch:memory:80000000;1000000;no such bytes")).isEqualTo("0");
            for (String address : List.of("8000fffe", "8007fffd", "80fffffc")) {
                assertThat(gdb.ask("M" + address + ",4:61626364")).isEqualTo("OK");
                assertThat(gdb.ask("qSearch:memory:80000000;1000000;abcd")).isEqualTo("1," + address);
                assertThat(gdb.ask("M" + address + ",4:00000000")).isEqualTo("OK");
            }
        }
    }

    @Test
    void hardwareBreakpointsAreLimited() throws IOException {
        try (Gdb gdb = new Gdb()) {
            for (int i = 0; i < PointPackets.MAX_HARDWARE_BREAKPOINTS; i++) {
                assertThat(gdb.ask("Z1," + Integer.toHexString(0x8000_0100 + 4 * i) + ",4")).isEqualTo("OK");
            }
            assertThat(gdb.ask("Z1,80000200,4")).startsWith("E.there are 8 hardware breakpoints");
        }
    }

    @Test
    void aSecondDebuggerReadsAndAThirdIsRefused() throws IOException {
        try (Gdb first = new Gdb(); Gdb second = new Gdb(); Gdb third = new Gdb()) {
            first.ask("?");
            first.send("vCont;c");

            assertThat(second.ask("m80000000,4")).isEqualTo("13031300");
            for (String change : List.of("M80000000,1:00", "P0=00000000", "vCont;c", "Z0,80000000,4", "vRun;", "c")) {
                assertThat(second.ask(change)).as(change).startsWith("E.another debugger controls");
            }
            assertThat(third.ask("?")).startsWith("E.two debuggers");
            assertThat(third.reply()).as("its connection is closed").isNull();
            first.raw("\003");
            assertThat(first.reply()).startsWith("T02");
        }
    }

    @Test
    void aDebuggerOfAnotherUserReadsOnlyAndTakesNoPlaceOfTheOwners() throws IOException {
        boolean[] own = new boolean[1];
        try (DebugPort guarded = DebugPort.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                DebugAccess.guarded("s3cret", null,
                        (client, here) -> own[0] ? LocalClients.User.OWN : LocalClients.User.OTHER),
                new DebugServices(new Monitor(), null, null, new Target(), machine.control()::post));
                Gdb stranger = new Gdb(guarded); Gdb another = new Gdb(guarded)) {
            assertThat(stranger.ask("m80000000,4")).isEqualTo("13031300");
            for (String packet : List.of("M80000000,4:00000000", "X80000000,1:x", "P20=00000080", "Z0,80000000,4",
                    "Z2,80000000,4", "c", "s", "vCont;c", "vCont;s:1;c", "R00", "vRun;", "vKill;1", "k",
                    "Qqemu.sstep:7")) {
                assertThat(stranger.ask(packet)).as(packet).startsWith("E.this debugger can only read: it runs as "
                        + "another user than the machine");
            }
            assertThat(stranger.ask("D")).isEqualTo("OK");
            assertThat(machine.control().isHalted()).as("halted or let run by a stranger").isFalse();
            assertThat(another.ask("qC")).startsWith("E.two debuggers");
            own[0] = true;
            try (Gdb owner = new Gdb(guarded); Gdb second = new Gdb(guarded)) {
                assertThat(owner.ask("M80000000,4:13031300")).isEqualTo("OK");
                assertThat(second.ask("m80000000,4")).isEqualTo("13031300");
            }
        }
    }

    @Test
    void registersStayAsTheyAreOverALostConnection() throws Exception {
        String before;
        try (Gdb gdb = new Gdb()) {
            gdb.ask("?");
            before = gdb.ask("g") + gdb.ask("p" + Integer.toHexString(65 + 0xb00));
        }
        try (Gdb gdb = new Gdb()) {
            assertThat(gdb.ask("g") + gdb.ask("p" + Integer.toHexString(65 + 0xb00))).isEqualTo(before);
        }
    }

    @Test
    void aPacketOfAnyLengthIsRefusedAndTheNextClientIsServed() throws IOException {
        try (Gdb gdb = new Gdb()) {
            gdb.raw("$");
            assertThatThrownBy(() -> {
                for (int i = 0; i < 10_000; i++) {
                    gdb.raw("x".repeat(4096));
                }
            }).isInstanceOf(IOException.class);
        }
        try (Gdb next = new Gdb()) {
            assertThat(next.ask("qAttached")).isEqualTo("1");
        }
    }

    @Test
    void aClientThatNeverReadsStopsOnlyItself() throws Exception {
        try (Gdb deaf = new Gdb(); Gdb honest = new Gdb()) {
            deaf.ask("?");
            deaf.send("vCont;c");
            deaf.raw("\003");
            Thread flood = new Thread(() -> {
                try {
                    for (int i = 0; i < 20_000; i++) {
                        deaf.send("m80000000,20000");
                    }
                } catch (IOException closed) {
                    // the test is over
                }
            });
            flood.setDaemon(true);
            flood.start();
            Thread.sleep(300);

            for (int i = 0; i < 100; i++) {
                assertThat(honest.ask("m80000000,4")).isEqualTo("13031300");
            }
        }
    }

    @Test
    void aSuffixWithoutAPacketDoesNotEndTheRun() throws IOException {
        try (Gdb gdb = new Gdb()) {
            assertThat(gdb.ask(";thread:1")).isEmpty();
            assertThat(gdb.ask("p;thread:1;")).startsWith("E.");
            assertThat(gdb.ask("qAttached")).isEqualTo("1");
        }
    }

    @Test
    void randomBytesAndDamagedPacketsDoNoHarm() throws Exception {
        long seed = Seed.fresh().value();
        Random random = new Random(seed);
        List<String> known = List.of("?", "g", "G00", "p20", "P20=00", "m80000000,40", "M80000000,2:0000",
                "X80000000,1:a",
                "x80000000,9", "vCont?", "vCont;s:1;c", "vCont;r80000000,80000008:1", "Hg1", "Hc-1", "T1",
                "Z0,80000000,4",
                "z0,80000000,4", "Z2,80000100,4", "qSupported:multiprocess+", "qXfer:features:read:target.xml:0,fff",
                "qXfer:threads:read::0,fff", "qXfer:memory-map:read::0,fff", "qCRC:80000000,100",
                "qSearch:memory:80000000;100;ab", "qRcmd,68656c70", "qThreadExtraInfo,1", "vFile:open:2f61,0,0",
                "vFile:pread:3,10,0", "qMemoryRegionInfo:80000000", "jThreadsInfo", "QThreadSuffixSupported", "D", "!",
                "Qqemu.PhyMemMode:1", "Qqemu.sstep:7", "C05", "S05;80000000", "vAttach;1");
        for (int round = 0; round < 60; round++) {
            try (Gdb gdb = new Gdb()) {
                gdb.raw(random.nextInt(4) == 0 ? noise(random) : "+");
                List<String> session = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    String data = damaged(known.get(random.nextInt(known.size())), random);
                    session.add(random.nextInt(8) == 0 ? noise(random) : packet(data));
                }
                gdb.raw(String.join(random.nextBoolean() ? "" : "+", session) + "\003");
                gdb.isQuiet();
            } catch (IOException closedByThePort) {
                // a connection may be closed
            }
        }
        try (Gdb honest = new Gdb()) {
            assertThat(honest.ask("qAttached")).isEqualTo("1");
        }
        assertThat(machine.control().ask(() -> "the machine answers").get()).isNotNull();
    }

    private static String noise(Random random) {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String damaged(String data, Random random) {
        StringBuilder text = new StringBuilder(data);
        for (int i = random.nextInt(3); i > 0 && text.length() > 1; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.insert(at, (char) (0x20 + random.nextInt(95)));
                case 2 -> text.setCharAt(at, "0123456789abcdef;:,-p".charAt(random.nextInt(21)));
                default -> text.insert(at, "ffffffff");
            }
        }
        return text.toString().replaceAll("[$#}*]", "");
    }
}
