package ferrite.translator;

/**
 * Keeps the JVM's compiler from leaving branches out of regions.
 *
 * <p>It leaves out what its profile has never seen: the first time that a program takes such a branch, the region's
 * machine code is thrown away, and the region is compiled again. Large regions were compiled ten times so. The compiler
 * stops doing that in a method when the method, with all that is inlined in it, has met a hundred such surprises. The
 * JVM counts them by method, so one small method can have them for all regions, which call it.
 *
 * <p>The surprises are frames of one recursion, all compiled without the branch that all of them take in the end. If
 * the JVM has not compiled them by then, or has no such rule, regions are slower at first, and nothing else changes.
 */
final class UntakenBranches {

    /** Frames of the recursion. The compiler may make one frame of two, so there are more than twice a hundred. */
    private static final int DEPTH = 400;
    /** Calls after which the JVM has the recursion compiled, in the background. */
    private static final int CALLS = 60_000;

    private boolean taken;

    /** Lets the JVM compile the recursion. It needs some hundredths of a second before {@link #surprise}. */
    void prepare() {
        for (int calls = 0; calls < CALLS; calls += DEPTH) {
            descend(DEPTH, false);
        }
    }

    /** Surprises the compiled frames. Returns how many took the branch. */
    int surprise() {
        return descend(DEPTH, true);
    }

    private int descend(int depth, boolean takeAtEnd) {
        if (depth == 0) {
            taken = takeAtEnd;
            return 0;
        }
        int below = descend(depth - 1, takeAtEnd);
        return look(taken, below);
    }

    /** Has the branch. Regions call this with false. */
    static int look(boolean isTaken, int count) {
        if (isTaken) {
            return count + 1;
        }
        return count;
    }
}
