package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.ModuleLayout;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;

/** {@code try_module_get} and {@code module_put}: counts the users of each loaded driver, and knows its state. */
public final class ModuleUse {

    private static final int MAX_MODULES = 256;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final TextTable text;
    private final long root;

    public ModuleUse(KernelBase base) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.text = base.text();
        this.root = base.root();
    }

    /** Keeps the list of drivers as it is, until {@link #unlock}. Returns the interrupt flag for it. */
    public int lock() {
        return locks.lockIrqSave(RootLayout.MODULES_LOCK.at(root));
    }

    public void unlock(int flags) {
        locks.unlockIrqRestore(RootLayout.MODULES_LOCK.at(root), flags);
    }

    /**
     * Counts a file that is opened, by the text address of a callback of its driver.
     *
     * @param callback 0 for a driver that is linked in
     * @return false if the driver is being removed, or gone; the file cannot be opened then
     */
    boolean tryGet(long callback) {
        return tryGet(callback, ModuleLayout.COMING);
    }

    /**
     * Counts a driver that uses another one, by the text address of a callback of the latter.
     *
     * @return false if the driver is not ready yet, is being removed, or gone
     */
    public boolean tryGetLive(long callback) {
        return tryGet(callback, ModuleLayout.LIVE);
    }

    /** @param latest the last state, by number, in which the driver may be used */
    private boolean tryGet(long callback, int latest) {
        int flags = lock();
        long record = find(callback);
        boolean lives = record == 0 ? isOfTheKernel(callback) : ModuleLayout.STATE.get(memory, record) <= latest;
        if (record != 0 && lives) {
            ModuleLayout.USERS.add(memory, record, 1);
        }
        unlock(flags);
        return lives;
    }

    /** Returns whether a callback that is no loaded driver's is still there. */
    private boolean isOfTheKernel(long callback) {
        return callback == 0 || text.name(callback) != null;
    }

    /** Ends what {@link #tryGet} or {@link #tryGetLive} has begun. */
    public void put(long callback) {
        int flags = lock();
        long record = find(callback);
        if (record != 0) {
            ModuleLayout.USERS.add(memory, record, -1);
        }
        unlock(flags);
    }

    /** Returns the record of a callback's loaded driver; 0 for a callback of the kernel or a linked-in driver. */
    public long find(long callback) {
        int module = TextTable.moduleOf(callback);
        for (long record : ListHead.nodes(memory, RootLayout.MODULES.at(root), MAX_MODULES)) {
            if (ModuleLayout.TEXT.get(memory, record) == module) {
                return record;
            }
        }
        return 0;
    }

    /** Finds the record of a loaded driver; 0 if there is none. The list is locked, or the view stands still. */
    public static long find(ReadableMemory view, long root, String name) {
        for (long record : ListHead.nodes(view, RootLayout.MODULES.at(root), MAX_MODULES)) {
            if (StringTable.read(view, ModuleLayout.NAME.get(view, record)).equals(name)) {
                return record;
            }
        }
        return 0;
    }

    /** Returns the first text address of a loaded driver; 0 if there is none of that name. */
    public long textOf(String name) {
        int flags = lock();
        long record = find(memory, root, name);
        long address = record == 0 ? 0 : TextTable.address(ModuleLayout.TEXT.get(memory, record));
        unlock(flags);
        return address;
    }

    /**
     * Adds the record of a driver that is being loaded.
     *
     * @return false if there is one of this name
     */
    public boolean add(long record) {
        ListHead.init(memory, ModuleLayout.SOURCES.at(record));
        int flags = lock();
        long name = ModuleLayout.NAME.get(memory, record);
        boolean isNew = true;
        for (long other : ListHead.nodes(memory, RootLayout.MODULES.at(root), MAX_MODULES)) {
            isNew &= ModuleLayout.NAME.get(memory, other) != name;
        }
        if (isNew) {
            ListHead.addTail(memory, ModuleLayout.NODE.at(record), RootLayout.MODULES.at(root));
        }
        unlock(flags);
        return isNew;
    }

    /** Sets the state of a driver whose init has ended. */
    public void setState(long record, int state) {
        int flags = lock();
        ModuleLayout.STATE.set(memory, record, state);
        unlock(flags);
    }

    /** Notes that a driver uses another one, which {@link #tryGetLive} has counted. */
    public void addSource(long record, long use) {
        int flags = lock();
        ListHead.add(memory, use, ModuleLayout.SOURCES.at(record));
        unlock(flags);
    }

    /** Takes the record of a driver off the list. */
    public void remove(long record) {
        int flags = lock();
        ListHead.delete(memory, ModuleLayout.NODE.at(record));
        unlock(flags);
    }

    /**
     * Begins the removal of a driver. The list is locked since the caller has found the driver.
     *
     * @return 0; -EAGAIN if files are open or other drivers use it, -EBUSY if it is not ready yet or being removed
     */
    public int beginRemoval(long record) {
        int result = ModuleLayout.USERS.get(memory, record) != 0 ? -Errno.EAGAIN
                : ModuleLayout.STATE.get(memory, record) != ModuleLayout.LIVE ? -Errno.EBUSY : 0;
        if (result == 0) {
            ModuleLayout.STATE.set(memory, record, ModuleLayout.GOING);
        }
        return result;
    }
}
