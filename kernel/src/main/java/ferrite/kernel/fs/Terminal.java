package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;

/**
 * The console's interface for the shell: input lines, and reports of a command's status. {@code data} is the word that
 * the driver registered with it.
 */
@DriverApi
public interface Terminal {

    /** The wait queue that the driver wakes when there is input. */
    long inputWait(long data);

    /**
     * Copies the next line into memory, without its line end. Does not sleep.
     *
     * @return the line's length; {@code -EAGAIN} if none has arrived yet, {@code -EPIPE} at the end of input, {@code
     *         -EINVAL} if it is longer than {@code limit}
     */
    int readLine(long data, long to, int limit);

    /** Returns whether {@link #readLine} would return anything but {@code -EAGAIN}. */
    boolean hasInput(long data);

    /**
     * {@code tcsetpgrp}: sets the task that the interrupt key interrupts.
     *
     * @param pid the task that is sent SIGINT, or 0 for none
     */
    void setForeground(long data, int pid);

    /**
     * Writes a message of the shell's to standard error, which needs no memory. Task context.
     *
     * @param from kernel address of the message, in one page
     */
    void complain(long data, long from, int length);

    /**
     * Reports the end of a command.
     *
     * @param pid    the task that ran it, or 0 for a line that the shell executed itself
     * @param status the exit status, which is not an {@link Errno}
     */
    void report(long data, int pid, int status);
}
