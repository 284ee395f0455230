package ferrite.board.command;

import ferrite.hardware.hart.UntakenBranches;
import java.util.concurrent.TimeUnit;

/**
 * Has the surprises of {@link UntakenBranches} in the background, while a command builds its machine. A thread does
 * that, and not the machine, because it waits for the JVM's compiler.
 */
final class CompilerLesson {

    /** After these rounds, each with a pause, the JVM has compiled what is to be surprised, also on a busy host. */
    private static final int ROUNDS = 25;
    private static final int PAUSE_MILLIS = 2;

    private CompilerLesson() { }

    static void begin() {
        Thread thread = new Thread(CompilerLesson::teach, "compiler lesson");
        thread.setDaemon(true);
        thread.start();
    }

    private static void teach() {
        UntakenBranches branches = new UntakenBranches();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                branches.prepare();
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException end) {
            return;
        }
        branches.surprise();
    }
}
