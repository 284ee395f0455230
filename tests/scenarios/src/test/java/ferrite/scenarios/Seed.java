package ferrite.scenarios;

import java.util.Random;

/** Where a random scenario gets its numbers from; {@code -Dferrite.seed=…} repeats a run whose seed a failure has printed. */
final class Seed {

    private final long value;

    private Seed(long value) {
        this.value = value;
    }

    /** A new seed for each run, printed, unless one was asked for. */
    static Seed printed() {
        Seed seed = new Seed(Long.getLong("ferrite.seed", System.nanoTime()));
        System.out.println("seed " + seed.value);
        return seed;
    }

    /** The generator of one round of a test. */
    Random random(int round) {
        return new Random(value * 31 + round);
    }

    /** What to tell the person who has to repeat a failure. */
    String replay(Object where) {
        return where + "; repeat with -Dferrite.seed=" + value;
    }
}
