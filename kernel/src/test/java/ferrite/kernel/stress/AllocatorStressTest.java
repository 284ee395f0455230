package ferrite.kernel.stress;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.Seed;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random operations by one to eight tasks on one to eight harts, with interrupts whose handler allocates too, checked against {@link AllocatorModel}; in a third of the runs every second allocation
 * of pages fails. {@code -Dferrite.stress.seconds=N} makes it longer (by hand; {@value #SECONDS} otherwise), {@code -Dferrite.seed=S} repeats.
 */
@Timeout(100_000)
class AllocatorStressTest {

    private static final int SECONDS = 12;
    private static final int MOST_SHRINKING_RUNS = 400;
    private static final long MOST_SHRINKING_NANOS = 60_000_000_000L;

    @Test
    void theAllocatorsDoWhatAPlainModelDoes() {
        Seed seed = Seed.printed();
        long end = System.nanoTime() + Long.getLong("ferrite.stress.seconds", SECONDS) * 1_000_000_000L;
        long operations = 0;
        int rounds = 0;
        do {
            Scenario scenario = Scenario.random(seed.value() + rounds);
            try {
                operations += scenario.run();
            } catch (AssertionError | RuntimeException failed) {
                Scenario least = shrink(scenario, AllocatorStressTest::failureOf);
                throw new AssertionError(seed.replay("round " + rounds + " (then it is round 0 with seed " + scenario.seed() + ")") + "\n" + failureOf(least) + "\n" + least, failed);
            }
            rounds++;
        } while (System.nanoTime() < end);
        System.out.println(operations + " allocations in " + rounds + " runs");
    }

    private static String failureOf(Scenario scenario) {
        try {
            scenario.run();
            return null;
        } catch (AssertionError | RuntimeException failed) {
            return failed.getMessage();
        }
    }

    /** Leaves out ever smaller parts as long as it still fails. */
    private static Scenario shrink(Scenario failing, Function<Scenario, String> failureOf) {
        Scenario least = failing;
        int runs = 0;
        long end = System.nanoTime() + MOST_SHRINKING_NANOS;
        for (int part = 256; part > 0; part /= 2) {
            for (int list = 0; list <= least.tasks().size(); list++) {
                for (int from = 0; from < least.length(list) && runs < MOST_SHRINKING_RUNS && System.nanoTime() < end; runs++) {
                    Scenario less = least.without(list, from, part);
                    if (failureOf.apply(less) != null) {
                        least = less;
                    } else {
                        from += part;
                    }
                }
            }
        }
        return least;
    }

    /** What shrinking is worth: of thousands of steps only the two stay that a failure needs. */
    @Test
    void whatFailsIsShrunkToWhatItNeeds() {
        Scenario large = Scenario.random(5);
        Scenario.Step first = large.tasks().get(0).get(17);
        Scenario.Step second = large.tasks().get(0).get(90);
        Scenario least = shrink(large, scenario -> scenario.tasks().get(0).contains(first) && scenario.tasks().get(0).contains(second) ? "fails" : null);
        assertThat(large.size()).isGreaterThan(100);
        assertThat(least.size()).isLessThan(large.size() / 10).isGreaterThanOrEqualTo(2);
    }
}
