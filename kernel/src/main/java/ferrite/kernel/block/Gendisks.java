package ferrite.kernel.block;

import static ferrite.kernel.block.GendiskLayout.CAPACITY;
import static ferrite.kernel.block.GendiskLayout.CDEV;
import static ferrite.kernel.block.GendiskLayout.FIRST_MINOR;
import static ferrite.kernel.block.GendiskLayout.FOPS;
import static ferrite.kernel.block.GendiskLayout.MAJOR;
import static ferrite.kernel.block.GendiskLayout.NAME;
import static ferrite.kernel.block.GendiskLayout.NODE;
import static ferrite.kernel.block.GendiskLayout.REFERENCES;
import static ferrite.kernel.block.GendiskLayout.STATE;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.core.Context;
import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.Kdev;
import java.util.List;
import java.util.function.ToIntFunction;

/** Disks: a list of those that drivers have added, in their order (LDD3 chapter 16, "The gendisk structure"). */
public final class Gendisks {

    private static final int MAX_DISKS = 1024;
    private static final int PERMISSIONS = 0660;

    private final BlockState state;
    private final KernelMemory memory;
    private final Context context;
    private final BufferCache buffers;

    Gendisks(BlockState state, BufferCache buffers) {
        this.state = state;
        this.memory = state.base().memory();
        this.context = state.base().context();
        this.buffers = buffers;
    }

    // ---- records ----

    /** {@code alloc_disk}: allocates a disk. May sleep. Returns 0 without memory. */
    public long alloc(int minors) {
        context.mightSleep("alloc_disk", "allocate the disk when the driver is loaded");
        if (minors <= 0) {
            throw new KernelBug("alloc_disk with " + minors + " minor numbers: a disk has at least one");
        }
        long disk = state.make() ? state.mm().kmalloc().kzalloc(GendiskLayout.SIZE, Gfp.GFP_KERNEL) : 0;
        if (disk != 0) {
            GendiskLayout.MINORS.set(memory, disk, minors);
            ListHead.init(memory, NODE.at(disk));
            ListHead.init(memory, GendiskLayout.BUFFERS.at(disk));
            state.tasks().mutexes().init(GendiskLayout.OPEN_MUTEX.at(disk));
            state.tasks().waitQueues().init(GendiskLayout.WAIT.at(disk));
            REFERENCES.set(memory, disk, 1);
        }
        return disk;
    }

    /** {@code put_disk}: ends a use of the record; the last one frees it. Task context. */
    public void put(long disk) {
        if (disk == 0 || REFERENCES.amoAdd(memory, disk, -1) != 1) {
            return;
        }
        if (isAdded(disk)) {
            throw new KernelBug("put_disk of " + NAME.get(memory, disk)
                    + ", which is added; call del_gendisk before it");
        }
        state.mm().kmalloc().kfree(disk);
    }

    boolean isAdded(long disk) {
        return (STATE.get(memory, disk) & GendiskLayout.ADDED) != 0;
    }

    // ---- the list ----

    /**
     * {@code add_disk}: makes the disk live: its files may be opened before this returns (LDD3 chapter 16, "The gendisk
     * structure"). May sleep.
     *
     * @return 0, or a negative {@link Errno}: EINVAL without number, operations or queue, EEXIST if {@code /dev} has
     *         the name
     */
    public int add(long disk) {
        context.mightSleep("add_disk", "add the disk at the end of its probe");
        int dev = Kdev.MKDEV(MAJOR.get(memory, disk), FIRST_MINOR.get(memory, disk));
        if (MAJOR.get(memory, disk) == 0 || FOPS.get(memory, disk) == 0 || isAdded(disk)
                || GendiskLayout.QUEUE.get(memory, disk) == 0) {
            return -Errno.EINVAL;
        }
        state.devices().init(CDEV.at(disk), FOPS.get(memory, disk));
        int flags = state.lock();
        ListHead.addTail(memory, NODE.at(disk), BlockLayout.DISKS.at(state.get()));
        STATE.amoOr(memory, disk, GendiskLayout.ADDED);
        state.unlock(flags);
        state.devices().addBlock(CDEV.at(disk), dev, GendiskLayout.MINORS.get(memory, disk));
        long device = state.devices().classes().create(BlockLayout.BLOCK_CLASS.get(memory, state.get()), 0, dev, disk,
                FileTree.S_IFBLK | PERMISSIONS, NAME.get(memory, disk));
        if (device < 0) {
            hide(disk);
        }
        return (int) Math.min(0, device);
    }

    /** {@code del_gendisk}: hides a disk; open files fail from now on. When it returns, nothing uses the driver. */
    public void delete(long disk) {
        context.mightSleep("del_gendisk", "delete the disk when the driver is unloaded");
        if (!isAdded(disk)) {
            return;
        }
        int dev = Kdev.MKDEV(MAJOR.get(memory, disk), FIRST_MINOR.get(memory, disk));
        state.devices().classes().destroy(state.devices().classes()
                .find(BlockLayout.BLOCK_CLASS.get(memory, state.get()), dev));
        hide(disk);
    }

    private void hide(long disk) {
        state.devices().delete(CDEV.at(disk));
        int flags = state.lock();
        STATE.amoAnd(memory, disk, ~GendiskLayout.ADDED);
        ListHead.delete(memory, NODE.at(disk));
        state.unlock(flags);
        while (GendiskLayout.USERS.get(memory, disk) != 0) {
            state.tasks().sleep().scheduleTimeout("del_gendisk", state.tasks().sleep().ticks(1));
        }
        buffers.invalidate(disk);
    }

    /** Takes a use of the disk behind a file's word. Returns 0 if it is not there any more. */
    long hold(long cdev) {
        int flags = state.lock();
        long found = 0;
        for (long disk : all(memory)) {
            found = CDEV.at(disk) == cdev ? disk : found;
        }
        if (found != 0) {
            REFERENCES.amoAdd(memory, found, 1);
        }
        state.unlock(flags);
        return found;
    }

    /** Holds all disks, each as {@link #hold} does. Task context. */
    List<Long> holdAll() {
        if (state.find(memory) == 0) {
            return List.of();
        }
        int flags = state.lock();
        List<Long> all = all(memory);
        all.forEach(disk -> REFERENCES.amoAdd(memory, disk, 1));
        state.unlock(flags);
        return all;
    }

    /** Lists the disks. The list is locked, or the view stands still. */
    List<Long> all(ReadableMemory view) {
        long block = state.find(view);
        return block == 0 ? List.of() : ListHead.nodes(view, BlockLayout.DISKS.at(block), MAX_DISKS).stream()
                .map(NODE::containerOf).toList();
    }

    /** Lists the disks, for a file of a task or for a view that stands still. */
    List<Long> listed(ReadableMemory view) {
        if (view != memory || state.find(view) == 0) {
            return all(view);
        }
        int flags = state.lock();
        List<Long> all = all(view);
        state.unlock(flags);
        return all;
    }

    // ---- a disk's properties ----

    /** {@code set_capacity}. Any context. */
    public void setCapacity(long disk, long sectors) {
        CAPACITY.set(memory, disk, sectors);
    }

    /** {@code get_capacity}: the number of sectors of 512 bytes. Any context. */
    public long capacity(long disk) {
        return CAPACITY.get(memory, disk);
    }

    /** {@code set_disk_ro}. Any context. */
    public void setReadOnly(long disk, boolean readOnly) {
        GendiskLayout.READ_ONLY.set(memory, disk, readOnly ? 1 : 0);
    }

    /**
     * {@code check_disk_change}: asks the driver whether the medium was changed, and if so forgets its bytes and has
     * the driver adapt (LDD3 page 471). May sleep. Returns whether it was changed.
     */
    public boolean checkChange(long disk) {
        context.mightSleep("check_disk_change", "call it in the open operation");
        if (call("media_changed", disk, ops -> ops.mediaChanged(disk) ? 1 : 0) == 0) {
            return false;
        }
        buffers.invalidate(disk);
        call("revalidate_disk", disk, ops -> ops.revalidateDisk(disk));
        return true;
    }

    /** Calls an operation of the driver. Task context; may sleep. */
    int call(String what, long disk, ToIntFunction<BlockDeviceOperations> operation) {
        Context.Entered entered = context.enter();
        int result = operation.applyAsInt(state.base().text().at(FOPS.get(memory, disk), BlockDeviceOperations.class));
        context.leave(() -> what + " of " + NAME.get(memory, disk), entered);
        return result;
    }
}
