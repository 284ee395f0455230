package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Errno;

/** What the driver of the console offers the shell: lines of input, and a way to say how a command ended. {@code data} is the word registered with it. */
@DriverApi
public interface Terminal {

    /** The wait queue that is woken when there is input. */
    long inputWait(long data);

    /**
     * Puts the next line into memory, without its line end. Does not sleep.
     *
     * @return its length, {@code -EAGAIN} when none has come yet, {@code -EPIPE} when none will come, {@code -EINVAL} for a line longer than {@code limit}
     */
    int readLine(long data, long to, int limit);

    /** Whether {@link #readLine} would have something to say. */
    boolean hasInput(long data);

    /**
     * {@code tcsetpgrp}: says whom the interrupt key is for.
     *
     * @param pid the number of the task to which it sends SIGINT, or 0 for nobody
     */
    void setForeground(long data, int pid);

    /** A command ended with this status; see {@link Errno} for what it is not. */
    void report(long data, int status);
}
