package ferrite.book.base;

import ferrite.kernel.driver.KernelCalls;

/** The names of processes in messages (LDD3 page 21). */
public final class Processes {

    private Processes() { }

    /** Returns the number and the name of the current process, as {@code 7 (cat)}. Any context. */
    public static String current(KernelCalls kernel) {
        return kernel.taskPidNr(kernel.current()) + " (" + command(kernel) + ")";
    }

    /** Returns the name of the current process's program. Any context. */
    public static String command(KernelCalls kernel) {
        String[] name = new String[1];
        kernel.onStack(KernelCalls.TASK_COMM_LEN, buffer -> {
            kernel.getTaskComm(buffer, kernel.current());
            name[0] = kernel.memory().loadString(buffer, KernelCalls.TASK_COMM_LEN);
            return 0;
        });
        return name[0];
    }
}
