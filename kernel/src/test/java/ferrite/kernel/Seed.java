package ferrite.kernel;

import java.util.Random;

/** The seed of a random test. {@code -Dferrite.seed=…} repeats a run with the seed that its failure printed. */
public final class Seed {

    private final long value;

    private Seed(long value) {
        this.value = value;
    }

    /** Prints and returns the requested seed, or else a new one for each run. */
    public static Seed printed() {
        Seed seed = new Seed(Long.getLong("ferrite.seed", System.nanoTime()));
        System.out.println("seed " + seed.value);
        return seed;
    }

    public long value() {
        return value;
    }

    /** Makes the generator of one part of a test. */
    public Random random(int part) {
        return new Random(value * 31 + part);
    }

    /** Returns a hint for repeating a failure. */
    public String replay(Object where) {
        return "at " + where + "; repeat with -Dferrite.seed=" + value;
    }
}
