package ferrite.kernel.fs;

import static ferrite.kernel.fs.CdevLayout.ALLOCATED;
import static ferrite.kernel.fs.CdevLayout.COUNT;
import static ferrite.kernel.fs.CdevLayout.DEV;
import static ferrite.kernel.fs.CdevLayout.LIST;
import static ferrite.kernel.fs.CdevLayout.OPS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.TaskSystem;
import java.util.ArrayList;
import java.util.List;

/**
 * Character devices (LDD3 pages 55-57): the operations behind each device number, a list of cdevs in RAM. The file
 * {@code /dev/NAME} is the device of a class ({@link ClassDevices}) with that name and a number. Block devices have
 * numbers, and a list of cdevs, of their own; {@link BlockDevices} serves their files.
 */
public final class CharDevices {

    private static final int MAX_DEVICES = 1024;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final Kmalloc kmalloc;
    private final ClassDevices classes;
    private final ChrdevRegions regions;
    private final MiscDevices misc;
    private final long root;
    /** Serves the files of block devices. Set once, when the kernel is put together. */
    private BlockDevices blockDevices;

    CharDevices(KernelBase base, TaskSystem tasks, Kmalloc kmalloc, TextTable.Module module) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.kmalloc = kmalloc;
        this.root = base.root();
        this.classes = new ClassDevices(base, tasks, kmalloc, module);
        this.regions = new ChrdevRegions(base, kmalloc, this);
        this.misc = new MiscDevices(base, classes);
    }

    void init() {
        ListHead.init(memory, RootLayout.CHAR_DEVICES.at(root));
        ListHead.init(memory, RootLayout.BLOCK_CDEVS.at(root));
        classes.init();
        regions.init();
        misc.init();
        regions.register(Kdev.MKDEV(MiscDevices.MISC_MAJOR, 0), MiscDevices.MINORS, "misc");
    }

    /** Sets the part of the kernel that serves the files of block devices. */
    public void serveBlockDevices(BlockDevices served) {
        blockDevices = served;
    }

    BlockDevices blockDevices() {
        return blockDevices;
    }

    /** Classes and their devices. */
    public ClassDevices classes() {
        return classes;
    }

    /** Device numbers. */
    public ChrdevRegions regions() {
        return regions;
    }

    /** The devices of major number 10. */
    public MiscDevices misc() {
        return misc;
    }

    // ---- cdevs ----

    /** {@code cdev_alloc}: allocates a cdev, which {@code cdev_del} frees. May sleep. Returns 0 without memory. */
    public long alloc() {
        long cdev = kmalloc.kzalloc(CdevLayout.SIZE, Gfp.GFP_KERNEL);
        if (cdev != 0) {
            ListHead.init(memory, LIST.at(cdev));
            ALLOCATED.set(memory, cdev, 1);
        }
        return cdev;
    }

    /** {@code cdev_init}. Any context. */
    public void init(long cdev, long operations) {
        memory.fill(cdev, 0, CdevLayout.SIZE);
        ListHead.init(memory, LIST.at(cdev));
        OPS.set(memory, cdev, operations);
    }

    /**
     * {@code cdev_add}: makes the device live: its files may be opened before this returns.
     *
     * @return 0, or {@code -EINVAL} if the numbers are none
     */
    public int add(long cdev, int dev, int count) {
        if (Kdev.MAJOR(dev) == 0 || count <= 0) {
            return -Errno.EINVAL;
        }
        addTo(RootLayout.CHAR_DEVICES.at(root), cdev, dev, count);
        return 0;
    }

    /** Makes the numbers of a block device live. {@link #delete} ends that. */
    public void addBlock(long cdev, int dev, int count) {
        addTo(RootLayout.BLOCK_CDEVS.at(root), cdev, dev, count);
    }

    private void addTo(long list, long cdev, int dev, int count) {
        DEV.set(memory, cdev, dev);
        COUNT.set(memory, cdev, count);
        int flags = locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(root));
        ListHead.add(memory, LIST.at(cdev), list);
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(root), flags);
    }

    /** {@code cdev_del}. Open files stay open. Does nothing else for a cdev that was not added. */
    public void delete(long cdev) {
        int flags = locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(root));
        ListHead.delete(memory, LIST.at(cdev));
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(root), flags);
        if (ALLOCATED.get(memory, cdev) != 0) {
            kmalloc.kfree(cdev);
        }
    }

    // ---- files ----

    /**
     * The target of a file of {@code /dev}; the operations are 0 if no driver serves the number.
     *
     * @param owner a callback of the driver
     */
    record Found(long operations, long owner, long data, int dev) {

        static Found of(long operations, long data, int dev) {
            return new Found(operations, operations, data, dev);
        }
    }

    /** Looks up a file of {@code /dev}; null if there is none. Its device may be gone when this returns. */
    Found lookUp(String name) {
        int flags = locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(root));
        ClassDevices.Node node = classes.node(name);
        Found found = node == null ? null : node.isBlock() ? findBlock(node.dev()) : find(node.dev());
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(root), flags);
        return found;
    }

    private Found find(int dev) {
        if (Kdev.MAJOR(dev) == MiscDevices.MISC_MAJOR) {
            return misc.foundAt(dev);
        }
        long best = best(RootLayout.CHAR_DEVICES.at(root), dev);
        return best == 0 ? Found.of(0, 0, dev) : Found.of(OPS.get(memory, best), best, dev);
    }

    private Found findBlock(int dev) {
        long best = best(RootLayout.BLOCK_CDEVS.at(root), dev);
        return best == 0 ? Found.of(0, 0, dev)
                : new Found(blockDevices.operations(), OPS.get(memory, best), best, dev);
    }

    private long best(long list, int dev) {
        long best = 0;
        for (long cdev : ListHead.nodes(memory, list, MAX_DEVICES)) {
            boolean serves = Integer.compareUnsigned(dev - DEV.get(memory, cdev), COUNT.get(memory, cdev)) < 0;
            if (serves && (best == 0 || COUNT.get(memory, cdev) < COUNT.get(memory, best))) {
                best = cdev;
            }
        }
        return best;
    }

    // ---- a device in one step ----

    /**
     * Makes {@code /dev/NAME} in one step: a misc device in the kernel's memory. May sleep.
     *
     * @param operations text address of {@link FileOperations}
     * @param data       copied to {@link FileLayout#DATA} of every file that is opened
     * @return 0 or a negative {@link Errno}
     */
    public int register(String name, long operations, long data) {
        if (name.length() >= MiscDeviceLayout.NAME_BYTES) {
            return -Errno.EINVAL;
        }
        long device = kmalloc.kzalloc(MiscDeviceLayout.SIZE, Gfp.GFP_KERNEL);
        if (device == 0) {
            return -Errno.ENOMEM;
        }
        MiscDeviceLayout.NAME.set(memory, device, name);
        MiscDeviceLayout.MINOR.set(memory, device, MiscDeviceLayout.MISC_DYNAMIC_MINOR);
        MiscDeviceLayout.FOPS.set(memory, device, operations);
        int result = misc.register(device, data);
        if (result < 0) {
            kmalloc.kfree(device);
        }
        return result;
    }

    /** Removes a device of {@link #register}. Open files stay open. */
    public void unregister(String name) {
        long device = misc.deregister(name);
        kmalloc.kfree(device);
    }

    /** Lists the names in {@code /dev}, sorted. Any context. */
    public List<String> names() {
        return names(nodes());
    }

    /** Lists the names in {@code /dev}, sorted, in a view that stands still. */
    public List<String> names(ReadableMemory view) {
        return names(classes.nodes(view));
    }

    private static List<String> names(List<ClassDevices.Node> nodes) {
        List<String> names = new ArrayList<>();
        nodes.forEach(node -> names.add(node.name()));
        return names;
    }

    /** Lists the files of {@code /dev}, sorted by name. Any context. */
    public List<ClassDevices.Node> nodes() {
        int flags = locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(root));
        List<ClassDevices.Node> nodes = classes.nodes(memory);
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(root), flags);
        return nodes;
    }
}
