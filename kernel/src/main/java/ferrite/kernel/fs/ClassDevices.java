package ferrite.kernel.fs;

import static ferrite.kernel.fs.ClassDeviceLayout.CLASS;
import static ferrite.kernel.fs.ClassDeviceLayout.DEVT;
import static ferrite.kernel.fs.ClassDeviceLayout.DRIVER_DATA;
import static ferrite.kernel.fs.ClassDeviceLayout.MODE;
import static ferrite.kernel.fs.ClassDeviceLayout.PARENT;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.TaskSystem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Classes and their devices (LDD3 chapter 14). A device with a number is the file of {@code /dev} with its name, as
 * Linux's devtmpfs makes it.
 */
public final class ClassDevices {

    public static final int OWNER_ONLY = 0600;

    private static final int FOR_READING = 0444;
    private static final int MAX_CLASSES = 256;
    private static final int MAX_DEVICES = 1024;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final Kmalloc kmalloc;
    private final StringTable strings;
    private final DeviceAttributes attributes;
    private final long showDev;
    private final long root;

    ClassDevices(KernelBase base, TaskSystem tasks, Kmalloc kmalloc, TextTable.Module module) {
        this.attributes = new DeviceAttributes(base, kmalloc, tasks);
        this.showDev = module.add("dev_show", (ShowAttribute) this::showDev);
        this.memory = base.memory();
        this.locks = base.locks();
        this.kmalloc = kmalloc;
        this.strings = base.strings();
        this.root = base.root();
    }

    void init() {
        ListHead.init(memory, RootLayout.CLASSES.at(root));
        ListHead.init(memory, RootLayout.CLASS_DEVICES.at(root));
    }

    private int lock() {
        return locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(root));
    }

    private void unlock(int flags) {
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(root), flags);
    }

    // ---- classes ----

    /** {@code class_create}. May sleep. Returns 0 if the name is taken, or without memory. */
    public long createClass(String name) {
        long made = kmalloc.kzalloc(ClassLayout.SIZE, Gfp.GFP_KERNEL);
        if (made == 0) {
            return 0;
        }
        long interned = strings.intern(name);
        ClassLayout.NAME.set(memory, made, interned);
        ClassLayout.REFERENCES.set(memory, made, 1);
        int flags = lock();
        boolean isNew = list(memory, RootLayout.CLASSES.at(root), MAX_CLASSES).stream()
                .noneMatch(other -> ClassLayout.NAME.get(memory, other) == interned);
        if (isNew) {
            ListHead.addTail(memory, ClassLayout.LIST.at(made), RootLayout.CLASSES.at(root));
        }
        unlock(flags);
        if (!isNew) {
            kmalloc.kfree(made);
        }
        return isNew ? made : 0;
    }

    /** {@code class_destroy}: the class is freed with its last device. May sleep. */
    public void destroyClass(long destroyed) {
        if (destroyed == 0) {
            return;
        }
        int flags = lock();
        ListHead.delete(memory, ClassLayout.LIST.at(destroyed));
        unlock(flags);
        put(destroyed);
    }

    private void put(long released) {
        if (ClassLayout.REFERENCES.amoAdd(memory, released, -1) == 1) {
            kmalloc.kfree(released);
        }
    }

    // ---- devices ----

    /**
     * {@code device_create}. May sleep.
     *
     * @param dev  the device's number; 0 for none, and no file in {@code /dev}
     * @param mode the permissions of the file, with {@link FileTree#S_IFBLK} for a block device
     * @return the device, or a negative {@link Errno}: EEXIST if the class or {@code /dev} has the name already
     */
    public long create(long ofClass, long parent, int dev, long driverData, int mode, String name) {
        long device = kmalloc.kzalloc(ClassDeviceLayout.SIZE, Gfp.GFP_KERNEL);
        if (device == 0) {
            return -Errno.ENOMEM;
        }
        long interned = strings.intern(name);
        CLASS.set(memory, device, ofClass);
        PARENT.set(memory, device, parent);
        DEVT.set(memory, device, dev);
        DRIVER_DATA.set(memory, device, driverData);
        MODE.set(memory, device, mode);
        ListHead.init(memory, ClassDeviceLayout.ATTRIBUTES.at(device));
        ClassDeviceLayout.NAME.set(memory, device, interned);
        if (dev != 0 && attributes.create(device, 0, "dev", FOR_READING, showDev, 0) < 0) {
            kmalloc.kfree(device);
            return -Errno.ENOMEM;
        }
        int flags = lock();
        boolean isNew = devices(memory).stream().noneMatch(other ->
                ClassDeviceLayout.NAME.get(memory, other) == interned
                        && (CLASS.get(memory, other) == ofClass || dev != 0 && DEVT.get(memory, other) != 0));
        if (isNew) {
            ClassLayout.REFERENCES.amoAdd(memory, ofClass, 1);
            ListHead.addTail(memory, ClassDeviceLayout.LIST.at(device), RootLayout.CLASS_DEVICES.at(root));
        }
        unlock(flags);
        if (!isNew) {
            attributes.removeAll(device);
            kmalloc.kfree(device);
        }
        return isNew ? device : -Errno.EEXIST;
    }

    /** Shows the number of a device, as Linux's attribute {@code dev} does. */
    private int showDev(long device, long attribute, long page) {
        int dev = DEVT.get(memory, device);
        return emit(page, Kdev.MAJOR(dev) + ":" + Kdev.MINOR(dev) + "\n");
    }

    /** {@code sysfs_emit}: writes the text of an attribute. Returns the number of bytes, at most a page less one. */
    public int emit(long page, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, AddressSpace.PAGE_SIZE - 1);
        memory.write(page, bytes, 0, length);
        return length;
    }

    /** Attributes of devices. */
    public DeviceAttributes attributes() {
        return attributes;
    }

    /** Finds the device of a class with a number, for {@code device_destroy}; 0 if there is none. */
    public long find(long ofClass, int dev) {
        int flags = lock();
        long found = devices(memory).stream().filter(device -> CLASS.get(memory, device) == ofClass
                && DEVT.get(memory, device) == dev).findFirst().orElse(0L);
        unlock(flags);
        return found;
    }

    /** {@code device_unregister}: removes a device and its file. Open files stay open. May sleep. */
    public void destroy(long device) {
        if (device == 0) {
            return;
        }
        int flags = lock();
        ListHead.delete(memory, ClassDeviceLayout.LIST.at(device));
        unlock(flags);
        attributes.removeAll(device);
        put(CLASS.get(memory, device));
        kmalloc.kfree(device);
    }

    /** {@code dev_get_drvdata}. Any context. */
    public long driverData(long device) {
        return DRIVER_DATA.get(memory, device);
    }

    /** {@code dev_set_drvdata}. Any context. */
    public void setDriverData(long device, long data) {
        DRIVER_DATA.set(memory, device, data);
    }

    // ---- files of /dev ----

    /** Returns a file of {@code /dev}, or null. The lists are locked. */
    Node node(String name) {
        for (long device : devices(memory)) {
            if (DEVT.get(memory, device) != 0
                    && StringTable.read(memory, ClassDeviceLayout.NAME.get(memory, device)).equals(name)) {
                return new Node(name, DEVT.get(memory, device), MODE.get(memory, device));
            }
        }
        return null;
    }

    /**
     * A file of {@code /dev}.
     *
     * @param mode its permissions, with {@link FileTree#S_IFBLK} if it is a block device's
     */
    public record Node(String name, int dev, int mode) {

        boolean isBlock() {
            return (mode & FileTree.S_IFMT) == FileTree.S_IFBLK;
        }
    }

    /** Lists the files of {@code /dev}, sorted by name. The lists are locked, or the view stands still. */
    List<Node> nodes(ReadableMemory view) {
        List<Node> nodes = new ArrayList<>();
        for (long device : devices(view)) {
            if (DEVT.get(view, device) != 0) {
                nodes.add(new Node(StringTable.read(view, ClassDeviceLayout.NAME.get(view, device)),
                        DEVT.get(view, device), MODE.get(view, device)));
            }
        }
        nodes.sort(Comparator.comparing(Node::name));
        return nodes;
    }

    // ---- directories of /sys; the lists are locked ----

    List<String> classNames() {
        return list(memory, RootLayout.CLASSES.at(root), MAX_CLASSES).stream()
                .map(each -> StringTable.read(memory, ClassLayout.NAME.get(memory, each))).toList();
    }

    /** Lists the devices of a class; null if there is no such class. */
    List<String> deviceNames(String ofClass) {
        if (!classNames().contains(ofClass)) {
            return null;
        }
        return devices(memory).stream().filter(device -> className(device).equals(ofClass)).map(this::name).toList();
    }

    /** Lists the attributes of a device; null if there is no such device. */
    List<Sysfs.Node> attributeNodes(String ofClass, String name) {
        long device = device(ofClass, name);
        return device == 0 ? null : DeviceAttributes.nodes(memory, device);
    }

    /** Finds an attribute for a file that is opened; 0 if there is none. */
    long attribute(String ofClass, String name, String attribute) {
        long device = device(ofClass, name);
        return device == 0 ? 0 : attributes.get(device, attribute);
    }

    private long device(String ofClass, String name) {
        return devices(memory).stream().filter(device -> name(device).equals(name)
                && className(device).equals(ofClass)).findFirst().orElse(0L);
    }

    private String name(long device) {
        return StringTable.read(memory, ClassDeviceLayout.NAME.get(memory, device));
    }

    private String className(long device) {
        return StringTable.read(memory, ClassLayout.NAME.get(memory, CLASS.get(memory, device)));
    }

    private List<Long> devices(ReadableMemory view) {
        return list(view, RootLayout.CLASS_DEVICES.at(root), MAX_DEVICES);
    }

    /** Lists records that begin with their nodes. */
    private static List<Long> list(ReadableMemory view, long head, int limit) {
        return ListHead.nodes(view, head, limit);
    }
}
