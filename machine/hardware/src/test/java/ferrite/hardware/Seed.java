package ferrite.hardware;

import java.util.Random;

/** Source of random numbers for tests. {@code -Dferrite.seed=…} repeats a run with the seed that a failure printed. */
public final class Seed {

    private final long value;

    private Seed(long value) {
        this.value = value;
    }

    /** Creates and prints a new seed, or uses the one from the system property. */
    public static Seed printed() {
        Seed seed = new Seed(Long.getLong("ferrite.seed", System.nanoTime()));
        System.out.println("seed " + seed.value);
        return seed;
    }

    public long value() {
        return value;
    }

    /** Returns the generator for one round of a test. */
    public Random random(int round) {
        return new Random(value * 31 + round);
    }

    /** Returns the instruction for repeating a failure. */
    public String replay(Object where) {
        return "at " + where + "; repeat with -Dferrite.seed=" + value;
    }
}
