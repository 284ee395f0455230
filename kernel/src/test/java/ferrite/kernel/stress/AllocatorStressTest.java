package ferrite.kernel.stress;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random operations on every family of allocations, by one to eight tasks on one to eight harts. An interrupt handler
 * allocates too. The caches' checks vary, and blocks have guards or none. {@link AllocatorModel} checks the results. In
 * a third of the runs, every second allocation of pages or of objects fails. Two machines run at the same time.
 *
 * <p>It takes {@value #SECONDS} seconds; {@code -Dferrite.stress.seconds=N} makes it longer, {@code -Dferrite.seed=S}
 * repeats a run.
 */
@Timeout(100_000)
class AllocatorStressTest {

    private static final int SECONDS = 5;
    private static final int THREADS = 2;
    private static final int MAX_SHRINKING_RUNS = 400;
    private static final long MAX_SHRINKING_NANOS = 60_000_000_000L;

    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicLong operations = new AtomicLong();

    @Test
    void theAllocatorsDoWhatAPlainModelDoes() throws InterruptedException {
        Seed seed = Seed.fresh();
        long end = System.nanoTime() + Long.getLong("ferrite.stress.seconds", SECONDS) * 1_000_000_000L;
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            running.add(threads.submit(() -> run(seed, end)));
        }
        threads.shutdown();
        for (Future<?> each : running) {
            try {
                each.get();
            } catch (ExecutionException failed) {
                threads.shutdownNow();
                throw new AssertionError(failed.getCause().getMessage(), failed.getCause());
            }
        }
        assertThat(operations).as("allocations").hasPositiveValue();
    }

    private void run(Seed seed, long end) {
        do {
            int round = rounds.getAndIncrement();
            Scenario scenario = Scenario.random(seed.value() + round);
            try {
                operations.addAndGet(scenario.run());
            } catch (AssertionError | RuntimeException failed) {
                Scenario least = shrink(scenario, AllocatorStressTest::failureOf);
                throw new AssertionError(seed.replay("round " + round + " (then it is round 0 with seed "
                        + scenario.seed() + ")") + "\n" + failureOf(least) + "\n" + least, failed);
            }
        } while (System.nanoTime() < end);
    }

    private static String failureOf(Scenario scenario) {
        try {
            scenario.run();
            return null;
        } catch (AssertionError | RuntimeException failed) {
            return failed.getMessage();
        }
    }

    /** Leaves out parts of falling size as long as the scenario still fails. */
    private static Scenario shrink(Scenario failing, Function<Scenario, String> failureOf) {
        Scenario least = failing;
        int runs = 0;
        long end = System.nanoTime() + MAX_SHRINKING_NANOS;
        for (int part = 256; part > 0; part /= 2) {
            for (int list = 0; list <= least.tasks().size(); list++) {
                for (int from = 0; from < least.length(list) && runs < MAX_SHRINKING_RUNS
                        && System.nanoTime() < end; runs++) {
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

    /** Shrinking thousands of steps leaves only the two that the failure needs. */
    @Test
    void whatFailsIsShrunkToWhatItNeeds() {
        Scenario large = Scenario.random(5);
        Scenario.Step first = large.tasks().get(0).get(17);
        Scenario.Step second = large.tasks().get(0).get(90);
        Scenario least = shrink(large, scenario -> scenario.tasks().get(0).contains(first) && scenario.tasks().get(0)
                .contains(second) ? "fails" : null);
        assertThat(large.size()).isGreaterThan(100);
        assertThat(least.size()).isLessThan(large.size() / 10).isGreaterThanOrEqualTo(2);
    }
}
