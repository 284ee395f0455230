package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.board.session.Session;
import ferrite.hardware.Machine;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The commands that allocate as a driver does, and the traces that print what happens then. */
class LabTest {

    private static BoardOptions options() {
        return new BoardOptions().ram(32 << 20);
    }

    /** Returns the address that the first line prints. Equal runs have equal ones. */
    private static String address(String line) throws Exception {
        return Run.of(options(), line).out().split("[,:]", 2)[0];
    }

    @Test
    void aSplitAndAMergeArePrintedAsTheyHappen() throws Exception {
        Run run = Run.of(options(), "trace buddy on", "alloc 5", "alloc 5", "alloc 5");
        String block = run.out().lines().reduce((first, second) -> second).orElseThrow().split(",")[0];
        assertThat(run.err()).contains("buddy  step split").doesNotContain("step merge");
        Run both = Run.of(options(), "trace buddy on", "alloc 5", "alloc 5", "alloc 5", "free " + block,
                "trace buddy off", "alloc 5");
        assertThat(both.err()).startsWith(run.err()).contains("buddy  step merge");
        assertThat(both.out()).contains("order 5, 131072 bytes, zone Normal").contains("\noff\n" + block);
    }

    @Test
    void memoryOfALowerZoneIsPrintedAsAFallback() throws Exception {
        Run run = Run.of(options(), "trace buddy on", "eat 16M", "alloc 12", "trace buddy off",
                "eat 0", "grep -c . /proc/buddyinfo");
        assertThat(run.err()).contains("step fallback").contains("from Normal  zone DMA")
                .contains("step failure  order 12").contains("alloc: a block of order 12 with GFP_KERNEL: Cannot");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void underPressureAnAtomicRequestGetsTheReserve() throws Exception {
        Run run = Run.of(options(), "eat 400M 2> /dev/null || echo full", "alloc 7", "alloc GFP_ATOMIC 4", "eat 0",
                "alloc 7");
        assertThat(run.out().lines()).hasSize(3).startsWith("full");
        assertThat(run.err()).isEqualTo("alloc: a block of order 7 with GFP_KERNEL: Cannot allocate memory; 'zones' "
                + "shows what is free, and dmesg the failure\n");
    }

    @Test
    void aShellWithoutMemoryForACommandTakesBackWhatWasEaten() throws Exception {
        List<String> lines = new ArrayList<>(List.of("eat 400M"));
        lines.addAll(Collections.nCopies(24, "alloc GFP_ATOMIC 4"));
        Run run = Run.of(options(), lines.toArray(String[]::new));
        assertThat(run.err()).contains("sh: what 'eat' held is free again");
        assertThat(run.out()).endsWith("zone Normal\n");
    }

    @Test
    void objectsComeFromCachesAndGoBackToThem() throws Exception {
        String object = address("kmalloc 100");
        String toy = address("cache toys 100");
        Run run = Run.of(options(), "kmalloc 100", "free " + object, "kmalloc 100");
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().distinct()).as("the same object").hasSize(1)
                .allMatch(line -> line.matches("0x\\w+: 100 bytes, object \\d+ of 16 in a slab of kmalloc-128"));
        Run cache = Run.of(options(), "cache toys 100", "free " + toy, "cache -d toys", "cache -d toys",
                "cat /proc/slabinfo | grep -c toys");
        assertThat(cache.out()).contains(" in a slab of toys\n").endsWith("0\n");
        assertThat(cache.err()).isEqualTo("cache: toys: the command 'cache' made no such cache\n");
        assertThat(cache.status()).as("only the second cache -d, and grep").isEqualTo(1);
    }

    @Test
    void slabsAndObjectsArePrintedAsTheyComeAndGo() throws Exception {
        Run run = Run.of(options(), "trace slab on", "cache toys 900");
        assertThat(run.err()).contains("slab  step new slab")
                .containsPattern("step alloc  va 0x\\w+  bytes 900  cache toys");
    }

    /** The watermarks of a machine with much memory are higher. */
    @Test
    void eatLeavesRoomForTheNextCommandsOnALargeMachineToo() throws Exception {
        Run run = Run.of(new BoardOptions(), "eat 2000M 2> /dev/null", "echo x | cat", "alloc 0");
        assertThat(run.out()).startsWith("x\n").contains("order 0, 4096 bytes");
    }

    @Test
    void aCacheHasObjectsOfOneSize() throws Exception {
        Run run = Run.of(options(), "cache toys 100 > /dev/null", "cache toys 4000");
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEqualTo("cache: toys has objects of 100 bytes; 'cache -d toys' destroys it\n");
    }

    @Test
    void mistakesAreToldInASentence() throws Exception {
        Run run = Run.of(options(), "alloc", "alloc GFP_NONE 1", "kmalloc 0", "kmalloc x", "free 0xc0000000", "free x",
                "eat", "cache x", "trace buddy maybe", "trace moon on");
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).hasSize(10)
                .allMatch(line -> line.matches("(alloc|kmalloc|free|eat|cache|trace): .+"));
    }

    @Test
    void aTraceChangesNoRun() throws Exception {
        assertThat(digest("trace buddy on", "trace slab on")).isEqualTo(digest());
    }

    private static Machine.Digest digest(String... traces) throws Exception {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> lines = List.of("alloc 3", "eat 20M", "kmalloc 5000", "echo a | cat", "eat 0");
        try (Session session = new Session(options(), lines, () -> null, new Session.Streams(
                OutputStream.nullOutputStream(), new PrintStream(err, true, StandardCharsets.UTF_8),
                OutputStream.nullOutputStream(), false), violation -> "")) {
            for (String trace : traces) {
                session.monitor().execute(trace);
            }
            session.run();
            assertThat(err.size() > 0).isEqualTo(traces.length > 0);
            return session.board().machine().digest();
        }
    }
}
