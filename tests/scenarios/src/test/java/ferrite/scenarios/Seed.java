package ferrite.scenarios;

import java.util.Random;

/** The source of a random scenario's numbers. {@code -Dferrite.seed=…} repeats the run of a printed seed. */
final class Seed {

    private final long value;

    private Seed(long value) {
        this.value = value;
    }

    /** Returns a new seed for each run, and prints it; or the seed on the command line. */
    static Seed printed() {
        Seed seed = new Seed(Long.getLong("ferrite.seed", System.nanoTime()));
        System.out.println("seed " + seed.value);
        return seed;
    }

    /** Returns the generator of one round of a test. */
    Random random(int round) {
        return new Random(value * 31 + round);
    }

    /** Returns the text that tells a person how to repeat a failure. */
    String replay(Object where) {
        return where + "; repeat with -Dferrite.seed=" + value;
    }
}
