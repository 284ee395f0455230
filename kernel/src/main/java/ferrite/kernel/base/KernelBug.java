package ferrite.kernel.base;

/**
 * A call that breaks the kernel's rules: a free of what was never allocated, a DMA channel that nobody requested. It ends the task that made
 * it, with the message in the log; where no task can be ended, it is a {@link KernelPanic}. Nothing has been changed by the call.
 */
public final class KernelBug extends RuntimeException {

    private static final long serialVersionUID = 1;

    public KernelBug(String message) {
        super(message);
    }
}
