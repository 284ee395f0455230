package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
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

    private static final int NODE = 0;
    private static final int NAME = 8;
    private static final int OPERATIONS = 12;
    private static final int DATA = 16;
    private static final int SIZE = 24;
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
        ListHead.init(memory, root + RootLayout.CHAR_DEVICES);
    }

    /**
     * Makes {@code /dev/NAME}. May sleep.
     *
     * @param operations text address of {@link FileOperations}
     * @param data       copied to {@link FileLayout#DATA} of every file that is opened
     * @return 0 or a negative {@link Errno}
     */
    public int register(String name, long operations, long data) {
        if (find(memory, name) != 0) {
            return -Errno.EEXIST;
        }
        long entry = kmalloc.kzalloc(SIZE, Gfp.GFP_KERNEL);
        if (entry == 0) {
            return -Errno.ENOMEM;
        }
        memory.storeAddress(entry + NAME, strings.intern(name));
        memory.storeAddress(entry + OPERATIONS, operations);
        memory.storeAddress(entry + DATA, data);
        int flags = locks.lockIrqSave(root + RootLayout.CHAR_DEVICES_LOCK);
        ListHead.addTail(memory, entry + NODE, root + RootLayout.CHAR_DEVICES);
        locks.unlockIrqRestore(root + RootLayout.CHAR_DEVICES_LOCK, flags);
        return 0;
    }

    /** Removes {@code /dev/NAME}. Open files stay open. */
    public void unregister(String name) {
        int flags = locks.lockIrqSave(root + RootLayout.CHAR_DEVICES_LOCK);
        long entry = find(memory, name);
        if (entry != 0) {
            ListHead.delete(memory, entry + NODE);
        }
        locks.unlockIrqRestore(root + RootLayout.CHAR_DEVICES_LOCK, flags);
        kmalloc.kfree(entry);
    }

    /** Removes the devices that a module still has. Returns a description of each. */
    public List<String> takeFrom(TextTable text, int module) {
        List<String> taken = new ArrayList<>();
        for (long entry : ListHead.nodes(memory, root + RootLayout.CHAR_DEVICES, MAX_DEVICES)) {
            if (TextTable.moduleOf(operations(entry)) == module) {
                String name = StringTable.read(memory, memory.loadAddress(entry + NAME));
                taken.add("device /dev/" + name + ", with " + text.name(operations(entry)));
                unregister(name);
            }
        }
        return taken;
    }

    /** Returns the entry with a name, or 0. */
    long find(ReadableMemory view, String name) {
        for (long entry : ListHead.nodes(view, root + RootLayout.CHAR_DEVICES, MAX_DEVICES)) {
            if (StringTable.read(view, view.loadAddress(entry + NAME)).equals(name)) {
                return entry;
            }
        }
        return 0;
    }

    long operations(long entry) {
        return memory.loadAddress(entry + OPERATIONS);
    }

    long data(long entry) {
        return memory.loadAddress(entry + DATA);
    }

    /** Lists the names in {@code /dev}, sorted. */
    public List<String> names(ReadableMemory view) {
        List<String> names = new ArrayList<>();
        for (long entry : ListHead.nodes(view, root + RootLayout.CHAR_DEVICES, MAX_DEVICES)) {
            names.add(StringTable.read(view, view.loadAddress(entry + NAME)));
        }
        names.sort(null);
        return names;
    }
}
