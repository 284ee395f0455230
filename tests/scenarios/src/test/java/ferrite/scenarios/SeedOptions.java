package ferrite.scenarios;

import java.util.List;

/**
 * The options of a script that tries many random cases.
 *
 * @param seed  the seed of the cases
 * @param count the number of cases
 * @param only  the number of the only case to try, or -1
 */
public record SeedOptions(long seed, int count, int only) {

    private static final String USAGE = """
            usage: tests/scenarios/%1$s [--seed N] [--count N | --only N]
              --seed N   which %2$s (default: new ones each time)
              --count N  how many of them (default 1000)
              --only N   that one""";

    /** Parses the options. If they are wrong, ends this process with status 2. */
    public static SeedOptions orExit(String script, String things, List<String> words) {
        try {
            return of(words);
        } catch (IllegalArgumentException e) {
            System.err.println(script + ": " + e.getMessage() + "\n" + USAGE.formatted(script, things));
            System.exit(2);
            throw e;
        }
    }

    private static SeedOptions of(List<String> words) {
        long seed = System.nanoTime();
        int count = 1000;
        int only = -1;
        for (int n = 0; n < words.size(); n += 2) {
            long value = number(words, n);
            switch (words.get(n)) {
                case "--seed" -> seed = value;
                case "--count" -> count = inRange(words.get(n), value);
                case "--only" -> only = inRange(words.get(n), value);
                default -> throw new IllegalArgumentException("there is no option " + words.get(n));
            }
        }
        return new SeedOptions(seed, count, only);
    }

    private static long number(List<String> words, int option) {
        if (option + 1 == words.size()) {
            throw new IllegalArgumentException(words.get(option) + " needs a number after it");
        }
        try {
            return Long.parseLong(words.get(option + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(words.get(option)
                    + " needs a number, not '" + words.get(option + 1) + "'", e);
        }
    }

    private static int inRange(String option, long value) {
        if (value < 0 || value > 1_000_000_000) {
            throw new IllegalArgumentException(option + " is from 0 to 1000000000, not " + value);
        }
        return (int) value;
    }
}
