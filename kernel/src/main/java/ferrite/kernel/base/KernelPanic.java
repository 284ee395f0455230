package ferrite.kernel.base;

/** An inconsistency in the kernel after which it cannot go on. The message is for the user of the machine. */
public final class KernelPanic extends Error {

    private static final long serialVersionUID = 1;

    public KernelPanic(String message) {
        super(message);
    }
}
