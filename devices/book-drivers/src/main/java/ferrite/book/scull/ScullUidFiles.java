package ferrite.book.scull;

import static ferrite.book.scull.ScullAccessLayout.COUNT;
import static ferrite.book.scull.ScullAccessLayout.LOCK;
import static ferrite.book.scull.ScullAccessLayout.OWNER;

import ferrite.kernel.base.Errno;

/** {@code /dev/sculluid}: one user at a time; others are refused (LDD3 page 174). */
class ScullUidFiles extends ScullAccessFiles {

    ScullUidFiles(ScullDriver driver) {
        this(driver, "sculluid");
    }

    ScullUidFiles(ScullDriver driver, String name) {
        super(driver, name);
    }

    /** Returns whether the caller may open the device. */
    final boolean isAvailable(long access) {
        return COUNT.get(memory, access) == 0 || OWNER.get(memory, access) == user();
    }

    /** Counts the caller as the user if it may open the device. Returns whether it may. */
    final boolean enter(long access) {
        kernel.spinLock(LOCK.at(access));
        boolean enters = isAvailable(access);
        if (enters) {
            OWNER.set(memory, access, user());
            COUNT.add(memory, access, 1);
        }
        kernel.spinUnlock(LOCK.at(access));
        return enters;
    }

    @Override
    int allow(long file, long access) {
        return enter(access) ? 0 : -Errno.EBUSY;
    }

    @Override
    void leave(long access) {
        leaveAndCount(access);
    }

    /** Returns how many open files the user still has. */
    final int leaveAndCount(long access) {
        kernel.spinLock(LOCK.at(access));
        COUNT.add(memory, access, -1);
        int left = COUNT.get(memory, access);
        kernel.spinUnlock(LOCK.at(access));
        return left;
    }
}
