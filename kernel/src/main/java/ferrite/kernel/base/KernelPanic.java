package ferrite.kernel.base;

/** The kernel found itself broken, and cannot go on. The message is for the person who runs the machine. */
public final class KernelPanic extends Error {

    private static final long serialVersionUID = 1;

    public KernelPanic(String message) {
        super(message);
    }
}
