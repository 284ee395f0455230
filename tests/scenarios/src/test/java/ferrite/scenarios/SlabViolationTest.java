package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Checks;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A driver that misuses an object, as its user sees it. */
@Timeout(120)
class SlabViolationTest {

    private static final int VIOLATION = 4;

    /** A driver that makes its mistake in its initialisation. */
    private static final class Careless implements Driver {

        private final Consumer<KernelCalls> mistake;
        private KernelCalls kernel;

        Careless(Consumer<KernelCalls> mistake) {
            this.mistake = mistake;
        }

        @Override
        public String name() {
            return "careless";
        }

        @Override
        public void link(KernelCalls theKernel, TextTable.Module text) {
            kernel = theKernel;
        }

        @Override
        public int init() {
            mistake.accept(kernel);
            return 0;
        }
    }

    private static BoardOptions careless(Consumer<KernelCalls> mistake) {
        return new BoardOptions().ram(32 << 20).harts(1).driver(new Careless(mistake));
    }

    private static void overrun(KernelCalls kernel) {
        long name = kernel.kmalloc(5, Gfp.GFP_KERNEL);
        kernel.memory().write(name, "hello\0".getBytes(StandardCharsets.US_ASCII), 0, 6);
        kernel.kfree(name);
    }

    @Test
    void aStringWhoseEndWasForgottenIsExplainedAndTheRunGoesOn() throws IOException {
        Run run = Run.of(careless(SlabViolationTest::overrun).objectOwners(), "echo still here");
        assertThat(run.status()).isEqualTo(VIOLATION);
        assertThat(run.out()).isEqualTo("still here\n");
        assertThat(run.err()).startsWith("violation object-overrun: store of 6 bytes at 0x")
                .contains(", just past the 5 requested bytes of an object of kmalloc-8\n\n  where     at "
                        + "SlabViolationTest.java:")
                .contains("\n  object    0x").contains("8 bytes of kmalloc-8, object ")
                .contains("allocated at SlabViolationTest.java:").contains("\n  when      ")
                .contains("\n  instead   allocate as many bytes as are used\n")
                .contains("\n  again     (this test)\n");
    }

    @Test
    void redZonesAndPoisonAreThereUnlessTheyAreTurnedOff() throws IOException {
        assertThat(Run.of(careless(SlabViolationTest::overrun)).status()).isEqualTo(VIOLATION);
        assertThat(Run.of(careless(SlabViolationTest::overrun).slubDebug("off")).status()).isZero();
    }

    @Test
    void theSameMistakeIsExplainedOnceAndCounted() throws IOException {
        Run run = Run.of(careless(kernel -> {
            for (int i = 0; i < 3; i++) {
                overrun(kernel);
            }
        }));
        assertThat(run.err()).containsOnlyOnce("violation object-overrun: store of 6 bytes")
                .contains(": 2 more like the one explained above\n");
    }

    @Test
    void withoutTheCheckTheRunIsTheSameAndNothingIsSaid() throws IOException {
        Run checked = Run.of(careless(SlabViolationTest::overrun), "ls /dev");
        Run unchecked = Run.of(careless(SlabViolationTest::overrun).checks(Checks.parse("sleep-in-atomic")), "ls /dev");
        assertThat(unchecked.status()).isZero();
        assertThat(unchecked.err()).isEmpty();
        assertThat(unchecked.digest()).isEqualTo(checked.digest());
        assertThat(unchecked.out()).isEqualTo(checked.out());
    }

    @Test
    void slabsShowsHowFullTheCachesAre() throws IOException {
        Run run = Run.of(new BoardOptions().ram(32 << 20), "slabs task_struct", "slabs nonsense");
        assertThat(run.out()).startsWith("task_struct\n  used         ").contains("█").containsPattern(" of \\d+\n")
                .contains("\n  object_size  " + TaskLayout.SIZE + "\n");
        assertThat(run.err()).contains("there is no lookaside cache 'nonsense'");
        assertThat(run.status()).isEqualTo(1);
    }
}
