package ferrite.book.scull;

import static ferrite.book.scull.ScullAccessLayout.AVAILABLE;

import ferrite.kernel.base.Errno;

/** {@code /dev/scullsingle}: one open file at a time (LDD3 page 173). */
final class ScullSingleFiles extends ScullAccessFiles {

    ScullSingleFiles(ScullDriver driver) {
        super(driver, "scullsingle");
    }

    @Override
    void init(long access) {
        kernel.atomicSet(AVAILABLE.at(access), 1);
    }

    @Override
    int allow(long file, long access) {
        if (kernel.atomicDecAndTest(AVAILABLE.at(access))) {
            return 0;
        }
        kernel.atomicInc(AVAILABLE.at(access));
        return -Errno.EBUSY;
    }

    @Override
    void leave(long access) {
        kernel.atomicInc(AVAILABLE.at(access));
    }
}
