package ferrite.book.scull;

import ferrite.book.quanta.ScullDevLayout;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.FileLayout;

/**
 * The operations of a device with access control: an open that may be refused, and a release (LDD3 pages 173-179).
 *
 * <p>The book asks for the user of a process. This machine has one user, the superuser, so that no process would ever
 * be refused. Here a process counts as a user, by its number: a command of the shell, or a program. It may open the
 * device as often as it likes, and keeps others out. For the same reason no capability lets a process pass.
 */
abstract class ScullAccessFiles extends ScullFiles {

    private final String name;

    ScullAccessFiles(ScullDriver driver, String name) {
        super(driver);
        this.name = name;
    }

    /** The file's name in {@code /dev}. */
    final String name() {
        return name;
    }

    /** Initialises the rule, in zeroed memory. */
    void init(long access) { }

    /** Frees the memory of the rule. All files are closed. */
    void free(long access) { }

    /** Allows a file to be opened. Returns 0 or a negative errno. */
    abstract int allow(long file, long access);

    /** Ends {@link #allow}. */
    abstract void leave(long access);

    /** Returns the device of a file that may be opened, or 0 without memory. */
    long deviceFor(long access) {
        return ScullAccessLayout.DEV.at(access);
    }

    /** The number of the calling process, which stands for its user. */
    final int user() {
        return kernel.taskPidNr(kernel.current());
    }

    private long access(long file) {
        return FileLayout.DATA.get(memory, file) - ScullDevLayout.cdev(ScullAccessLayout.DEV.offset());
    }

    @Override
    public final int open(long file) {
        long access = access(file);
        int result = allow(file, access);
        if (result == 0) {
            long dev = deviceFor(access);
            result = dev == 0 ? -Errno.ENOMEM : open(file, dev);
            if (result < 0) {
                leave(access);
            }
        }
        return result;
    }

    @Override
    public final void release(long file) {
        leave(access(file));
    }
}
