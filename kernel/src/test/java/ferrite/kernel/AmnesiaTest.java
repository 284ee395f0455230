package ferrite.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.base.Gfp;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * All state is in the machine (law 1), and the same seed gives the same run (law 4): a kernel may be forgotten, and a
 * machine go back in time.
 */
@Timeout(60)
class AmnesiaTest {

    private static KernelFixture start(int harts, Interleavings interleaving, long seed) {
        KernelFixture fixture = KernelFixture.options().harts(harts).interleaving(interleaving, seed)
                .driver(kernel -> new WorkDriver(kernel)).boot();
        fixture.timer.raise();
        return fixture;
    }

    /** The end of an undisturbed run. */
    private record End(Machine.Digest digest, String log, String buddyInfo, String interrupts) {

        static End of(KernelFixture fixture) {
            assertThat(fixture.kernel().isQuiescent()).isTrue();
            return new End(fixture.machine.digest(), fixture.kernel().base().log().text(fixture.peek()),
                    fixture.proc("buddyinfo"), fixture.proc("interrupts"));
        }
    }

    private static End undisturbed(int harts, Interleavings interleaving, long seed) {
        try (KernelFixture fixture = start(harts, interleaving, seed)) {
            assertThat(fixture.go()).isEqualTo(Turn.Stop.ALL_WAIT);
            return End.of(fixture);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, RR", "1, RANDOM", "4, RR", "4, RANDOM", "4, PCT", "8, RANDOM"})
    void theSameSeedGivesTheSameRun(int harts, Interleavings interleaving) {
        Seed seed = Seed.fresh();
        End first = undisturbed(harts, interleaving, seed.value());
        assertThat(first.log).contains("worker has drawn");
        assertThat(undisturbed(harts, interleaving, seed.value()))
                .as(seed.replay(harts + " harts, " + interleaving)).isEqualTo(first);
    }

    @Test
    void anotherSeedGivesAnotherRun() {
        Set<String> memories = new HashSet<>();
        for (int seed = 0; seed < 4; seed++) {
            memories.add(undisturbed(4, Interleavings.RANDOM, seed).digest.memory());
        }
        assertThat(memories).hasSize(4);
    }

    /** Checks that the run exercises these parts; otherwise the tests here would not cover them. */
    @Test
    void theKernelIsForgottenWhileMappingsAndBlocksForADeviceAreLive() {
        try (KernelFixture fixture = start(4, Interleavings.RANDOM, 3)) {
            int mapped = 0;
            int bounced = 0;
            int blocks = 0;
            while (fixture.runToNextWait()) {
                if (fixture.kernel().isQuiescent()) {
                    mapped = Math.max(mapped, fixture.kernel().dma().mapping().liveMappings(fixture.peek()));
                    bounced = Math.max(bounced, fixture.kernel().dma().mapping().swiotlb().used(fixture.peek()));
                    for (long pool : fixture.kernel().dma().pools().view().pools(fixture.peek())) {
                        blocks = Math.max(blocks,
                                fixture.kernel().dma().pools().view().usage(fixture.peek(), pool).blocks());
                    }
                    fixture.reattach();
                }
                fixture.passTime();
            }
            assertThat(mapped).isGreaterThan(1);
            assertThat(bounced).isPositive().isLessThan(2 * mapped);
            assertThat(blocks).isGreaterThan(1);
            assertThat(fixture.violations).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, RR", "1, RANDOM", "4, RR", "4, RANDOM", "4, PCT", "8, RANDOM", "8, PCT"})
    void forgettingTheKernelAtEveryQuiescentPointChangesNothing(int harts, Interleavings interleaving) {
        Seed seed = Seed.fresh();
        End expected = undisturbed(harts, interleaving, seed.value());
        int forgotten = 0;
        try (KernelFixture fixture = start(harts, interleaving, seed.value())) {
            while (fixture.runToNextWait()) {
                if (fixture.kernel().isQuiescent()) {
                    fixture.reattach();
                    forgotten++;
                }
                fixture.passTime();
            }
            fixture.reattach();
            fixture.go();
            assertThat(End.of(fixture)).as(seed.replay(harts + " harts, " + interleaving)).isEqualTo(expected);
        }
        assertThat(forgotten).as("how often the kernel was forgotten").isGreaterThan(10);
    }

    private static void runToTheMiddle(KernelFixture fixture) {
        while (fixture.runToNextWait()
                && (fixture.timer.peek(TestDevice.COUNT, 4) < 15 || !fixture.kernel().isQuiescent())) {
            fixture.passTime();
        }
        assertThat(fixture.timer.peek(TestDevice.COUNT, 4)).isLessThan(50);
    }

    @ParameterizedTest
    @CsvSource({"1, RR", "4, RANDOM", "4, PCT", "8, RR"})
    void aMachineThatGoesBackDoesTheSameAgain(int harts, Interleavings interleaving) {
        Seed seed = Seed.fresh();
        End expected = undisturbed(harts, interleaving, seed.value());
        try (KernelFixture fixture = start(harts, interleaving, seed.value())) {
            runToTheMiddle(fixture);
            Machine.Snapshot snapshot = fixture.snapshot();
            Machine.Digest then = fixture.machine.digest();
            for (int time = 0; time < 3; time++) {
                fixture.go();
                assertThat(End.of(fixture)).as(seed.replay("time " + time)).isEqualTo(expected);
                fixture.restore(snapshot);
                assertThat(fixture.machine.digest()).as("what was restored").isEqualTo(then);
            }
        }
    }

    @Test
    void aMachineCanGoBackFromTheMiddleOfSomething() {
        End expected = undisturbed(4, Interleavings.RANDOM, 5);
        try (KernelFixture fixture = start(4, Interleavings.RANDOM, 5)) {
            runToTheMiddle(fixture);
            Machine.Snapshot snapshot = fixture.snapshot();
            for (int i = 1; i <= 5; i++) {
                fixture.machine.turn().limitInstructions(fixture.machine.clock().instructions() + 7321L * i);
                assertThat(fixture.machine.turn().run()).isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
                fixture.restore(snapshot);
            }
            fixture.go();
            assertThat(End.of(fixture)).isEqualTo(expected);
        }
    }

    @Test
    void whoeverAttachesFindsTasksFilesAndLogAsTheyWere() {
        try (KernelFixture fixture = start(4, Interleavings.RANDOM, 3)) {
            fixture.go();
            Kernel old = fixture.kernel();
            Machine.Digest before = fixture.machine.digest();
            fixture.reattach();
            assertThat(fixture.kernel()).isNotSameAs(old);
            assertThat(fixture.machine.digest()).as("attaching only looks").isEqualTo(before);
            for (String name : old.files().proc().names(fixture.peek())) {
                assertThat(fixture.proc(name)).as(name).isEqualTo(old.files().proc().file(name).text(fixture.peek()));
            }
            assertThat(fixture.kernel().tasks().tasks().all(fixture.peek()))
                    .isEqualTo(old.tasks().tasks().all(fixture.peek()));
            fixture.run(() -> fixture.kernel().calls().kfree(fixture.kernel().calls().kmalloc(100, Gfp.GFP_KERNEL)));
        }
    }

    private static boolean step(KernelFixture fixture) {
        boolean more = fixture.runToNextWait();
        if (more) {
            fixture.passTime();
        }
        return more;
    }

    @Test
    void twoMachinesRunSideBySideWithoutATrace() {
        End expected = undisturbed(4, Interleavings.RANDOM, 11);
        try (KernelFixture one = start(4, Interleavings.RANDOM, 11);
                KernelFixture other = start(4, Interleavings.RANDOM, 11)) {
            boolean oneGoes = true;
            boolean otherGoes = true;
            while (oneGoes || otherGoes) {
                oneGoes = step(one);
                otherGoes = step(other);
            }
            one.go();
            other.go();
            assertThat(End.of(one)).isEqualTo(expected);
            assertThat(End.of(other)).isEqualTo(expected);
        }
    }
}
