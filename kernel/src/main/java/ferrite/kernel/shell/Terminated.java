package ferrite.kernel.shell;

/**
 * Ends a command's program because it took a signal. The program releases its kernel resources while this exception
 * passes.
 */
final class Terminated extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int signal;

    Terminated(int signal) {
        super("signal " + signal, null, false, false);
        this.signal = signal;
    }

    int signal() {
        return signal;
    }
}
