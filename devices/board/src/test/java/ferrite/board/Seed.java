package ferrite.board;

import java.util.Random;

/** The source of a random test's numbers. {@code -Dferrite.seed=…} repeats a run with the seed that it printed. */
public final class Seed {

    private final long value;

    private Seed(long value) {
        this.value = value;
    }

    /** Creates and prints a new seed, unless one was asked for. */
    public static Seed printed() {
        Seed seed = new Seed(Long.getLong("ferrite.seed", System.nanoTime()));
        System.out.println("seed " + seed.value);
        return seed;
    }

    /** Returns the generator of one round of a test. */
    public Random random(int round) {
        return new Random(value * 31 + round);
    }

    /** Describes how to repeat a failure. */
    public String replay(Object where) {
        return where + "; repeat with -Dferrite.seed=" + value;
    }
}
