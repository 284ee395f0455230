package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
}
