package ferrite.book.scull;

import static ferrite.book.scull.ScullAccessLayout.LIST;
import static ferrite.book.scull.ScullAccessLayout.LIST_MUTEX;
import static ferrite.book.scull.ScullListItemLayout.DEV;
import static ferrite.book.scull.ScullListItemLayout.KEY;
import static ferrite.book.scull.ScullListItemLayout.NEXT;

import ferrite.kernel.base.Gfp;

/**
 * {@code /dev/scullpriv}: each process has a device of its own behind the same file (LDD3 page 177). The book's key is
 * the controlling terminal; there is one terminal here, and the number of the process is the other key that the book
 * names. The devices stay until the driver is removed.
 *
 * <p>The book allocates with GFP_KERNEL under a spinlock, which may sleep there. This list has a mutex.
 */
final class ScullPrivFiles extends ScullAccessFiles {

    private final ScullDriver driver;

    ScullPrivFiles(ScullDriver driver) {
        super(driver, "scullpriv");
        this.driver = driver;
    }

    @Override
    void init(long access) {
        kernel.mutexInit(LIST_MUTEX.at(access));
    }

    @Override
    int allow(long file, long access) {
        return 0;
    }

    @Override
    void leave(long access) { }

    @Override
    long deviceFor(long access) {
        kernel.mutexLock(LIST_MUTEX.at(access));
        long item = LIST.get(memory, access);
        while (item != 0 && KEY.get(memory, item) != user()) {
            item = NEXT.get(memory, item);
        }
        if (item == 0) {
            item = add(access);
        }
        kernel.mutexUnlock(LIST_MUTEX.at(access));
        return item == 0 ? 0 : DEV.at(item);
    }

    private long add(long access) {
        long item = kernel.kzalloc(ScullListItemLayout.SIZE, Gfp.GFP_KERNEL);
        if (item != 0) {
            driver.initDevice(DEV.at(item));
            KEY.set(memory, item, user());
            NEXT.set(memory, item, LIST.get(memory, access));
            LIST.set(memory, access, item);
        }
        return item;
    }

    @Override
    void free(long access) {
        long item = LIST.get(memory, access);
        while (item != 0) {
            long next = NEXT.get(memory, item);
            driver.trim(DEV.at(item));
            kernel.kfree(item);
            item = next;
        }
    }
}
