package ferrite.kernel.base;

/**
 * A call that breaks the kernel's rules, for example a free of memory that was never allocated, or the use of a DMA
 * channel that was never requested. The call has changed nothing. It ends the calling task with the message in the log;
 * if no task can be ended, it is a {@link KernelPanic}.
 */
public final class KernelBug extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Whether a violation has said what is wrong. */
    private final boolean told;

    public KernelBug(String message) {
        this(message, false);
    }

    /** @param told whether a violation has said what is wrong */
    public KernelBug(String message, boolean told) {
        super(message);
        this.told = told;
    }

    public boolean isTold() {
        return told;
    }
}
