package ferrite.hardware;

import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The seed of a random test. A test that fails tells it ({@link Teller}), and {@code -Dferrite.seed=…} repeats the run
 * with it. A test that passes prints nothing.
 */
public final class Seed {

    /** The seeds that the running test has made. A JVM runs one test at a time. */
    private static final List<Seed> OF_THIS_TEST = new CopyOnWriteArrayList<>();

    private final long value;

    private Seed(long value) {
        this.value = value;
    }

    /** Returns a new seed for each run, or the one from the system property. */
    public static Seed fresh() {
        Seed seed = new Seed(Long.getLong("ferrite.seed", System.nanoTime()));
        OF_THIS_TEST.add(seed);
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
        return "at " + where + "; " + replay();
    }

    private String replay() {
        return "repeat with -Dferrite.seed=" + value;
    }

    /** Adds the seeds of a failed test to its failure. JUnit finds it in each module that has this class. */
    public static final class Teller implements AfterEachCallback {

        @Override
        public void afterEach(ExtensionContext test) {
            test.getExecutionException().ifPresent(failure ->
                    OF_THIS_TEST.forEach(seed -> failure.addSuppressed(new Hint(seed.replay()))));
            OF_THIS_TEST.clear();
        }
    }

    /** A sentence in the stack trace of a failure. */
    private static final class Hint extends Throwable {

        private static final long serialVersionUID = 1;

        Hint(String sentence) {
            super(sentence, null, false, false);
        }

        @Override
        public String toString() {
            return getMessage();
        }
    }
}
