package ferrite.kernel.shell;

/** A signal that a command's program took: the program ends here. What it holds of the kernel's is given back on the way to its end. */
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
