package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real GDB on the mini-kernel: stops of the kernel, Java stacks, and the calls that harts are in. */
@Timeout(120)
class GdbKernelTest {

    private static final BoardOptions OPTIONS = new BoardOptions().ram(64 << 20).harts(2);

    @Test
    void aReasonOfTheKernelStopsGdbWithASentence() throws Exception {
        try (DebuggedMachine alone = DebuggedMachine.script(OPTIONS, "cat /proc/dma");
                DebuggedMachine debugged = DebuggedMachine.script(OPTIONS, "cat /proc/dma")) {
            alone.gdb("detach");
            alone.awaitEnd();
            String out = debugged.gdb("monitor trace on alloc,sched", "monitor break on order>=4", "continue",
                    "monitor info halt", "monitor delete", "monitor break on cache filp", "continue",
                    "monitor trace last 200", "detach");

            assertThat(out).contains("order>=4: a block of order 4 at 0x")
                    .contains("halted: order>=4: a block of order 4").contains("cache filp: an object of ")
                    .contains("alloc  source slab  call alloc  va 0x").contains("cache filp  flags GFP_KERNEL")
                    .contains("sched  call switch  next_pid ");
            assertThat(debugged.awaitEnd()).isZero();
            assertThat(debugged.machine().digest()).isEqualTo(alone.machine().digest());
        }
    }

    @Test
    void btShowsTheJavaFramesOfEachHartAndTask() throws Exception {
        try (DebuggedMachine debugged = DebuggedMachine.script(OPTIONS, "cat /proc/dma")) {
            String out = debugged.gdb("monitor break on order>=4", "continue", "monitor bt", "monitor bt sh",
                    "monitor bt hart 1", "monitor bt nonsense", "monitor bt hart 7", "info threads", "monitor tasks",
                    "detach");

            assertThat(out).containsPattern("hart \\d, task 3 'cat', R\n#0  ferrite\\.kernel\\.mm\\.\\w+\\.\\w+ "
                    + "\\(\\w+\\.java:\\d+\\)  \\[kernel]\n#1 ").containsPattern("ferrite\\.kernel\\.mm\\."
                    + "BuddyAllocator\\.getFreePages \\(BuddyAllocator\\.java:\\d+\\)  \\[kernel]\n")
                    .containsPattern("#\\d+ +ferrite\\.kernel\\.shell\\.CommandContext\\.open "
                            + "\\(CommandContext\\.java:\\d+\\)\n")
                    .containsPattern("task 1 'sh', [RS]\n#0 ").containsPattern("hart \\d, task 0 'swapper/\\d'")
                    .contains("there is no task 'nonsense'").contains("there is no hart 7")
                    .contains("task 3 'cat' in __get_free_pages").containsPattern("in_call +__get_free_pages")
                    .doesNotContain("#0  java.").doesNotContain("ferrite.hardware");
            assertThat(debugged.awaitEnd()).isZero();
        }
    }

    @Test
    void aHartInJavaIsAFrameOfTheCallThatItIsIn() throws Exception {
        try (DebuggedMachine alone = DebuggedMachine.script(OPTIONS, "cat /proc/dma");
                DebuggedMachine debugged = DebuggedMachine.script(OPTIONS, "cat /proc/dma")) {
            alone.gdb("detach");
            alone.awaitEnd();
            // Symbols come with the connection, once the kernel is up.
            String out = debugged.gdb("monitor break on order>=4", "continue", "disconnect",
                    "target remote 127.0.0.1:" + debugged.address().getPort(), "bt", "info symbol $pc",
                    "thread apply all bt", "info registers pc ra", "set $pc = $pc", "set $pc = 0x1000",
                    "x/2xw 0xff800000", "x/2xw $pc", "x/2xw 0xffbf8000", "stepi",
                    "monitor delete", "detach");

            assertThat(out).containsPattern("#0  0xffbf[0-9a-f]{4} in __get_free_pages \\(gfp=.*\n"
                    + "#1  0x[0-9a-f]+ in shell_command \\(\\)\n").contains("<shell_command+2>")
                    .contains("__get_free_pages in section .text").contains("its pc and ra cannot be set")
                    .contains("#0  0xff800004 in java_kernel ()").contains("in _start ()")
                    .contains("Cannot access memory at address 0xff800000")
                    .contains("Cannot access memory at address 0xffbf8000").doesNotContain("corrupt stack")
                    .doesNotContain("Backtrace stopped");
            assertThat(debugged.awaitEnd()).isZero();
            assertThat(debugged.machine().digest()).isEqualTo(alone.machine().digest());
        }
    }

    @Test
    void aDriverIsTheCallerOfTheCallThatItMakes(@TempDir Path directory) throws Exception {
        BoardOptions options = new BoardOptions().ram(64 << 20).harts(2)
                .readOnlyDisk(Disks.random(directory, Disks.PIECE));
        try (DebuggedMachine debugged = DebuggedMachine.script(options, "sha256sum /dev/disk0")) {
            String out = debugged.gdb("monitor break on order>=4", "continue", "continue", "disconnect",
                    "target remote 127.0.0.1:" + debugged.address().getPort(), "bt", "monitor bt hart 0",
                    "monitor delete", "detach");
            assertThat(out).contains("DiskDriver.java:");
            assertThat(out).containsPattern("#0  0xffbf[0-9a-f]{4} in \\w+ \\(.*\n#1  0x[0-9a-f]+ in disk_\\w+ \\(\\)");
            assertThat(debugged.awaitEnd()).isZero();
        }
    }

    @Test
    void aTaskIsAThreadOfASecondProcessAndShowsWhereItWaits(@TempDir Path directory) throws Exception {
        BoardOptions options = new BoardOptions().ram(64 << 20).harts(2)
                .readOnlyDisk(Disks.random(directory, Disks.PIECE));
        try (DebuggedMachine alone = DebuggedMachine.script(options, "sha256sum /dev/disk0");
                DebuggedMachine debugged = DebuggedMachine.script(options, "sha256sum /dev/disk0")) {
            alone.gdb("detach");
            alone.awaitEnd();
            String out = debugged.gdb("monitor break on irq 1", "continue", "disconnect",
                    "target extended-remote 127.0.0.1:" + debugged.address().getPort(), "info threads",
                    "add-inferior", "inferior 2", "attach 2", "info threads", "thread apply all -q bt",
                    "p ((struct task_struct *) $tp)->pid", "info registers satp", "set $a0 = 1", "stepi", "thread 2.9",
                    "inferior 1", "monitor delete", "detach inferiors 2 1");
            assertThat(out).containsPattern("\\* 2.1 +Thread 2.1 \"sh\" \\(S\\) ")
                    .containsPattern("Thread 2.3 \"sha256sum\" \\(D\\) ")
                    .containsPattern("\"kworker/[u0-9:]+\" \\(D, in wait_event_timeout\\) +0xffbf.{4} in "
                            + "wait_event_timeout ")
                    .containsPattern("#0  0xffbf.{4} in wait_event_timeout .*\n#1  0x.{8} in disk_operations ")
                    .containsPattern("#0  0xff80.000 in kswapd \\(\\)")
                    .contains("$1 = 1\n", "satp           <unavailable>",
                            "task 1 can only be looked at", "no hart is to run; tasks run when their hart does",
                            "Unknown thread 2.9", "[Inferior 2 (process 2) detached]").doesNotContain("\"swapper");
            assertThat(debugged.awaitEnd()).isZero();
            assertThat(debugged.machine().digest()).isEqualTo(alone.machine().digest());
        }
    }

    @Test
    void btAtThePromptIsThatOfTheCommandsOwnTask(@TempDir Path directory) throws Exception {
        Program.Ended ended = FerriteJar.run(directory, "run", "--ram", "32M", "-c", "bt bt");
        assertThat(ended.out()).startsWith("task 3 'bt', R\n#0  ferrite.kernel.shell.MonitorBridge.run (");
        Program.Ended json = FerriteJar.run(directory, "run", "--json", "--ram", "32M", "-c", "bt sh; ps");
        assertThat(json.out()).contains("{\"name\":\"#0\",\"class\":\"ferrite.kernel.")
                .contains("\"method\":\"main\",\"file\":\"Tasks.java\",").contains("\"wchan\":\"-\"");
    }
}
