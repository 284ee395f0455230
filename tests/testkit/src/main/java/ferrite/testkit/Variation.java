package ferrite.testkit;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.turn.Interleavings;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A change of a test's machines, for one of the runs of the test.
 *
 * @param name    the difference from the description, for people; empty for none
 * @param fails   whether an allocation fails
 * @param changes the change of the machine
 */
record Variation(String name, boolean fails, UnaryOperator<BoardOptions> changes) {

    /** A number of allocations that no run reaches: they are counted, and none fails. */
    private static final int NEVER = 999_999_999;
    private static final int MAX_ALLOCATIONS = 2000;

    /** The allocations that could have failed in a run. */
    record Allocations(int objects, int pages) {

        int sum() {
            return objects + pages;
        }
    }

    /** Returns whether a test runs more than once. */
    static boolean isWanted(Machine machine) {
        return machine.interleavings() != 1 || machine.failEveryAllocation();
    }

    /** Returns the interleavings: the described one, and then random and PCT ones with the next seeds. */
    static List<Variation> interleavings(Machine machine) {
        int count = machine.interleavings();
        if (count < 1) {
            throw new IllegalArgumentException("@Machine: interleavings = " + count + ": a test runs at least once");
        }
        return IntStream.range(0, count).mapToObj(number -> interleaving(machine, number)).toList();
    }

    private static Variation interleaving(Machine machine, int number) {
        if (number == 0) {
            return new Variation("", false, options -> options);
        }
        Interleavings policy = number % 2 == 1 ? Interleavings.RANDOM : Interleavings.PCT;
        long seed = machine.seed() + number;
        return new Variation("interleaving " + (number + 1) + " of " + machine.interleavings() + " (" + policy
                + ", seed " + seed + ")", false, options -> options.interleaving(policy).seed(seed));
    }

    /** Returns this variation with its allocations counted. */
    Variation counting() {
        return new Variation(name, false, options -> changes.apply(options).failSlab(NEVER + ",once")
                .failPageAlloc(NEVER + ",100,0,1"));
    }

    /**
     * Returns a variation for each allocation of a run, with that one failing.
     *
     * @throws AssertionError if there are too many
     */
    List<Variation> failing(Allocations made) {
        if (made.sum() > MAX_ALLOCATIONS) {
            throw new AssertionError("@Machine(failEveryAllocation): the test makes " + made.sum()
                    + " allocations, and would run once for each; at most " + MAX_ALLOCATIONS + " are run");
        }
        return Stream.concat(
                IntStream.rangeClosed(1, made.objects()).mapToObj(number -> failing("object", number, made.objects(),
                        options -> options.failSlab(number + ",once"))),
                IntStream.rangeClosed(1, made.pages()).mapToObj(number -> failing("page", number, made.pages(),
                        options -> options.failPageAlloc(number + ",100,0,1")))).toList();
    }

    private Variation failing(String kind, int number, int of, UnaryOperator<BoardOptions> failure) {
        return new Variation((name.isEmpty() ? "" : name + " and ") + kind + " allocation " + number + " of " + of
                + " failing", true, options -> failure.apply(changes.apply(options)));
    }
}
