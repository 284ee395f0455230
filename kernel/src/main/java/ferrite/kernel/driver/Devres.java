package ferrite.kernel.driver;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Managed resources (devres): each belongs to a device, and is released when the device loses its driver, after a
 * failed probe or after {@code remove}, the newest first. RAM holds a list of them for each device.
 */
@Plumbing
final class Devres {

    private static final int MAX_RESOURCES = 1 << 20;

    /** Releases a resource, by its noted arguments. Task context; may sleep. */
    @FunctionalInterface
    interface Release {

        void release(long dev, long[] data);
    }

    private final KernelMemory memory;
    private final Kmalloc kmalloc;
    private final SpinLock locks;
    private final TextTable text;
    private final DeviceRecords devices;

    Devres(KernelBase base, Kmalloc kmalloc, DeviceRecords devices) {
        this.memory = base.memory();
        this.kmalloc = kmalloc;
        this.locks = base.locks();
        this.text = base.text();
        this.devices = devices;
    }

    /**
     * Allocates a record, before the resource is taken. May sleep if the flags allow it.
     *
     * @param release text address of a {@link Release}
     * @return the record, or 0
     */
    long alloc(long release, int gfp) {
        long record = kmalloc.kzalloc(DevresLayout.SIZE, gfp);
        if (record != 0) {
            DevresLayout.RELEASE.set(memory, record, release);
        }
        return record;
    }

    /** Frees the record of a resource that could not be taken. Any context. */
    void free(long record) {
        kmalloc.kfree(record);
    }

    /** Adds a resource to those of a device. Any context. */
    void add(long device, long record, long... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            DevresLayout.ARGUMENTS.set(memory, record, i, arguments[i]);
        }
        int flags = lock(device);
        ListHead.addTail(memory, DevresLayout.NODE.at(record), DeviceLayout.DEVRES.at(device));
        unlock(device, flags);
    }

    /** Finds the newest resource of a kind that fits; 0 if there is none. Any context. */
    long find(long device, long release, LongPredicate fits) {
        int flags = lock(device);
        long found = findLocked(device, release, fits);
        unlock(device, flags);
        return found;
    }

    /** Takes the newest resource of a kind that fits off the list; 0 if there is none. Any context. */
    long take(long device, long release, LongPredicate fits) {
        int flags = lock(device);
        long found = findLocked(device, release, fits);
        if (found != 0) {
            ListHead.delete(memory, DevresLayout.NODE.at(found));
        }
        unlock(device, flags);
        return found;
    }

    private long findLocked(long device, long release, LongPredicate fits) {
        long found = 0;
        for (long record : records(device)) {
            if (DevresLayout.RELEASE.get(memory, record) == release && fits.test(record)) {
                found = record;
            }
        }
        return found;
    }

    private List<Long> records(long device) {
        return ListHead.nodes(memory, DeviceLayout.DEVRES.at(device), MAX_RESOURCES);
    }

    boolean isEmpty(long device) {
        return ListHead.isEmpty(memory, DeviceLayout.DEVRES.at(device));
    }

    /** Releases all resources of a device. Resources that a release adds stay. Task context; may sleep. */
    void releaseAll(long device) {
        int flags = lock(device);
        List<Long> records = records(device);
        ListHead.init(memory, DeviceLayout.DEVRES.at(device));
        unlock(device, flags);
        for (int i = records.size() - 1; i >= 0; i--) {
            try {
                release(device, records.get(i));
            } catch (KernelBug bug) {
                if (!bug.isTold()) {
                    throw bug;
                }
            }
        }
    }

    /** Releases a resource that was taken off its list. Task context; may sleep. */
    void release(long device, long record) {
        Release release = text.at(DevresLayout.RELEASE.get(memory, record), Release.class);
        long[] data = {argument(record, 0), argument(record, 1), argument(record, 2)};
        kmalloc.kfree(record);
        release.release(DeviceLayout.DMA.at(device), data);
    }

    long argument(long record, int index) {
        return DevresLayout.ARGUMENTS.get(memory, record, index);
    }

    /** Gives a resource another first argument. The caller makes sure that it is not released meanwhile. */
    void setArgument(long record, long value) {
        DevresLayout.ARGUMENTS.set(memory, record, 0, value);
    }

    private int lock(long device) {
        return locks.lockIrqSave(DeviceLayout.DEVRES_LOCK.at(device));
    }

    private void unlock(long device, int flags) {
        locks.unlockIrqRestore(DeviceLayout.DEVRES_LOCK.at(device), flags);
    }
}
