package ferrite.book.scull;

import static ferrite.book.scull.ScullAccessLayout.QUEUE;

import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileLayout;

/** {@code /dev/scullwuid}: one user at a time; others wait in {@code open} (LDD3 page 176). */
final class ScullWuidFiles extends ScullUidFiles {

    ScullWuidFiles(ScullDriver driver) {
        super(driver, "scullwuid");
    }

    @Override
    void init(long access) {
        kernel.initWaitqueueHead(QUEUE.at(access));
    }

    @Override
    int allow(long file, long access) {
        while (!enter(access)) {
            if ((FileLayout.FLAGS.get(memory, file) & Fcntl.O_NONBLOCK) != 0) {
                return -Errno.EAGAIN;
            }
            if (kernel.waitEventInterruptible(QUEUE.at(access), () -> isAvailable(access)) < 0) {
                return -Errno.ERESTARTSYS;
            }
        }
        return 0;
    }

    @Override
    void leave(long access) {
        if (leaveAndCount(access) == 0) {
            kernel.wakeUpInterruptibleSync(QUEUE.at(access));
        }
    }
}
