package ferrite.kernel.block;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.CharDevices;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.ShrinkerLayout;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
import java.util.function.BooleanSupplier;

/** Finds the record of the block layer, which the first disk or queue makes, and its locks. */
@Plumbing
final class BlockState {

    /** The elements of each pool: so many writes go on at once without free memory. */
    private static final int RESERVE = 4;

    private final KernelBase base;
    private final KernelMemory memory;
    private final TaskSystem tasks;
    private final MemoryManager mm;
    private final CharDevices devices;
    private final SpinLock locks;
    private final long root;
    /** The text addresses of the shrinker's functions. */
    private long countObjects;
    private long scanObjects;
    /** The text addresses of the functions that fill and empty the reserve of pages. */
    private long allocPage;
    private long freePage;

    BlockState(KernelBase base, TaskSystem tasks, MemoryManager mm, CharDevices devices) {
        this.base = base;
        this.memory = base.memory();
        this.tasks = tasks;
        this.mm = mm;
        this.devices = devices;
        this.locks = base.locks();
        this.root = base.root();
    }

    void shrinkBy(long count, long scan) {
        countObjects = count;
        scanObjects = scan;
    }

    void reserveBy(long alloc, long free) {
        allocPage = alloc;
        freePage = free;
    }

    KernelBase base() {
        return base;
    }

    TaskSystem tasks() {
        return tasks;
    }

    MemoryManager mm() {
        return mm;
    }

    CharDevices devices() {
        return devices;
    }

    SpinLock locks() {
        return locks;
    }

    /** Returns the record; 0 while no driver has made a disk or a queue. */
    long find(ReadableMemory view) {
        return RootLayout.BLOCK.get(view, root);
    }

    /** Returns the record. There is a disk or a queue. */
    long get() {
        return find(memory);
    }

    /** Makes the record, unless it exists. May sleep. Returns whether it exists. */
    boolean make() {
        if (find(memory) != 0) {
            return true;
        }
        long block = mm.kmalloc().kzalloc(BlockLayout.SIZE, Gfp.GFP_KERNEL);
        if (block == 0 || !fill(block)) {
            dissolve(block);
            return false;
        }
        int flags = locks.lockIrqSave(RootLayout.BLOCK_LOCK.at(root));
        boolean first = find(memory) == 0;
        if (first) {
            RootLayout.BLOCK.set(memory, root, block);
        }
        locks.unlockIrqRestore(RootLayout.BLOCK_LOCK.at(root), flags);
        if (first) {
            ShrinkerLayout.COUNT_OBJECTS.set(memory, BlockLayout.SHRINKER.at(block), countObjects);
            ShrinkerLayout.SCAN_OBJECTS.set(memory, BlockLayout.SHRINKER.at(block), scanObjects);
            mm.shrinkers().register(BlockLayout.SHRINKER.at(block));
        } else {
            dissolve(block);
        }
        return true;
    }

    private boolean fill(long block) {
        ListHead.init(memory, BlockLayout.DISKS.at(block));
        ListHead.init(memory, BlockLayout.MAJORS.at(block));
        ListHead.init(memory, BlockLayout.LRU.at(block));
        long requests = mm.caches().create("blkdev_requests", RequestLayout.SIZE, 0, 0, 0, 0);
        long bios = requests == 0 ? 0 : mm.caches().create("bio", BioLayout.SIZE, 0, 0, 0, 0);
        long reserve = bios == 0 ? 0 : mm.caches().create("bio_reserve", BioLayout.SIZE, 0, 0, 0, 0);
        long buffers = reserve == 0 ? 0 : mm.caches().create("buffer_head", BufferHeadLayout.SIZE, 0, 0, 0, 0);
        BlockLayout.REQUEST_CACHE.set(memory, block, requests);
        BlockLayout.BIO_CACHE.set(memory, block, bios);
        BlockLayout.BIO_RESERVE.set(memory, block, reserve);
        BlockLayout.BUFFER_CACHE.set(memory, block, buffers);
        if (buffers == 0) {
            return false;
        }
        BlockLayout.REQUEST_POOL.set(memory, block, pool(mm.mempools().mempoolCreateSlabPool(RESERVE, requests)));
        BlockLayout.BIO_POOL.set(memory, block, pool(mm.mempools().mempoolCreateSlabPool(RESERVE, reserve)));
        BlockLayout.PAGE_POOL.set(memory, block, pool(mm.mempools().mempoolCreate(RESERVE, allocPage, freePage, 0)));
        BlockLayout.HASH.set(memory, block, mm.pages().getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, 0));
        BlockLayout.BLOCK_CLASS.set(memory, block, devices.classes().createClass("block"));
        return BlockLayout.REQUEST_POOL.get(memory, block) != 0 && BlockLayout.BIO_POOL.get(memory, block) != 0
                && BlockLayout.PAGE_POOL.get(memory, block) != 0 && BlockLayout.HASH.get(memory, block) != 0
                && BlockLayout.BLOCK_CLASS.get(memory, block) != 0;
    }

    /** A pool is the kernel's, although a driver has it made. */
    private long pool(long pool) {
        base.tracker().gaveBack(Kind.POOL, pool);
        return pool;
    }

    private void dissolve(long block) {
        if (block == 0) {
            return;
        }
        devices.classes().destroyClass(BlockLayout.BLOCK_CLASS.get(memory, block));
        if (BlockLayout.HASH.get(memory, block) != 0) {
            mm.pages().freePagesAt(BlockLayout.HASH.get(memory, block), 0);
        }
        mm.mempools().mempoolDestroy(BlockLayout.PAGE_POOL.get(memory, block));
        mm.mempools().mempoolDestroy(BlockLayout.BIO_POOL.get(memory, block));
        mm.mempools().mempoolDestroy(BlockLayout.REQUEST_POOL.get(memory, block));
        mm.caches().destroy(BlockLayout.BUFFER_CACHE.get(memory, block));
        mm.caches().destroy(BlockLayout.BIO_RESERVE.get(memory, block));
        mm.caches().destroy(BlockLayout.BIO_CACHE.get(memory, block));
        mm.caches().destroy(BlockLayout.REQUEST_CACHE.get(memory, block));
        mm.kmalloc().kfree(block);
    }

    // ---- locks ----

    int lock() {
        return locks.lockIrqSave(BlockLayout.LOCK.at(get()));
    }

    void unlock(int flags) {
        locks.unlockIrqRestore(BlockLayout.LOCK.at(get()), flags);
    }

    int lockBuffers() {
        return locks.lockIrqSave(BlockLayout.BUFFER_LOCK.at(get()));
    }

    void unlockBuffers(int flags) {
        locks.unlockIrqRestore(BlockLayout.BUFFER_LOCK.at(get()), flags);
    }

    // ---- users of a disk ----

    /** Begins to use a disk's driver. Any context. Returns false if the disk is not there any more. */
    boolean enter(long disk) {
        GendiskLayout.USERS.amoAdd(memory, disk, 1);
        if ((GendiskLayout.STATE.get(memory, disk) & GendiskLayout.ADDED) != 0) {
            return true;
        }
        leave(disk);
        return false;
    }

    /** Ends {@link #enter}. Any context. */
    void leave(long disk) {
        GendiskLayout.USERS.amoAdd(memory, disk, -1);
    }

    /** Sleeps until a condition holds, which ends of bios and buffers make true. */
    void await(long disk, BooleanSupplier condition) {
        tasks.sleep().waitEvent("wait_on_buffer", GendiskLayout.WAIT.at(disk), condition,
                TaskLayout.UNINTERRUPTIBLE, Sleep.FOREVER);
    }

    void wake(long disk) {
        tasks.waitQueues().wakeUpAll(GendiskLayout.WAIT.at(disk));
    }

    /** The time in ticks. */
    long now() {
        return base.cpu().time();
    }
}
