package ferrite.kernel.user;

import ferrite.kernel.base.Errno;

/** A system call of Linux. It is called in task context, and may sleep. */
@FunctionalInterface
interface SystemCall {

    /** The program waits for an event at its restart point, and makes the call again. */
    long WAIT = 1L << 32;
    /** The call returns 0 after other tasks have run. */
    long YIELD = 2L << 32;
    /** The call has set all registers itself. */
    long REGISTERS_SET = 3L << 32;
    /** The task ends; its exit code is in the low bits. */
    long EXIT = 4L << 32;

    /**
     * Makes the call. Its arguments are in a0 to a5.
     *
     * @return the result for a0, which is a negative {@link Errno} if the call fails, or one of the constants
     */
    long make(Registers x);
}
