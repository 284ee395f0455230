package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import java.util.ArrayList;
import java.util.List;

/**
 * Character devices: the entries of {@code /dev}. They are a list in RAM of names, operations and a word for the
 * driver.
 */
public final class CharDevices {

    private static final int SIZE = 24;

    static final Struct STRUCT = Struct.of("cdev", SIZE);

    private static final Embedded NODE = STRUCT.list("list", 0);
    private static final Pointer NAME = STRUCT.pointer("name", 8, "char");
    private static final Pointer OPERATIONS = STRUCT.function("ops", 12);
    private static final Pointer DATA = STRUCT.pointer("data", 16, "void");
    private static final int MAX_DEVICES = 1024;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final Kmalloc kmalloc;
    private final StringTable strings;
    private final long root;

    CharDevices(KernelBase base, Kmalloc kmalloc) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.kmalloc = kmalloc;
        this.strings = base.strings();
        this.root = base.root();
    }

    void init() {
        ListHead.init(memory, RootLayout.CHAR_DEVICES.at(root));
    }

    /**
     * Makes {@code /dev/NAME}. May sleep.
     *
     * @param operations text address of {@link FileOperations}
     * @param data       copied to {@link FileLayout#DATA} of every file that is opened
     * @return 0 or a negative {@link Errno}
     */
    public int register(String name, long operations, long data) {
        long entry = kmalloc.kzalloc(SIZE, Gfp.GFP_KERNEL);
        if (entry == 0) {
            return -Errno.ENOMEM;
        }
        NAME.set(memory, entry, strings.intern(name));
        OPERATIONS.set(memory, entry, operations);
        DATA.set(memory, entry, data);
        int flags = locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(root));
        boolean isNew = find(memory, name) == 0;
        if (isNew) {
            ListHead.addTail(memory, NODE.at(entry), RootLayout.CHAR_DEVICES.at(root));
        }
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(root), flags);
        if (!isNew) {
            kmalloc.kfree(entry);
        }
        return isNew ? 0 : -Errno.EEXIST;
    }

    /** Removes {@code /dev/NAME}. Open files stay open. */
    public void unregister(String name) {
        int flags = locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(root));
        long entry = find(memory, name);
        if (entry != 0) {
            ListHead.delete(memory, NODE.at(entry));
        }
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(root), flags);
        kmalloc.kfree(entry);
    }

    /** The operations and the data of a device. */
    record Found(long operations, long data) { }

    /** Looks up a device; null if there is none. Its entry may be gone when this returns. */
    Found lookUp(String name) {
        int flags = locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(root));
        long entry = find(memory, name);
        Found found = entry == 0 ? null : new Found(operations(entry), DATA.get(memory, entry));
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(root), flags);
        return found;
    }

    /** Returns the entry with a name, or 0. The list is locked, or the view stands still. */
    private long find(ReadableMemory view, String name) {
        for (long entry : ListHead.nodes(view, RootLayout.CHAR_DEVICES.at(root), MAX_DEVICES)) {
            if (StringTable.read(view, NAME.get(view, entry)).equals(name)) {
                return entry;
            }
        }
        return 0;
    }

    private long operations(long entry) {
        return OPERATIONS.get(memory, entry);
    }

    /** Lists the names in {@code /dev}, sorted. Any context. */
    public List<String> names() {
        int flags = locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(root));
        List<String> names = names(memory);
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(root), flags);
        return names;
    }

    /** Lists the names in {@code /dev}, sorted, in a view that stands still. */
    public List<String> names(ReadableMemory view) {
        List<String> names = new ArrayList<>();
        for (long entry : ListHead.nodes(view, RootLayout.CHAR_DEVICES.at(root), MAX_DEVICES)) {
            names.add(StringTable.read(view, NAME.get(view, entry)));
        }
        names.sort(null);
        return names;
    }
}
