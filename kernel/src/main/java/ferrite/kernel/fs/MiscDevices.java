package ferrite.kernel.fs;

import static ferrite.kernel.fs.MiscDeviceLayout.DATA;
import static ferrite.kernel.fs.MiscDeviceLayout.FOPS;
import static ferrite.kernel.fs.MiscDeviceLayout.LIST;
import static ferrite.kernel.fs.MiscDeviceLayout.MINOR;
import static ferrite.kernel.fs.MiscDeviceLayout.MODE;
import static ferrite.kernel.fs.MiscDeviceLayout.NAME;
import static ferrite.kernel.fs.MiscDeviceLayout.THIS_DEVICE;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.KernelBase;
import java.util.ArrayList;
import java.util.List;

/** Misc devices: small drivers that share major number 10. They are a list in RAM, the newest first. */
public final class MiscDevices {

    static final int MISC_MAJOR = 10;
    static final int MINORS = 256;

    /** Minor numbers that are given out are below this, the highest first, as in Linux 6.1. */
    private static final int DYNAMIC_MINORS = 128;
    private static final int MAX_DEVICES = 1024;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final ClassDevices classes;
    private final long root;

    MiscDevices(KernelBase base, ClassDevices classes) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.classes = classes;
        this.root = base.root();
    }

    void init() {
        ListHead.init(memory, RootLayout.MISC_LIST.at(root));
        RootLayout.MISC_CLASS.set(memory, root, classes.createClass("misc"));
    }

    private int lock() {
        return locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(root));
    }

    private void unlock(int flags) {
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(root), flags);
    }

    /** {@code misc_register}: files get the address of the record as their data. May sleep. */
    public int register(long misc) {
        return register(misc, misc);
    }

    /**
     * Makes a misc device. May sleep.
     *
     * @param data copied to {@link FileLayout#DATA} of every file that is opened
     * @return 0 or a negative {@link Errno}
     */
    int register(long misc, long data) {
        DATA.set(memory, misc, data);
        int flags = lock();
        int minor = MINOR.get(memory, misc);
        boolean chosen = minor == MiscDeviceLayout.MISC_DYNAMIC_MINOR;
        minor = chosen ? freeMinor() : minor;
        if (minor < 0 || minor >= MINORS || find(minor) != 0) {
            unlock(flags);
            return minor >= MINORS ? -Errno.EINVAL : -Errno.EBUSY;
        }
        MINOR.set(memory, misc, minor);
        ListHead.add(memory, LIST.at(misc), RootLayout.MISC_LIST.at(root));
        unlock(flags);
        int mode = MODE.get(memory, misc);
        long device = classes.create(RootLayout.MISC_CLASS.get(memory, root), 0, Kdev.MKDEV(MISC_MAJOR, minor), misc,
                mode == 0 ? ClassDevices.OWNER_ONLY : mode, NAME.get(memory, misc));
        THIS_DEVICE.set(memory, misc, Math.max(device, 0));
        if (device < 0) {
            flags = lock();
            ListHead.delete(memory, LIST.at(misc));
            unlock(flags);
            MINOR.set(memory, misc, chosen ? MiscDeviceLayout.MISC_DYNAMIC_MINOR : minor);
            return (int) device;
        }
        return 0;
    }

    /** Returns the highest minor number that is free, or -1. */
    private int freeMinor() {
        boolean[] taken = new boolean[MINORS];
        devices(memory).forEach(misc -> taken[MINOR.get(memory, misc) % MINORS] = true);
        int minor = DYNAMIC_MINORS - 1;
        while (minor >= 0 && taken[minor]) {
            minor--;
        }
        return minor;
    }

    /** {@code misc_deregister}. Open files stay open. May sleep. */
    public void deregister(long misc) {
        int flags = lock();
        ListHead.delete(memory, LIST.at(misc));
        unlock(flags);
        classes.destroy(THIS_DEVICE.get(memory, misc));
    }

    /** Removes the misc device with a name. Returns it, or 0 if there is none. */
    long deregister(String name) {
        int flags = lock();
        long found = devices(memory).stream().filter(misc -> NAME.get(memory, misc).equals(name)).findFirst()
                .orElse(0L);
        if (found != 0) {
            ListHead.delete(memory, LIST.at(found));
        }
        unlock(flags);
        if (found != 0) {
            classes.destroy(THIS_DEVICE.get(memory, found));
        }
        return found;
    }

    private long find(int minor) {
        for (long misc : devices(memory)) {
            if (MINOR.get(memory, misc) == minor) {
                return misc;
            }
        }
        return 0;
    }

    /** Finds the operations of a number. The list is locked. */
    CharDevices.Found foundAt(int dev) {
        long misc = find(Kdev.MINOR(dev));
        return misc == 0 ? CharDevices.Found.of(0, 0, dev)
                : CharDevices.Found.of(FOPS.get(memory, misc), DATA.get(memory, misc), dev);
    }

    private List<Long> devices(ReadableMemory view) {
        return ListHead.nodes(view, RootLayout.MISC_LIST.at(root), MAX_DEVICES).stream().map(LIST::containerOf)
                .toList();
    }

    /** A misc device, for people. */
    record Device(int minor, String name) { }

    /** Lists the devices, the newest first. */
    List<Device> all(ReadableMemory view) {
        int flags = view == memory ? lock() : 0;
        List<Device> all = new ArrayList<>();
        devices(view).forEach(misc -> all.add(new Device(MINOR.get(view, misc), NAME.get(view, misc))));
        if (view == memory) {
            unlock(flags);
        }
        return all;
    }
}
