package ferrite.kernel.base;

/**
 * {@code struct thread_struct}: the registers of a task that does not run. The rest of its state is in its Java stack.
 *
 * <p>A kernel stack, which grows downwards:
 *
 * <pre>
 *  stack - 4096   guard page, not mapped
 *  stack          the lowest word                             stack
 *                 free
 *  sp             locals of the functions that run now
 *  first sp       room of Linux's struct pt_regs              initialSp
 *  stack + 8192   the top                                     THREAD_SIZE
 * </pre>
 *
 * <p>The registers of a program of machine code are in its {@code struct process}.
 */
public final class ThreadLayout {

    public static final int SIZE = 4;
    /** Bytes of a kernel stack. */
    public static final int THREAD_SIZE = 8192;

    public static final Struct STRUCT = Struct.of("thread_struct", SIZE);

    /** The stack pointer, while the task does not run. */
    public static final Pointer SP = STRUCT.pointer("sp", 0, "void");

    private ThreadLayout() { }

    /** Returns the stack pointer of a task that has not run yet. */
    public static long initialSp(long stack) {
        return stack + THREAD_SIZE - PtRegsLayout.SIZE;
    }
}
