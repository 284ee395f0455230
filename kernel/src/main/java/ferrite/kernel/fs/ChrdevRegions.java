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
import ferrite.kernel.base.Word;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import java.util.ArrayList;
import java.util.List;

/**
 * Regions of device numbers (LDD3 pages 45-47). A region is a range of minor numbers of one major
 * number. They are a list in RAM, in the order of the numbers.
 */
public final class ChrdevRegions {

    private static final int SIZE = 28;

    static final Struct STRUCT = Struct.of("char_device_struct", SIZE);

    private static final Embedded NODE = STRUCT.list("list", 0);
    private static final Word MAJOR = STRUCT.u32("major", 8);
    private static final Word BASE = STRUCT.u32("baseminor", 12);
    private static final Word COUNT = STRUCT.u32("minorct", 16);
    private static final Pointer NAME = STRUCT.pointer("name", 20, "char");
    /** The cdev of {@code register_chrdev}, or 0. */
    private static final Pointer CDEV = STRUCT.pointer("cdev", 24, "struct cdev");

    /** Major numbers are below this (CHRDEV_MAJOR_MAX). */
    private static final int MAX_MAJOR = 512;
    /** The major numbers that are given out, from the first one down to the second one, then those of the next line. */
    private static final int[][] DYNAMIC = {{254, 234}, {511, 384}};
    private static final int MAX_REGIONS = 4096;
    private static final int WHOLE_MAJOR = 256;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final Kmalloc kmalloc;
    private final StringTable strings;
    private final CharDevices devices;
    private final long root;

    ChrdevRegions(KernelBase base, Kmalloc kmalloc, CharDevices devices) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.kmalloc = kmalloc;
        this.strings = base.strings();
        this.devices = devices;
        this.root = base.root();
    }

    void init() {
        ListHead.init(memory, RootLayout.CHRDEVS.at(root));
    }

    private int lock() {
        return locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(root));
    }

    private void unlock(int flags) {
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(root), flags);
    }

    /**
     * {@code alloc_chrdev_region}: takes numbers of a free major number. May sleep.
     *
     * @param devVa where the first number is stored
     * @return 0 or a negative {@link Errno}
     */
    public int alloc(long devVa, int baseMinor, int count, String name) {
        int major = add(0, baseMinor, count, name, 0);
        if (major > 0) {
            memory.store32(devVa, Kdev.MKDEV(major, baseMinor));
        }
        return Math.min(major, 0);
    }

    /**
     * {@code register_chrdev_region}: takes numbers, all or none. They may go on in the next major number. May sleep.
     *
     * @return 0, or a negative {@link Errno}: EBUSY if another region has one of them
     */
    public int register(int from, int count, String name) {
        if (Kdev.MAJOR(from) == 0 || count <= 0) {
            return -Errno.EINVAL;
        }
        int dev = from;
        while (dev - from < count) {
            int piece = Math.min(from + count - dev, Kdev.MINOR_MASK + 1 - Kdev.MINOR(dev));
            int result = add(Kdev.MAJOR(dev), Kdev.MINOR(dev), piece, name, 0);
            if (result < 0) {
                unregister(from, dev - from);
                return result;
            }
            dev += piece;
        }
        return 0;
    }

    /** {@code unregister_chrdev_region}: gives numbers back, which were taken in one call. May sleep. */
    public void unregister(int from, int count) {
        int dev = from;
        while (dev - from < count) {
            int piece = Math.min(from + count - dev, Kdev.MINOR_MASK + 1 - Kdev.MINOR(dev));
            remove(Kdev.MAJOR(dev), Kdev.MINOR(dev), piece);
            dev += piece;
        }
    }

    /**
     * {@code register_chrdev}: takes minor numbers 0 to 255 of a major number, with operations for all of them. May
     * sleep.
     *
     * @param major 0 for a free one
     * @return the major number if it was chosen, or else 0; or a negative {@link Errno}
     */
    public int registerChrdev(int major, String name, long operations) {
        long cdev = devices.alloc();
        if (cdev == 0) {
            return -Errno.ENOMEM;
        }
        CdevLayout.OPS.set(memory, cdev, operations);
        int result = add(major, 0, WHOLE_MAJOR, name, cdev);
        if (result < 0) {
            kmalloc.kfree(cdev);
            return result;
        }
        devices.add(cdev, Kdev.MKDEV(result, 0), WHOLE_MAJOR);
        return major == 0 ? result : 0;
    }

    /** {@code unregister_chrdev}: gives back the numbers of {@code register_chrdev}. May sleep. */
    public void unregisterChrdev(int major) {
        long cdev = remove(major, 0, WHOLE_MAJOR);
        if (cdev != 0) {
            devices.delete(cdev);
        }
    }

    /** Takes a region. Returns its major number, or a negative errno. */
    private int add(int major, int baseMinor, int count, String name, long cdev) {
        if (major < 0 || major >= MAX_MAJOR || baseMinor < 0 || count <= 0
                || count > Kdev.MINOR_MASK + 1 - baseMinor) {
            return -Errno.EINVAL;
        }
        long region = kmalloc.kzalloc(SIZE, Gfp.GFP_KERNEL);
        if (region == 0) {
            return -Errno.ENOMEM;
        }
        BASE.set(memory, region, baseMinor);
        COUNT.set(memory, region, count);
        NAME.set(memory, region, strings.intern(name));
        CDEV.set(memory, region, cdev);
        int flags = lock();
        int chosen = major == 0 ? freeMajor() : major;
        int result = chosen == 0 ? -Errno.EBUSY : insert(region, chosen);
        unlock(flags);
        if (result < 0) {
            kmalloc.kfree(region);
        }
        return result;
    }

    private int freeMajor() {
        boolean[] taken = new boolean[MAX_MAJOR];
        for (long region : regions(memory)) {
            taken[MAJOR.get(memory, region) % MAX_MAJOR] = true;
        }
        for (int[] range : DYNAMIC) {
            for (int major = range[0]; major >= range[1]; major--) {
                if (!taken[major]) {
                    return major;
                }
            }
        }
        return 0;
    }

    /** Puts a region in its place. Returns the major number, or {@code -EBUSY}. */
    private int insert(long region, int major) {
        int first = BASE.get(memory, region);
        int end = first + COUNT.get(memory, region);
        long next = RootLayout.CHRDEVS.at(root);
        for (long other : regions(memory)) {
            int otherMajor = MAJOR.get(memory, other);
            int otherFirst = BASE.get(memory, other);
            if (otherMajor == major && otherFirst < end && first < otherFirst + COUNT.get(memory, other)) {
                return -Errno.EBUSY;
            }
            if (otherMajor > major || otherMajor == major && otherFirst >= end) {
                next = NODE.at(other);
                break;
            }
        }
        MAJOR.set(memory, region, major);
        ListHead.addTail(memory, NODE.at(region), next);
        return major;
    }

    /** Gives a region back. Returns its cdev, or 0. */
    private long remove(int major, int baseMinor, int count) {
        int flags = lock();
        long found = 0;
        for (long region : regions(memory)) {
            if (MAJOR.get(memory, region) == major && BASE.get(memory, region) == baseMinor
                    && COUNT.get(memory, region) == count) {
                found = region;
                ListHead.delete(memory, NODE.at(region));
                break;
            }
        }
        unlock(flags);
        long cdev = found == 0 ? 0 : CDEV.get(memory, found);
        kmalloc.kfree(found);
        return cdev;
    }

    private List<Long> regions(ReadableMemory view) {
        return ListHead.nodes(view, RootLayout.CHRDEVS.at(root), MAX_REGIONS).stream().map(NODE::containerOf).toList();
    }

    /** A region, for people. */
    record Region(int major, int baseMinor, int count, String name) { }

    /** Lists the regions in the order of their numbers. */
    List<Region> all(ReadableMemory view) {
        int flags = view == memory ? lock() : 0;
        List<Region> all = new ArrayList<>();
        for (long region : regions(view)) {
            all.add(new Region(MAJOR.get(view, region), BASE.get(view, region), COUNT.get(view, region),
                    StringTable.read(view, NAME.get(view, region))));
        }
        if (view == memory) {
            unlock(flags);
        }
        return all;
    }
}
