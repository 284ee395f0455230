package ferrite.hardware.turn;

/** A host thread of a user that used the machine without the turn. */
final class RefusedThread {

    private RefusedThread() { }

    /**
     * Has the calling thread end without a stack trace if this exception ends it: the end of the run tells the failure.
     * A handler of the user's own is left alone.
     */
    static void endQuietlyBy(Throwable thrown) {
        Thread caller = Thread.currentThread();
        Thread.UncaughtExceptionHandler ofTheJvm = caller.getThreadGroup();
        if (ofTheJvm != null && caller.getUncaughtExceptionHandler() == ofTheJvm) {
            caller.setUncaughtExceptionHandler((thread, uncaught) -> {
                if (uncaught != thrown) {
                    ofTheJvm.uncaughtException(thread, uncaught);
                }
            });
        }
    }
}
