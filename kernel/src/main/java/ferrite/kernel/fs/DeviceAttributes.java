package ferrite.kernel.fs;

import static ferrite.kernel.fs.AttributeNodeLayout.ACTIVE;
import static ferrite.kernel.fs.AttributeNodeLayout.ATTRIBUTE;
import static ferrite.kernel.fs.AttributeNodeLayout.DEVICE;
import static ferrite.kernel.fs.AttributeNodeLayout.LIST;
import static ferrite.kernel.fs.AttributeNodeLayout.MODE;
import static ferrite.kernel.fs.AttributeNodeLayout.NAME;
import static ferrite.kernel.fs.AttributeNodeLayout.REFERENCES;
import static ferrite.kernel.fs.AttributeNodeLayout.REMOVED;
import static ferrite.kernel.fs.AttributeNodeLayout.SHOW;
import static ferrite.kernel.fs.AttributeNodeLayout.STORE;
import static ferrite.kernel.fs.AttributeNodeLayout.WAIT;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
import java.util.ArrayList;
import java.util.List;

/**
 * Attributes of class devices: the files of {@code /sys/class/CLASS/DEVICE} (LDD3 pages 369-372). The lists are
 * protected by the lock of the devices. An attribute's removal waits for the calls of its callbacks; an open file of it
 * returns {@code -ENODEV} afterwards.
 */
public final class DeviceAttributes {

    private static final int MAX_ATTRIBUTES = 256;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final Kmalloc kmalloc;
    private final StringTable strings;
    private final TaskSystem tasks;
    private final long root;

    DeviceAttributes(KernelBase base, Kmalloc kmalloc, TaskSystem tasks) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.kmalloc = kmalloc;
        this.strings = base.strings();
        this.tasks = tasks;
        this.root = base.root();
    }

    private int lock() {
        return locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(root));
    }

    private void unlock(int flags) {
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(root), flags);
    }

    private static long head(long device) {
        return ClassDeviceLayout.ATTRIBUTES.at(device);
    }

    /** {@code device_create_file}. May sleep. Returns 0, {@code -EEXIST} or {@code -ENOMEM}. */
    public int create(long device, long attribute) {
        return create(device, attribute, DeviceAttributeLayout.NAME.get(memory, attribute),
                DeviceAttributeLayout.MODE.get(memory, attribute), DeviceAttributeLayout.SHOW.get(memory, attribute),
                DeviceAttributeLayout.STORE.get(memory, attribute));
    }

    /** Adds an attribute to a device. May sleep. */
    int create(long device, long attribute, String name, int mode, long show, long store) {
        long node = kmalloc.kzalloc(AttributeNodeLayout.SIZE, Gfp.GFP_KERNEL);
        if (node == 0) {
            return -Errno.ENOMEM;
        }
        DEVICE.set(memory, node, device);
        ATTRIBUTE.set(memory, node, attribute);
        NAME.set(memory, node, strings.intern(name));
        MODE.set(memory, node, mode);
        SHOW.set(memory, node, show);
        STORE.set(memory, node, store);
        REFERENCES.set(memory, node, 1);
        tasks.waitQueues().init(WAIT.at(node));
        int flags = lock();
        boolean isNew = find(device, name) == 0;
        if (isNew) {
            ListHead.addTail(memory, LIST.at(node), head(device));
        }
        unlock(flags);
        if (!isNew) {
            kmalloc.kfree(node);
        }
        return isNew ? 0 : -Errno.EEXIST;
    }

    private long find(long device, String name) {
        for (long node : ListHead.nodes(memory, head(device), MAX_ATTRIBUTES)) {
            if (StringTable.read(memory, NAME.get(memory, node)).equals(name)) {
                return node;
            }
        }
        return 0;
    }

    /** {@code device_remove_file}. May sleep. */
    public void remove(long device, long attribute) {
        int flags = lock();
        long found = find(device, DeviceAttributeLayout.NAME.get(memory, attribute));
        unlink(found);
        unlock(flags);
        drain(found);
    }

    /** Removes all attributes of a device. May sleep if one of them is in use. */
    void removeAll(long device) {
        long node = 1;
        while (node != 0) {
            int flags = lock();
            node = ListHead.isEmpty(memory, head(device)) ? 0 : ListHead.first(memory, head(device));
            unlink(node);
            unlock(flags);
            drain(node);
        }
    }

    private void unlink(long node) {
        if (node != 0) {
            REMOVED.set(memory, node, 1);
            ListHead.delete(memory, LIST.at(node));
        }
    }

    /** Waits until no callback runs, and gives up the list's reference. */
    private void drain(long node) {
        if (node == 0) {
            return;
        }
        if (ACTIVE.get(memory, node) != 0) {
            tasks.sleep().waitEvent("device_remove_file", WAIT.at(node), () -> ACTIVE.get(memory, node) == 0,
                    TaskLayout.UNINTERRUPTIBLE, Sleep.FOREVER);
        }
        put(node);
    }

    // ---- files ----

    /** Finds an attribute for a file that is opened, which gives it back with {@link #put}. The lists are locked. */
    long get(long device, String name) {
        long node = find(device, name);
        if (node != 0) {
            REFERENCES.amoAdd(memory, node, 1);
        }
        return node;
    }

    void put(long node) {
        if (REFERENCES.amoAdd(memory, node, -1) == 1) {
            kmalloc.kfree(node);
        }
    }

    /** Begins a call of a callback. Returns false if the attribute is removed. */
    boolean begin(long node) {
        int flags = lock();
        boolean lives = REMOVED.get(memory, node) == 0;
        ACTIVE.add(memory, node, lives ? 1 : 0);
        unlock(flags);
        return lives;
    }

    void end(long node) {
        int flags = lock();
        ACTIVE.add(memory, node, -1);
        unlock(flags);
        tasks.waitQueues().wakeUpAll(WAIT.at(node));   // the file's reference keeps the node
    }

    /** Lists the attributes of a device, with their permissions. The lists are locked, or the view stands still. */
    static List<Sysfs.Node> nodes(ReadableMemory view, long device) {
        List<Sysfs.Node> nodes = new ArrayList<>();
        for (long node : ListHead.nodes(view, head(device), MAX_ATTRIBUTES)) {
            nodes.add(new Sysfs.Node(StringTable.read(view, NAME.get(view, node)), false, MODE.get(view, node)));
        }
        return nodes;
    }
}
