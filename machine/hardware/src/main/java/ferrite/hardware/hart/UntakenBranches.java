package ferrite.hardware.hart;

/**
 * Keeps the JVM's compiler from leaving branches out of frequent methods.
 *
 * <p>It leaves out what its profile has never seen: the first time that a program takes such a branch, the method's
 * machine code is thrown away, and the method is compiled again. A guest program takes every branch of the interpreter
 * sooner or later, and large methods were compiled ten times so. The compiler stops doing that in a method when the
 * method, with all that is inlined in it, has met a hundred such surprises. The JVM counts them by method, so one small
 * method can have them for all that call it: the methods of a hart that are compiled apart, and translated regions.
 *
 * <p>The surprises are frames of one recursion, all compiled without the branch that all of them take in the end. If
 * the JVM has not compiled them by then, or has no such rule, the methods are slower at first. Nothing else changes.
 */
public final class UntakenBranches {

    /** Frames of the recursion. The compiler may make one frame of two, so there are more than twice a hundred. */
    private static final int DEPTH = 400;
    private static final int RECURSIONS = 10;

    private boolean taken;

    /** Begins a method whose untaken branches stay in its machine code. */
    public static void keep() {
        look(false, 0);
    }

    /**
     * Runs the recursion some times. The JVM compiles it twice, first in a hurry and then well, both in the background
     * and after enough calls. So the caller calls this again and again for some hundredths of a second.
     */
    public void prepare() {
        for (int i = 0; i < RECURSIONS; i++) {
            descend(DEPTH, false);
        }
    }

    /** Surprises the compiled frames, which works once in a process. Returns how many took the branch. */
    public int surprise() {
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

    /** Has the branch. */
    private static int look(boolean isTaken, int count) {
        if (isTaken) {
            return count + 1;
        }
        return count;
    }
}
