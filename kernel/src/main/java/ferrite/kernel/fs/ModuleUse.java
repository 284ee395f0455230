package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.ModuleLayout;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;

/** {@code try_module_get} and {@code module_put}: counts the open files of each loaded driver. */
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

    private int lock() {
        return locks.lockIrqSave(RootLayout.MODULES_LOCK.at(root));
    }

    private void unlock(int flags) {
        locks.unlockIrqRestore(RootLayout.MODULES_LOCK.at(root), flags);
    }

    /**
     * Counts a file that is opened, by the text address of a callback of its driver.
     *
     * @param callback 0 for a driver that is linked in
     * @return false if the driver is being removed, or gone; the file cannot be opened then
     */
    boolean tryGet(long callback) {
        int flags = lock();
        long record = find(callback);
        boolean lives = record == 0 ? isOfTheKernel(callback) : ModuleLayout.GOING.get(memory, record) == 0;
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

    /** Counts a closed file. */
    void put(long callback) {
        int flags = lock();
        long record = find(callback);
        if (record != 0) {
            ModuleLayout.USERS.add(memory, record, -1);
        }
        unlock(flags);
    }

    /** Returns the record of a callback's loaded driver; 0 for a callback of the kernel or a linked-in driver. */
    private long find(long callback) {
        int module = TextTable.moduleOf(callback);
        for (long record : ListHead.nodes(memory, RootLayout.MODULES.at(root), MAX_MODULES)) {
            if (ModuleLayout.TEXT.get(memory, record) == module) {
                return record;
            }
        }
        return 0;
    }

    /** Adds the record of a driver that is loaded. */
    public void add(long record) {
        int flags = lock();
        ListHead.addTail(memory, ModuleLayout.NODE.at(record), RootLayout.MODULES.at(root));
        unlock(flags);
    }

    /** Takes the record of a driver off the list. */
    public void remove(long record) {
        int flags = lock();
        ListHead.delete(memory, ModuleLayout.NODE.at(record));
        unlock(flags);
    }

    /** Begins the removal of a driver, unless files are open. Returns their number. */
    public int beginRemoval(long record) {
        int flags = lock();
        int users = ModuleLayout.USERS.get(memory, record);
        ModuleLayout.GOING.set(memory, record, users == 0 ? 1 : 0);
        unlock(flags);
        return users;
    }
}
