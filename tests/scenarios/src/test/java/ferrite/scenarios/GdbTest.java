package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.symbols.KernelSymbols;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A real GDB, with no setting of its own, on programs of firmware-images. */
class GdbTest {

    private static final BoardOptions OPTIONS = BoardOptions.ofBoot().ram(64 << 20);

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void lookingBreakingAndContinuingChangeNothing(Interleavings interleaving) throws Exception {
        BoardOptions options = OPTIONS.harts(4).interleaving(interleaving);
        GuestRun alone = GuestRun.of("smp", options, BoardKind.VIRT, "");

        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", options)) {
            String out = debugged.gdb("info threads", "break main", "continue", "bt", "info registers", "x/8i $pc",
                    "x/16xw $sp", "thread 3", "info registers pc", "continue", "continue", "delete", "detach");

            assertThat(out).contains("Breakpoint 1, ", " in main ()", "hart3", "detached");
            assertThat(debugged.awaitEnd()).isEqualTo(alone.status());
            assertThat(debugged.machine().digest()).isEqualTo(alone.digest());
        }
    }

    @Test
    void aTraceOfTheWholeBusSeesFetchesAndLoadsAndChangesNothing() throws Exception {
        GuestRun alone = GuestRun.of("smp", OPTIONS.harts(2), BoardKind.VIRT, "");

        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(2))) {
            String out = debugged.gdb("break main", "continue", "monitor trace on bus", "p/x $pc", "stepi",
                    "monitor trace last 3", "stepi 200", "monitor trace last 200", "monitor trace on alloc",
                    "stepi 5000", "monitor trace off", "detach");

            Matcher pc = Pattern.compile("\\$1 = 0x([0-9a-f]{8})").matcher(out);
            assertThat(pc.find()).isTrue();
            assertThat(out).contains("bus  by hart0  device ram  pa 0x" + pc.group(1) + "  bytes 2  access load")
                    .containsPattern("bus  by hart\\d  device ram  pa 0x[0-9a-f]{8}  bytes 1  access load")
                    .contains("'alloc' is an event of the mini-kernel");
            assertThat(debugged.awaitEnd()).isEqualTo(alone.status());
            assertThat(debugged.machine().digest()).isEqualTo(alone.digest());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 100, 1000})
    void stepsAreExactInstructions(int steps) throws Exception {
        for (String program : new String[] {"privilege", "instructions", "supervisor"}) {
            try (BareSession limited = session(program, steps); DebuggedMachine debugged =
                    DebuggedMachine.boot(program, OPTIONS.harts(1))) {
                limited.run();
                String out = debugged.gdb("stepi " + steps, "p/x $pc", "p $priv", "p $minstret", "p $mcycle",
                        "p/x $mcause", "detach");

                assertThat(out).as(program).contains("$1 = 0x"
                        + Integer.toHexString(limited.machine().harts().get(0).pc()));
                assertThat(out).contains("$3 = " + limited.machine().harts().get(0).csrs().read(0xb02, 3));
                assertThat(out).contains("$4 = " + steps);
            }
        }
    }

    private static BareSession session(String program, long instructions) throws Exception {
        return new BareSession(OPTIONS.harts(1).kind(BoardKind.VIRT).maxInstructions(instructions),
                new GuestProgram(GuestRun.program(program, BoardKind.VIRT), null, ""),
                control -> new GuestRun.Typed(""),
                OutputStream.nullOutputStream(), new PrintStream(OutputStream.nullOutputStream()));
    }

    /** Sets a trigger as HwbpManual of riscv-tests' debug suite does, and leaves the registers as they were. */
    @Test
    void aTriggerThatGdbWritesItselfStopsTheHartUntilItIsCleared() throws Exception {
        GuestRun alone = GuestRun.of("sv32", OPTIONS.harts(1), BoardKind.VIRT, "");
        try (DebuggedMachine debugged = DebuggedMachine.boot("sv32", OPTIONS.harts(1))) {
            String out = debugged.gdb("p $tselect = 1", "p $tdata2 = &main", "p $tdata1 = 0x2800105c", "continue",
                    "p $pc == &main", "stepi", "p $pc == &main", "p $tdata1 = 0", "stepi", "p $pc == &main",
                    "p $tdata2 = 0", "p $tselect = 0", "detach");

            assertThat(out).contains("received signal SIGTRAP", "$4 = 1", "$5 = 1", "$7 = 0");
            assertThat(debugged.awaitEnd()).isEqualTo(alone.status());
            assertThat(debugged.machine().digest()).isEqualTo(alone.digest());
        }
    }

    @Test
    void openOcdsTriggersStopAndChangeNothing() throws Exception {
        GuestRun alone = GuestRun.of("sv32", OPTIONS.harts(1), BoardKind.VIRT, "");
        try (DebuggedMachine debugged = DebuggedMachine.boot("sv32", OPTIONS.harts(1))) {
            String out = debugged.gdb("break main", "continue", "delete", "p $minstret",
                    "monitor riscv icount set m 100", "continue", "p $minstret - 100 == $1",
                    "monitor riscv icount clear", "monitor riscv etrigger set s 0xa000", "continue", "p $mcause",
                    "info symbol $pc", "monitor riscv etrigger clear", "detach");

            assertThat(out).contains("hart 0 has executed 100 instructions", "$2 = 1", "takes a trap with cause ")
                    .containsPattern("trap_entry in section");
            assertThat(debugged.awaitEnd()).isEqualTo(alone.status());
            assertThat(debugged.machine().digest()).isEqualTo(alone.digest());
        }
    }

    @Test
    void aRunThatIsSteppedOnOneHartEndsAsOneThatIsNot() throws Exception {
        GuestRun alone = GuestRun.of("privilege", OPTIONS.harts(1), BoardKind.VIRT, "");

        try (DebuggedMachine debugged = DebuggedMachine.boot("privilege", OPTIONS.harts(1))) {
            debugged.gdb("stepi 3000", "detach");

            assertThat(debugged.awaitEnd()).isEqualTo(alone.status());
            assertThat(debugged.machine().digest()).isEqualTo(alone.digest());
        }
    }

    @Test
    void aWatchpointStopsAtTheStoreAndShowsBothValues() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(4))) {
            String out = debugged.gdb("break main", "continue", "delete", "p/x $sp",
                    "watch -location *(int *) ($sp - 16)", "continue", "detach");

            assertThat(out).contains("Hardware watchpoint 2: ", "Old value = ", "New value = ");
        }
    }

    @Test
    void aConditionIsEvaluatedByThePort() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.boot("privilege", OPTIONS.harts(1))) {
            String out = debugged.gdb("break main", "continue", "set debug remote 1",
                    "break *0x80000000 if $sp == 1234 && *(int *) $pc != 7", "tbreak *($pc + 8) if $pc != 0",
                    "continue", "set debug remote 0", "detach");

            assertThat(out).containsPattern("Sending packet: \\$Z0,80000000,[24];X[0-9a-f]+,")
                    .contains("Temporary breakpoint 3, ");
        }
    }

    @Test
    void aCrashStopsInTheDebuggerBeforeTheRunEnds() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.boot("crash", OPTIONS.harts(1))) {
            String out = debugged.gdb("continue", "p/x $mcause", "continue");

            assertThat(out).contains("SIGSEGV", "$1 = 0x", "exited with code 01]");
            assertThat(debugged.awaitEnd()).isEqualTo(1);
        }
    }

    @Test
    void oneHartRunsWhileTheOthersAreLocked() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(4))) {
            String out = debugged.gdb("set scheduler-locking on", "thread 3", "stepi 50", "info threads", "detach");

            assertThat(out.lines().filter(line -> line.contains("M-mode)")).map(String::strip))
                    .hasSize(4)
                    .filteredOn(line -> !line.startsWith("*")).allMatch(line -> line.contains("0x00001000 in"));
        }
    }

    @Test
    void theRegistersOfTheDescriptionAreTheOnesThatExist() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(1))) {
            String out = debugged.gdb("p $mcontext", "p/x $misa", "p $mstatus", "set $mstatus = 0x1888", "p $mstatus",
                    "set $mhartid = 7", "show osabi", "info registers satp", "p $tcontrol = 8", "p $tcontrol",
                    "p $mhpmevent31 = 2", "p $mhpmevent31", "p $csr2288", "monitor riscv expose_csrs 2288",
                    "unset tdesc filename", "p $csr2288", "p $csr2288 = 5", "p $csr2289", "detach");

            assertThat(out).contains("$1 = void").contains("$2 = 0x40141105").contains("MIE").contains("MPIE")
                    .contains("can only be read").contains("satp           0x0").contains("none")
                    .contains("$6 = 8").contains("$8 = 2").contains("$9 = void").contains("$10 = void")
                    .containsSubsequence("fetch register \"csr2288\"", "has no CSR 2288 (0x8f0)",
                            "fetch register \"csr2288\"", "has no CSR 2288 (0x8f0)");
        }
    }

    @Test
    void aStepTakesAtMostFourRequests() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(4))) {
            String out = debugged.gdb("stepi", "set debug remote 1", "stepi", "stepi", "stepi", "stepi",
                    "set debug remote 0", "detach");

            List<String> requests = new ArrayList<>(out.lines().filter(line -> line.contains("Sending packet: $"))
                    .toList());
            assertThat(requests.stream().filter(line -> line.contains("vCont;s")).count()).isEqualTo(4);
            assertThat(requests).as("requests of four steps").hasSizeLessThanOrEqualTo(4 * 4 + 2);
        }
    }

    @Test
    void memoryIsSearchedComparedDumpedAndRestored() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(1))) {
            String out = debugged.gdb("compare-sections", "set *(int *) 0x80100000 = 0x12345678",
                    "find /w 0x80100000, 0x80101000, 0x12345678", "dump binary memory target/dump.bin 0x80100000 "
                            + "0x80110000", "restore target/dump.bin binary 0x100000", "p/x *(int *) 0x80200000",
                    "p *(int *) 0x10", "detach");

            assertThat(out).contains("matched").doesNotContain("MIS-MATCHED").contains("1 pattern found")
                    .contains("Cannot access memory at address 0x10");
        }
    }

    @Test
    void theMonitorIsAtHand() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(2))) {
            String out = debugged.gdb("stepi 7", "monitor info registers 0", "monitor reset halt",
                    "maintenance flush register-cache", "p/x $pc", "monitor continue", "monitor nonsense", "detach");

            assertThat(out).contains("mode").contains("at power-on, halted").contains("$1 = 0x1000")
                    .contains("use GDB's command of this name").contains("unknown command 'nonsense'");
        }
    }

    @Test
    void lldbConnectsStepsAndBreaks() throws Exception {
        Tools.need("lldb");
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(2))) {
            Program.Ended lldb = Program.start(Path.of("."), Stream.of("lldb", "--no-lldbinit", "-b",
                    "-o", "settings set plugin.process.gdb-remote.packet-timeout 20",
                    "-o", "target create " + GuestRun.program("smp", BoardKind.VIRT),
                    "-o", "gdb-remote 127.0.0.1:" + debugged.address().getPort(), "-o", "register read pc sp mstatus",
                    "-o", "thread step-inst", "-o", "breakpoint set -n main", "-o", "process continue",
                    "-o", "thread list", "-o", "memory read -s 4 -c 4 -f x $pc", "-o", "process detach").toList())
                    .end();
            String out = new String(lldb.bytes(), StandardCharsets.UTF_8) + lldb.err();

            assertThat(out).contains("pc = 0x00001000").contains("mstatus = ").contains("stop reason = breakpoint 1.1")
                    .contains("thread #2").contains("`main");
        }
    }

    @Test
    void theMiniKernelsTypesComeWithTheConnection(@TempDir Path directory) throws Exception {
        Path script = Files.write(directory.resolve("kernel.elf-gdb.py"), KernelSymbols.script());
        try (DebuggedMachine debugged = DebuggedMachine.run(new BoardOptions())) {
            debugged.awaitPrompt();
            String out = debugged.gdb("ptype struct page", "p sizeof(zones)", "p mem_map[0x123]", "info symbol kmalloc",
                    "info threads", "source " + script, "fe-ps", "p $fe_current()->pid", "fe-zones", "monitor zones",
                    "detach");

            assertThat(out).contains("struct list_head lru").contains("$2 = {flags = ").contains("kmalloc in section")
                    .containsPattern("\"hart0\" \\(Name: Hart 0, S-mode.*task \\d+ '")
                    .contains("COMMAND").containsPattern("\\$3 = \\d+").doesNotContain("Error");
        }
    }

    @Test
    void aViolationStopsAtTheCulpritWithItsFirstSentence(@TempDir Path directory) throws Exception {
        Disks.random(directory, "sample.img", 2 * Disks.PIECE, 1);
        BoardOptions options = new BoardOptions().disk(directory.resolve("sample.img"))
                .parameter("disk.gfp", "GFP_KERNEL");
        try (DebuggedMachine debugged = DebuggedMachine.script(options, "sha256sum /dev/disk0")) {
            String out = debugged.gdb("continue", "monitor violations", "info threads", "detach");

            assertThat(out).contains("violation dma-above-reach: channel 2 was given a buffer", "SIGTRAP");
        }
    }

    @Test
    void aTextClientBreaksAndStepsWithoutChangingTheRun() throws Exception {
        GuestRun alone = GuestRun.of("smp", OPTIONS.harts(1), BoardKind.VIRT, "");
        try (DebuggedMachine debugged = DebuggedMachine.boot("smp", OPTIONS.harts(1));
                Socket socket = new Socket(debugged.address().getAddress(), debugged.address().getPort())) {
            BufferedReader in = new BufferedReader(
                    new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            OutputStream out = socket.getOutputStream();
            out.write("break 0x80000000\ncontinue\n".getBytes(StandardCharsets.UTF_8));
            assertThat(in.readLine()).isEqualTo("1  instruction at 0x80000000");
            assertThat(in.readLine()).isEqualTo("running");
            while (!debugged.machine().control().ask(() -> debugged.machine().control().isHalted()).get()) {
                Thread.sleep(1);
            }
            out.write("step\nstep\ndelete\ncontinue\n".getBytes(StandardCharsets.UTF_8));
            assertThat(in.readLine()).isEqualTo("hart 0 executes the instruction at 0x80000000");
            assertThat(in.readLine()).startsWith("hart 0 executes the instruction at 0x8000000");
            assertThat(in.readLine()).isEqualTo("no breakpoints or watchpoints");

            assertThat(debugged.awaitEnd()).isEqualTo(alone.status());
            assertThat(debugged.machine().digest()).isEqualTo(alone.digest());
        }
    }
}
