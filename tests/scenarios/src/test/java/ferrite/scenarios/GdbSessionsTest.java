package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.turn.Interleavings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole sessions of a real GDB and LLDB: long ones, and several in a row. */
class GdbSessionsTest {

    private static final BoardOptions OPTIONS = BoardOptions.ofBoot().ram(64 << 20);
    /** With page table, start and mstatus in t0 to t2: csrw satp; csrw mepc; csrw mstatus; mret; addi a0, a0, 1; j . */
    static final int[] TO_PAGING = {0x1802_9073, 0x3413_1073, 0x3003_9073, 0x3020_0073, 0x0015_0513, 0x6f};

    @Test
    void aWatchpointNamesTheDeviceAndItsRequestAndChangesNothing(@TempDir Path directory) throws Exception {
        Disks.random(directory, "sample.img", 4 * Disks.PIECE, 1);
        BoardOptions options = new BoardOptions().disk(directory.resolve("sample.img"));
        String[] script = {"sha256sum /dev/disk0"};
        try (DebuggedMachine alone = DebuggedMachine.script(options, script);
                DebuggedMachine debugged = DebuggedMachine.script(options, script)) {
            alone.machine().control().post(alone.machine().control()::resume);
            assertThat(alone.awaitEnd()).isZero();

            String out = debugged.gdb("watch *(int *) 0xc0030400", "continue", "delete",
                    "monitor watch write 0xc0050800 4", "continue", "monitor delete", "detach");

            assertThat(out).contains("dma0 channel 2 writes 64 bytes at 0xc0030400, physical 0x00030400 (disk0 reads "
                    + "128 sectors from sector 0 on)", "128 sectors from sector 128 on", "at 0xc0050800");
            assertThat(debugged.awaitEnd()).isZero();
            assertThat(debugged.machine().digest()).isEqualTo(alone.machine().digest());
        }
    }

    @Test
    void eightHartsStopAndAreSeen() throws Exception {
        BoardOptions options = OPTIONS.harts(8).interleaving(Interleavings.RANDOM);
        GuestRun alone = GuestRun.of("smp", options, BoardKind.VIRT, "");
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", options)) {
            String out = debugged.gdb("hbreak *0x80000000", "continue", "continue", "continue", "continue", "continue",
                    "continue", "continue", "continue", "delete", "info threads", "detach");

            assertThat(out).containsPattern("\\b8 +Thread 8 \"hart7\"");
            IntStream.rangeClosed(1, 8).forEach(thread -> assertThat(out).as("each hart starts there")
                    .containsPattern("(?m)^Thread " + thread + " \"hart.*hit Breakpoint 1"));
            assertThat(debugged.awaitEnd()).isEqualTo(alone.status());
            assertThat(debugged.machine().digest()).isEqualTo(alone.digest());
        }
    }

    @Test
    void aBreakpointSetBeforePagingStopsAfterwards() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.boot("privilege", OPTIONS.harts(1))) {
            List<String> commands = new ArrayList<>(List.of("break main", "continue", "delete"));
            for (int i = 0; i < TO_PAGING.length; i++) {
                commands.add("set *(int *) " + (0x8100_0000L + 4 * i) + " = " + TO_PAGING[i]);
            }
            commands.addAll(List.of("set *(int *) 0x81001c10 = 0x204000cf", "set *(int *) 0x81001810 = 0x204000cf",
                    "set $t0 = 0x80081001", "set $t1 = 0xc1000010", "set $t2 = 0x800", "set $a0 = 0",
                    "break *0xc1000014", "set $pc = 0x81000000", "continue", "p $a0", "p/x $satp", "x/i $pc",
                    "monitor info mem", "detach"));

            String out = debugged.gdb(commands.toArray(String[]::new));

            assertThat(out).contains("Breakpoint 2, 0xc1000014", "$1 = 1", "$2 = 0x80081001", "=> 0xc1000014:");
        }
    }

    @Test
    void aClientLeavesAndAnotherComesWhileTheMachineRuns() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.run(new BoardOptions())) {
            debugged.awaitPrompt();
            for (int i = 0; i < 4; i++) {
                String out = debugged.gdb("info threads", "detach");
                assertThat(out).contains("hart3", "detached");
            }
            assertThat(debugged.gdb("break *0xc0000000", "info threads", "disconnect")).contains("hart3");
            assertThat(debugged.gdb("p $pc", "detach")).contains("$1 = ").contains("detached");
        }
    }

    @Test
    void physicalMemoryIsReadInQemusWay() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.run(new BoardOptions())) {
            debugged.awaitPrompt();
            String out = debugged.gdb("p *(int *) 0xc0002000", "p *(int *) 0x2000",
                    "maintenance packet Qqemu.PhyMemMode:1", "p *(int *) 0x2000 == *(int *) 0x2000",
                    "maintenance packet qqemu.PhyMemMode", "maintenance packet Qqemu.PhyMemMode:0",
                    "p *(int *) 0x2000", "detach");

            assertThat(out).contains("$1 = ", "Cannot access memory at address 0x2000", "$2 = 1", "received: \"1\"");
            assertThat(out.split("Cannot access memory at address 0x2000")).as("before and after").hasSize(3);
        }
    }

    @Test
    void aPersonAtNcTypesCommands() throws Exception {
        Tools.need("nc");
        try (DebuggedMachine debugged = DebuggedMachine.run(new BoardOptions())) {
            debugged.awaitPrompt();
            try (Program nc = Program.start(Path.of("."), List.of("nc", "-N", "127.0.0.1",
                    Integer.toString(debugged.address().getPort())))) {
                nc.type("zones", "info registers 0");
                nc.awaitOut("HighMem");
                nc.awaitOut("satp");
            }
        }
    }

    @Test
    void aStepOfAHartThatWaitsForEverLeavesTheMachineHalted() throws Exception {
        Tools.need("nc");
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(2))) {
            debugged.gdb("set *(int *) 0x81000000 = 0x10500073", "thread 2", "set $pc = 0x81000000", "set $mie = 0",
                    "set scheduler-locking on", "stepi", "disconnect");
            try (Program nc = Program.start(Path.of("."), List.of("nc", "-N", "127.0.0.1",
                    Integer.toString(debugged.address().getPort())))) {
                nc.type("step 1");
                nc.awaitOut("executes the instruction");
                nc.type("info registers 1");
                nc.awaitOut("satp");
            }
            debugged.assertRuns();
        }
    }

    @Test
    void tenThousandStopsChangeNothing() throws Exception {
        GuestRun alone = GuestRun.of("privilege", OPTIONS.harts(1), BoardKind.VIRT, "");
        try (DebuggedMachine debugged = DebuggedMachine.boot("privilege", OPTIONS.harts(1));
                Client client = new Client(debugged.address())) {
            for (int i = 0; i < 10_000; i++) {
                assertThat(client.ask("vCont;s:1")).startsWith("T05");
            }
            assertThat(client.ask("D")).isEqualTo("OK");
            assertThat(debugged.awaitEnd()).isEqualTo(alone.status());
            assertThat(debugged.machine().digest()).isEqualTo(alone.digest());
        }
    }

    @Test
    void anExtendedClientRestartsAndKills() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(2))) {
            String out = debugged.gdb("disconnect", "target extended-remote 127.0.0.1:" + debugged.address().getPort(),
                    "break main", "continue", "run", "info symbol $pc", "info threads",
                    "kill");

            assertThat(out).contains("hit Breakpoint 1, ", "main + ", "hart1", "killed");
            debugged.awaitEnd();
        }
    }

    /** After a restart nothing was reached yet. What was told before it is told again. */
    @Test
    void aRestartForgetsTheLastStop() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.boot("crash", OPTIONS.harts(1));
                Client client = new Client(debugged.address())) {
            assertThat(client.ask("Z0,1000,2")).isEqualTo("OK");
            for (int i = 0; i < 2; i++) {
                assertThat(client.ask("vCont;c")).as("the reset vector").startsWith("T05thread:1;swbreak:;");
                assertThat(client.ask("vCont;c")).as("a crash").startsWith("T0bthread:1;00:");
                assertThat(client.ask("P20=18000080")).as("back to its cause").isEqualTo("OK");
                assertThat(client.ask("vCont;c")).as("another crash").startsWith("T0bthread:1;00:");
                assertThat(client.ask("vRun;")).as("power-on").startsWith("T05thread:1;00:");
            }
        }
    }

    @Test
    void aMachineInterfaceSessionBreaksStepsAndLists() throws Exception {
        Tools.need("gdb-multiarch");
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(2));
                Program gdb = Program.start(Path.of("."), List.of("gdb-multiarch", "-nx", "--interpreter=mi3"))) {
            gdb.type("-target-select remote 127.0.0.1:" + debugged.address().getPort());
            gdb.awaitOut("^connected");
            gdb.type("-break-insert main", "-exec-continue");
            gdb.awaitOut("*stopped,reason=\"breakpoint-hit\"");
            gdb.type("-thread-info", "1-data-list-register-values x 0 32", "2-exec-step-instruction");
            gdb.awaitOut("*stopped,reason=\"end-stepping-range\"");
            gdb.type("3-data-read-memory-bytes 0x80000000 16", "4-break-delete", "5-target-detach", "6-gdb-exit");
            String out = gdb.end().out();

            assertThat(out).contains("target-id=\"Thread 2\",details=\"Name: Hart 1, M-mode\",name=\"hart1\"",
                    "1^done,register-values=",
                    "3^done,memory=[{begin=\"0x80000000\"", "5^done").doesNotContain("^error");
        }
    }

    @Test
    void lldbAsksForRegionsAndThreads() throws Exception {
        Tools.need("lldb");
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(2))) {
            Program.Ended lldb = Program.start(Path.of("."), List.of("lldb", "--no-lldbinit", "--batch",
                    "-o", "gdb-remote 127.0.0.1:" + debugged.address().getPort(), "-o", "memory region 0x80000000",
                    "-o", "memory region 0x20000000", "-o", "thread list", "-o", "detach")).end();

            assertThat(lldb.out()).containsPattern("\\[0x0*80000000-0x0*84000000\\) rwx")
                    .containsPattern("thread #2.*hart1");
        }
    }

    @Test
    void anInterruptIsAnsweredWhileTheMachineRuns() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.boot("privilege", OPTIONS.harts(1));
                Client client = new Client(debugged.address())) {
            assertThat(client.ask("M81000000,4:6f000000")).as("j . loops for ever").isEqualTo("OK");
            assertThat(client.ask("P20=00000081")).isEqualTo("OK");
            for (int i = 0; i < 200; i++) {
                client.send("c");
                client.interrupt();
                assertThat(client.reply()).startsWith("T02");
            }
        }
    }

    /** A client that sends packets by itself. */
    private static final class Client implements AutoCloseable {

        private final Socket socket;

        Client(InetSocketAddress address) throws IOException {
            socket = new Socket(address.getAddress(), address.getPort());
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(20));
        }

        String ask(String packet) throws IOException {
            send(packet);
            return reply();
        }

        void send(String packet) throws IOException {
            int sum = packet.chars().sum() & 0xff;
            write("$" + packet + "#" + String.format(Locale.ROOT, "%02x", sum));
        }

        void interrupt() throws IOException {
            write("\u0003");
        }

        private void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
        }

        String reply() throws IOException {
            StringBuilder text = new StringBuilder();
            int next = socket.getInputStream().read();
            while (next != '$') {
                assertThat(next).isPositive();
                next = socket.getInputStream().read();
            }
            for (next = socket.getInputStream().read(); next != '#'; next = socket.getInputStream().read()) {
                assertThat(next).as("after " + text).isPositive();
                text.append((char) next);
            }
            socket.getInputStream().readNBytes(2);
            write("+");
            return text.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
