package ferrite.book.base;

import static ferrite.book.base.DeviceFilesLayout.ADDED;
import static ferrite.book.base.DeviceFilesLayout.CLASS;
import static ferrite.book.base.DeviceFilesLayout.COUNT;
import static ferrite.book.base.DeviceFilesLayout.DEV;
import static ferrite.book.base.DeviceFilesLayout.DEVICE_IN_PAIR;
import static ferrite.book.base.DeviceFilesLayout.PAIRS;
import static ferrite.book.base.DeviceFilesLayout.PAIR_BYTES;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;

/**
 * The files of a driver in {@code /dev}: numbers (LDD3 pages 45-49), cdevs (pages 55-57), and a class with a device for
 * each file, in place of the book's script with {@code mknod}. Task context; all may sleep.
 */
public final class DeviceFiles {

    private final KernelCalls kernel;
    private final KernelMemory memory;

    public DeviceFiles(KernelCalls kernel) {
        this.kernel = kernel;
        this.memory = kernel.memory();
    }

    /**
     * Takes numbers and makes a class.
     *
     * @param files {@link DeviceFilesLayout#SIZE} zeroed bytes
     * @param name  of the class, and in {@code /proc/devices}
     * @return 0, or a negative errno after it has given everything back
     */
    public int register(long files, String name, int count) {
        long pairs = kernel.kcalloc(count, PAIR_BYTES, Gfp.GFP_KERNEL);
        int result = pairs == 0 ? -Errno.ENOMEM : kernel.allocChrdevRegion(DEV.at(files), 0, count, name);
        if (result < 0) {
            kernel.kfree(pairs);
            return result;
        }
        long cls = kernel.classCreate(name);
        if (cls == 0) {
            kernel.unregisterChrdevRegion(DEV.get(memory, files), count);
            kernel.kfree(pairs);
            return -Errno.ENOMEM;
        }
        COUNT.set(memory, files, count);
        CLASS.set(memory, files, cls);
        PAIRS.set(memory, files, pairs);
        return 0;
    }

    /**
     * Makes the next device live, and its file. Everything that its operations need is ready.
     *
     * @param cdev       a cdev, mostly a field of the device's record
     * @param operations text address of the file's operations
     * @return 0, or a negative errno
     */
    public int add(long files, long cdev, long operations, String file) {
        int minor = ADDED.get(memory, files);
        int dev = DEV.get(memory, files) + minor;
        kernel.cdevInit(cdev, operations);
        int result = kernel.cdevAdd(cdev, dev, 1);
        if (result < 0) {
            return result;
        }
        long device = kernel.deviceCreate(CLASS.get(memory, files), 0, dev, cdev, file);
        if (device == 0) {
            kernel.cdevDel(cdev);
            return -Errno.ENOMEM;
        }
        long pair = PAIRS.get(memory, files) + (long) minor * PAIR_BYTES;
        memory.storeAddress(pair, cdev);
        memory.storeAddress(pair + DEVICE_IN_PAIR, device);
        ADDED.set(memory, files, minor + 1);
        return 0;
    }

    /** Returns the device of a file that was added. */
    public long device(long files, int minor) {
        return memory.loadAddress(PAIRS.get(memory, files) + (long) minor * PAIR_BYTES + DEVICE_IN_PAIR);
    }

    /** Removes all files, the class and the numbers, if {@link #register} has succeeded. */
    public void unregister(long files) {
        long pairs = PAIRS.get(memory, files);
        if (pairs == 0) {
            return;
        }
        for (int minor = ADDED.get(memory, files) - 1; minor >= 0; minor--) {
            kernel.deviceDestroy(CLASS.get(memory, files), DEV.get(memory, files) + minor);
            kernel.cdevDel(memory.loadAddress(pairs + (long) minor * PAIR_BYTES));
        }
        kernel.classDestroy(CLASS.get(memory, files));
        kernel.unregisterChrdevRegion(DEV.get(memory, files), COUNT.get(memory, files));
        kernel.kfree(pairs);
        PAIRS.set(memory, files, 0);
    }
}
