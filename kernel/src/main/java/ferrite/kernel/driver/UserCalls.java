package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;

/**
 * The argument of an ioctl (LDD3 pages 142-145). There are no users' address spaces yet, so a program's memory is any
 * memory, and each task is the superuser's.
 */
@DriverApi
public interface UserCalls {

    /** Returns whether bytes may be a program's: they neither begin at 0 nor wrap around. Any context. */
    @CName("access_ok")
    boolean accessOk(long user, int bytes);

    /** Copies a word of 4 bytes to the program. Task context; may sleep. Returns 0, or -EFAULT. */
    @CName("put_user")
    int putUser(int value, long to);

    /** Copies as put_user, after a call of access_ok. Task context; may sleep. Returns 0. */
    @CName("__put_user")
    int __putUser(int value, long to);

    /**
     * Copies a word of 4 bytes from the program. Task context; may sleep.
     *
     * @param valueVa where the word is stored
     * @return 0, or -EFAULT
     */
    @CName("get_user")
    int getUser(long valueVa, long from);

    /** Copies as get_user, after a call of access_ok. Task context; may sleep. Returns 0. */
    @CName("__get_user")
    int __getUser(long valueVa, long from);

    /** Returns whether the current task may do what a capability is for: each may. Any context. */
    @CName("capable")
    boolean capable(int capability);
}
