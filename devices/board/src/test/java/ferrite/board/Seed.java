package ferrite.board;

import java.util.Random;

/** Where a random test gets its numbers from; {@code -Dferrite.seed=…} repeats a run whose seed a failure has printed. */
public final class Seed {

    private final long value;

    private Seed(long value) {
        this.value = value;
    }

    /** A new seed for each run, printed, unless one was asked for. */
    public static Seed printed() {
        Seed seed = new Seed(Long.getLong("ferrite.seed", System.nanoTime()));
        System.out.println("seed " + seed.value);
        return seed;
    }

    /** The generator of one round of a test. */
    public Random random(int round) {
        return new Random(value * 31 + round);
    }

    /** What to tell the person who has to repeat a failure. */
    public String replay(Object where) {
        return where + "; repeat with -Dferrite.seed=" + value;
    }
}
