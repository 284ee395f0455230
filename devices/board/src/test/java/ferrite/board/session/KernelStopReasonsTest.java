package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.board.session.AttachedMachine.Attached;
import ferrite.hardware.Machine;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The kernel's reasons of {@code break on}, as an attached client uses them. */
@Timeout(120)
class KernelStopReasonsTest {

    private static final String SITE = "[A-Za-z]+\\.java:\\d+";
    private static final String SEVERAL = "cat /proc/buddyinfo /proc/slabinfo /proc/zoneinfo /proc/meminfo /proc/dma";

    private static BoardOptions options() {
        return new BoardOptions().ram(32 << 20).harts(2);
    }

    /** Sets a point, runs a command, and returns the notice of the halt; then lets the command end. */
    private static String stop(BoardOptions options, String point, String command) throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options); Attached client = machine.attach();
                Attached other = machine.attach()) {
            assertThat(client.run("echo ready")).isZero();
            assertThat(client.run("break on " + point)).as(client.err()).isZero();
            client.send(command);
            String notice = client.next();
            assertThat(other.next()).as("each client is told").isEqualTo(notice);
            assertThat(other.run("info halt")).isZero();
            assertThat(notice).startsWith("notice halted: ").endsWith("; 'continue' lets the machine run on\n")
                    .contains(other.out().strip());
            assertThat(other.run("delete")).isZero();
            assertThat(other.run("continue")).isZero();
            assertThat(client.next()).startsWith("end 3 ");
            return notice;
        }
    }

    @Test
    void anAllocationOfAnOrderOrMoreHaltsWithItsCaller() throws Exception {
        assertThat(stop(options(), "order>=4", "cat /proc/dma")).matches("(?s)notice halted: order>=4: a block of "
                + "order 4 at 0x[0-9a-f]{8} in zone (Normal|DMA); requested at CommandContext.java:\\d+ by task "
                + "\\d+ 'cat' on hart \\d with GFP_KERNEL; .*");
    }

    @Test
    void anAllocationFromACacheHalts() throws Exception {
        assertThat(stop(options(), "cache filp", "cat /proc/dma")).matches("(?s)notice halted: cache filp: an object "
                + "of \\d+ bytes of filp at 0x[0-9a-f]{8}; requested at " + SITE + " by task \\d+ 'cat' on hart .*");
    }

    @Test
    void aClaimedInterruptHalts() throws Exception {
        assertThat(stop(options(), "irq 2", "echo x")).matches("(?s)notice halted: irq 2: the kernel claimed source 2, "
                + "'console', on hart 0 during task \\d+ '.*' on hart 0; .*");
    }

    @Test
    void aFailedAllocationHalts() throws Exception {
        assertThat(stop(options().failPageAlloc("8,100,0,1"), "alloc-failure", SEVERAL))
                .startsWith("notice halted: alloc-failure: ").contains("failed; requested at ");
    }

    @Test
    void memoryOfALowerZoneThanTheFirstChoiceHalts() throws Exception {
        assertThat(stop(options().ram(16640 << 10), "zone-fallback", "cat /proc/dma"))
                .matches("(?s)notice halted: zone-fallback: a block of order \\d+ got memory of zone DMA at "
                        + "0x[0-9a-f]{8}; its first choice is zone Normal; requested at " + SITE + " by .*");
    }

    @Test
    void wrongWordsAreRefusedInASentence() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options()); Attached client = machine.attach()) {
            assertThat(client.run("echo ready")).isZero();
            for (String[] wrong : new String[][] {{"order>=11", "an order is 0 to 10"}, {"order", "an order is"},
                {"order>=x", "an order is"}, {"cache", "a lookaside cache has a name"}, {"irq 0", "is 1 to"},
                {"irq", "is 1 to"}, {"nonsense", "it can on violation, trap CAUSE, interrupt CAUSE, zone-fallback"}}) {
                assertThat(client.run("break on " + wrong[0])).isEqualTo(1);
                assertThat(client.err()).startsWith("break: ").contains(wrong[1]);
            }
            client.out();
            assertThat(client.run("break on cache of-a-driver")).isZero();
            assertThat(client.out()).isEqualTo("1  cache of-a-driver (there is no such cache yet)\n");
            assertThat(client.run("break on irq 1")).isZero();
            assertThat(client.run("delete")).isZero();
        }
    }

    @Test
    void reasonsChangeNoRun() throws Exception {
        List<Machine.Digest> digests = new ArrayList<>();
        for (String point : List.of("", "order>=4", "cache filp", "irq 2")) {
            try (AttachedMachine machine = new AttachedMachine(options(), List.of("cat /proc/dma", "digest"),
                    true).start(); Attached client = machine.attach()) {
                int halts = 0;
                if (!point.isEmpty()) {
                    assertThat(client.run("break on " + point)).isZero();
                }
                assertThat(client.run("continue")).isZero();
                for (String frame = client.next(); !frame.startsWith("bye"); frame = client.next()) {
                    if (frame.startsWith("notice")) {
                        halts++;
                        client.send("continue");
                    }
                }
                assertThat(halts > 0).as(point).isEqualTo(!point.isEmpty());
                machine.await();
                digests.add(machine.digest());
            }
        }
        assertThat(digests).containsOnly(digests.get(0));
    }
}
