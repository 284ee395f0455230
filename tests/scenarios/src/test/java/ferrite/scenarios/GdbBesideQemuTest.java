package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sessions of a real GDB, each on Ferrite and on QEMU's stub. A person sees the same, address by address. GDB takes
 * QEMU's guest for a Linux program and would step through an ecall by a breakpoint behind it, so there it is told that
 * the guest is none.
 */
@Timeout(120)
class GdbBesideQemuTest {

    private static final BoardOptions OPTIONS = BoardOptions.ofBoot().ram(64 << 20);
    /** An atomic increment of the word at a0, for ever: lr.w, addi, sc.w, bnez, j. */
    private static final int[] INCREMENT = {0x1005_22af, 0x0012_8293, 0x1855_232f, 0xfe03_1ae3, 0xff1f_f06f};

    /** A session: a program of firmware-images, the harts, and GDB's commands. */
    record Conversation(String name, String program, int harts, List<String> commands) {

        @Override
        public String toString() {
            return name + " of " + program;
        }
    }

    static Stream<Conversation> conversations() {
        List<Conversation> all = new ArrayList<>();
        for (String program : List.of("privilege", "sv32", "instructions")) {
            all.add(of("a look around", program, 1, "break main", "continue", "bt", "info registers pc sp ra gp a0",
                    "x/12i $pc", "x/8xw 0x80000000", "stepi 20", "info registers pc sp ra a0 a5", "nexti 3", "x/i $pc",
                    "p/x $mtvec", "p/x $misa & 0x1105", "set $a3 = 0x12345678", "p/x $a3",
                    "set *(int *) 0x81000000 = 0x55aa", "x/2xw 0x81000000", "watch *(int *) ($sp - 4)", "delete",
                    "tbreak *$pc", "info breakpoints", "info symbol $pc", "p/x *(char (*)[8]) 0x80000000", "delete"));
            all.add(of("steps through traps", program, 1, "break main", "continue", "delete", "stepi 400",
                    "info registers pc sp ra a0 a5", "p/x $mcause", "p/x $mepc", "p/x $mtval", "p/x $priv", "stepi 77",
                    "x/i $pc", "info symbol $pc"));
        }
        all.add(withCode("lr and sc", INCREMENT, "set $a0 = 0x81000100", "set $pc = 0x81000000", "stepi 3", "p $t1",
                "stepi 2", "p/x $pc", "stepi 498", "p/x $pc", "p *(int *) 0x81000100"));
        all.add(withCode("a breakpoint set before paging", GdbSessionsTest.TO_PAGING,
                "set *(int *) 0x81001c10 = 0x204000cf", "set *(int *) 0x81001810 = 0x204000cf",
                "set $t0 = 0x80081001", "set $t1 = 0xc1000010", "set $t2 = 0x800", "set $a0 = 0", "delete",
                "hbreak *0xc1000014", "set $pc = 0x81000000", "continue",
                "p $a0", "p/x $satp", "p/x $priv", "x/i $pc", "x/2xw 0xc1000000", "x/2xw 0xd1000000"));
        all.add(of("watchpoints", "privilege", 1, "break main", "continue", "delete", "watch *(int *) ($sp - 4)",
                "continue", "continue", "info watchpoints", "delete"));
        for (String kind : List.of("watch", "rwatch", "awatch")) {
            all.add(of("hardware " + kind, "sv32", 1, "break main", "continue", "delete",
                    kind + " -location *(int *) ($sp - 4)", "continue", "x/i $pc", "info watchpoints", "delete",
                    "stepi 3", "x/i $pc"));
        }
        all.add(of("conditions", "privilege", 1, "break main if $sp == 1", "break main if $sp != 1", "continue",
                "info breakpoints", "tbreak *($pc + 8) if $pc != 0", "continue", "x/i $pc"));
        all.add(of("physical addresses", "sv32", 1, "break main", "continue", "maintenance packet qqemu.PhyMemMode",
                "maintenance packet Qqemu.PhyMemMode:1", "x/4xw 0x80000000", "maintenance packet qqemu.PhyMemMode",
                "maintenance packet Qqemu.PhyMemMode:0", "x/4xw 0x80000000"));
        all.add(of("memory in pieces", "instructions", 1, "break main", "continue", "compare-sections",
                "find /w 0x80000000, +0x4000, *(int *) $pc", "dump binary memory DIR/piece 0x80000000 0x80001000",
                "restore DIR/piece binary 0x1000000", "compare-sections",
                "p *(int *) 0x81000000 == *(int *) 0x80000000"));
        all.add(of("one hart alone", "smp", 4, "break *0x80000000", "set scheduler-locking on", "thread 3",
                "continue", "delete", "stepi 50", "p/x $pc", "p $mhartid", "thread apply all -q p/x $pc",
                "set scheduler-locking off"));
        List<String> eight = new ArrayList<>(List.of("hbreak *0x80000000"));
        for (int hart = 0; hart < 8; hart++) {
            eight.addAll(List.of("continue", "p/x $pc", "p/x $sp"));
        }
        eight.addAll(List.of("delete", "thread apply all -q p $mhartid"));
        all.add(new Conversation("eight harts", "smp", 8, eight));
        all.add(of("the connection is lost and found", "privilege", 1, "break main", "continue", "stepi 5",
                "info registers pc sp", "delete", "disconnect", "target remote :PORT", "info registers pc sp",
                "stepi", "x/i $pc"));
        all.add(of("the end", "privilege", 1, "break main", "continue", "kill", "info registers pc"));
        return all.stream();
    }

    /** A session with a piece of code at 0x81000000, from the program's main on. */
    private static Conversation withCode(String name, int[] code, String... commands) {
        List<String> all = new ArrayList<>(List.of("break main", "continue"));
        for (int i = 0; i < code.length; i++) {
            all.add("set *(int *) " + (0x8100_0000L + 4 * i) + " = " + code[i]);
        }
        all.addAll(List.of(commands));
        return new Conversation(name, "privilege", 1, all);
    }

    private static Conversation of(String name, String program, int harts, String... commands) {
        return new Conversation(name, program, harts, List.of(commands));
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void aSessionReadsAsWithQemu(Conversation conversation, @TempDir Path directory) throws Exception {
        Tools.need("qemu-system-riscv32");
        Tools.need("gdb-multiarch");
        Path elf = Files.write(directory.resolve("program.elf"),
                Files.readAllBytes(GuestRun.program(conversation.program, BoardKind.VIRT)));
        String ours;
        try (DebuggedMachine debugged = DebuggedMachine.boot(conversation.program,
                OPTIONS.harts(conversation.harts))) {
            ours = told(gdb(conversation, elf, debugged.address().getPort()));
        }
        assertThat(ours.lines()).hasSizeGreaterThan(2);
        assertThat(ours).isEqualTo(told(withQemu(elf, conversation.harts,
                port -> gdb(conversation, elf, port, "set osabi none"))));
    }

    /** An interrupt stops a guest that runs: code 0x6f, a jump to itself. */
    @Test
    void aMachineInterfaceSessionReadsAsWithQemu(@TempDir Path directory) throws Exception {
        Tools.need("qemu-system-riscv32");
        Tools.need("gdb-multiarch");
        Path elf = Files.write(directory.resolve("program.elf"),
                Files.readAllBytes(GuestRun.program("smp", BoardKind.VIRT)));
        String ours;
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(1))) {
            ours = machineInterface(elf, debugged.address().getPort());
        }
        assertThat(ours.lines()).hasSizeGreaterThan(8);
        assertThat(ours).isEqualTo(withQemu(elf, 1, port -> machineInterface(elf, port)));
    }

    private static String machineInterface(Path elf, int port) throws Exception {
        try (Program gdb = Program.start(Path.of("."), List.of("gdb-multiarch", "-nx", "--interpreter=mi3",
                elf.toString()))) {
            gdb.type("-gdb-set osabi none", "-gdb-set mi-async on", "-target-select remote 127.0.0.1:" + port);
            gdb.awaitOut("^connected");
            gdb.type("1-break-insert main", "2-exec-continue");
            gdb.awaitOut("*stopped,reason=\"breakpoint-hit\"");
            gdb.type("3-data-list-register-values x 0 1 2 32", "4-exec-step-instruction");
            gdb.awaitOut("*stopped,reason=\"end-stepping-range\"");
            gdb.type("5-data-read-memory-bytes 0x80000000 16", "6-data-write-memory-bytes 0x81000000 6f000000",
                    "7-data-read-memory-bytes 0x81000000 8", "8-break-delete", "9-gdb-set var $pc = 0x81000000",
                    "10-exec-continue");
            gdb.awaitOut("10^running");
            gdb.type("11-exec-interrupt");
            gdb.awaitOut("signal-name=\"SIGINT\"");
            gdb.type("12-stack-list-frames", "13-data-disassemble -s $pc -e $pc+4 -- 0",
                    "14-data-evaluate-expression $mtvec&0xff", "15-data-list-register-values x 5000",
                    "16-gdb-exit");
            return gdb.end().out().lines().filter(line -> Pattern.matches("(\\*stopped|\\d+\\^).*", line))
                    .map(line -> line.replaceAll(",core=\"0\"", "")).collect(Collectors.joining("\n"));
        }
    }

    /** A client that talks to a port. */
    private interface Client {
        String talk(int port) throws Exception;
    }

    private static String withQemu(Path elf, int harts, Client client) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Process qemu = new ProcessBuilder("qemu-system-riscv32", "-M", "virt", "-smp",
                Integer.toString(harts), "-m", "64M", "-display", "none", "-serial", "null", "-monitor",
                "none", "-bios", "none", "-kernel", elf.toString(), "-S", "-gdb", "tcp:127.0.0.1:" + port)
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            awaitPort(port);
            return client.talk(port);
        } finally {
            qemu.destroyForcibly().waitFor();
        }
    }

    private static String gdb(Conversation conversation, Path elf, int port, String... first) throws Exception {
        List<String> line = new ArrayList<>(List.of("gdb-multiarch", "-nx", "-batch"));
        List<String> commands = new ArrayList<>(List.of("set width 0", "file " + elf));
        commands.addAll(List.of(first));
        commands.add("target remote 127.0.0.1:" + port);
        conversation.commands.forEach(command -> commands.add(command.replace("DIR", elf.getParent().toString())
                .replace(":PORT", "127.0.0.1:" + port)));
        commands.forEach(command -> line.addAll(List.of("-ex", command)));
        Program.Ended ended = Program.start(Path.of("."), line).end();
        return ended.out() + ended.err();
    }

    private static void awaitPort(int port) throws Exception {
        for (int tries = 0; ; tries++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            } catch (IOException notYet) {
                if (tries == 200) {
                    throw notYet;
                }
                Thread.sleep(25);
            }
        }
    }

    /**
     * Leaves out the stubs' names of threads, warnings, the lines before the first breakpoint, and who evaluates a
     * condition: QEMU's stub cannot.
     */
    private static String told(String out) {
        return out.replace(" (target evals)", "").replaceAll("\\[Inferior 1 .*", "").lines()
                .dropWhile(line -> !Pattern.matches("(Hardware assisted b|B)reakpoint 1 at.*", line))
                .filter(line -> !line.isBlank() && !Pattern.matches("(Thread |\\[|warning:).*", line))
                .collect(Collectors.joining("\n"));
    }
}
