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
    /**
     * Rounds of the preparation, and the recursions and the pause in each. The JVM compiles the recursion twice, first
     * in a hurry and then well, both in the background and after enough calls. So the calls must last some time.
     */
    private static final int ROUNDS = 25;
    private static final int RECURSIONS = 10;
    private static final int PAUSE_MILLIS = 2;

    private boolean taken;

    /** Has the surprises when the JVM initialises it, once in a process: later the compiler knows the branch. */
    private static final class Once {

        static {
            Thread thread = new Thread(new UntakenBranches()::run, "ferrite-untaken-branches");
            thread.setDaemon(true);
            thread.start();
        }

        static void begin() { }
    }

    /** Has the surprises in the background. Calls after the first do nothing. */
    static void begin() {
        Once.begin();
    }

    /** Begins a method whose untaken branches stay in its machine code. */
    public static void keep() {
        look(false, 0);
    }

    private void run() {
        try {
            prepare();
            surprise();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets the JVM compile the recursion. */
    void prepare() throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < RECURSIONS; i++) {
                descend(DEPTH, false);
            }
            Thread.sleep(PAUSE_MILLIS);
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

    /** Has the branch. */
    private static int look(boolean isTaken, int count) {
        if (isTaken) {
            return count + 1;
        }
        return count;
    }
}
