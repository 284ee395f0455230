package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtblkReqLayout.BLK;
import static ferrite.peripherals.virtio.VirtblkReqLayout.DATA_SG;
import static ferrite.peripherals.virtio.VirtblkReqLayout.ENTRIES;
import static ferrite.peripherals.virtio.VirtblkReqLayout.RQ;
import static ferrite.peripherals.virtio.VirtblkReqLayout.WORK;
import static ferrite.peripherals.virtio.VirtioBlkLayout.CACHE;
import static ferrite.peripherals.virtio.VirtioBlkLayout.DISK;
import static ferrite.peripherals.virtio.VirtioBlkLayout.FIRST_WORK;
import static ferrite.peripherals.virtio.VirtioBlkLayout.IN_FLIGHT;
import static ferrite.peripherals.virtio.VirtioBlkLayout.QUEUE;
import static ferrite.peripherals.virtio.VirtioBlkLayout.REQUESTS;
import static ferrite.peripherals.virtio.VirtioBlkLayout.STATS;
import static ferrite.peripherals.virtio.VirtioBlkLayout.VDEV;
import static ferrite.peripherals.virtio.VirtioBlkLayout.VQ;
import static ferrite.peripherals.virtio.VirtioBlkLayout.WORKS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.Word;
import ferrite.kernel.block.BioLayout;
import ferrite.kernel.block.BlockDeviceOperations;
import ferrite.kernel.block.GendiskLayout;
import ferrite.kernel.block.RequestFn;
import ferrite.kernel.block.RequestQueueLayout;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.SeqFileLayout;
import ferrite.kernel.fs.SeqShow;
import ferrite.kernel.work.WorkFlags;
import ferrite.kernel.work.WorkFunction;

/**
 * {@code virtio-blk}: the block devices /dev/vda, /dev/vdb, … Each request of the queue is served by a work item of its
 * own, so that several are in flight. Requests come from a memory pool: a write goes on without free memory.
 */
final class VirtioBlkDriver implements VirtioDriver, BlockDeviceOperations {

    private static final int BLOCK = 2;
    private static final int VIRTQUEUE = 0;
    private static final int SECTOR = 512;
    private static final int MAX_DISKS = 26;
    private static final int MINORS = 16;
    /** The elements of the pool: so many requests go on at once without free memory. */
    private static final int RESERVE = 4;
    /** The most requests in flight. */
    private static final int DEPTH = 8;
    private static final int MAX_SECTORS = 128;
    private static final int OTHER_SEGMENTS = 2;

    private KernelCalls kernel;
    private KernelMemory memory;
    private VirtioBusDriver bus;
    private VirtblkRequestDriver requests;
    private long operations;
    private long requestFunction;
    private long serve;
    private long begin;
    private long statistics;

    @Override
    public String name() {
        return "virtio-blk";
    }

    @Override
    public int id() {
        return BLOCK;
    }

    @Override
    public int features() {
        return 1 << VirtioBlockRegisters.F_SEG_MAX | 1 << VirtioBlockRegisters.F_RO
                | 1 << VirtioBlockRegisters.F_BLK_SIZE | 1 << VirtioBlockRegisters.F_FLUSH;
    }

    /** The block layer lets no open file reach the driver once its disk is deleted. */
    @Override
    public boolean isUnbindable() {
        return true;
    }

    @Override
    public void link(KernelCalls theKernel, VirtioBusDriver theBus, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        bus = theBus;
        requests = new VirtblkRequestDriver(theKernel, theBus);
        operations = text.add("virtblk_operations", (BlockDeviceOperations) this);
        requestFunction = text.add("virtblk_request", (RequestFn) this::request);
        serve = text.add("virtblk_serve", (WorkFunction) this::serve);
        begin = text.add("virtblk_begin", (WorkFunction) work -> { });
        statistics = text.add("virtblk_statistics", (SeqShow) this::showStatistics);
    }

    // ---- the device ----

    @Override
    public int probe(long vdev) {
        long dev = VirtioDeviceLayout.DEV.get(memory, vdev);
        long blk = kernel.devmKzalloc(dev, VirtioBlkLayout.SIZE, Gfp.GFP_KERNEL);
        long stats = blk == 0 ? 0 : kernel.devmAllocPercpu(dev, VirtblkStatsLayout.SIZE);
        if (stats == 0) {
            return -Errno.ENOMEM;
        }
        STATS.set(memory, blk, stats);
        VDEV.set(memory, blk, vdev);
        VirtioDeviceLayout.PRIV.set(memory, vdev, blk);
        int result = bus.virtioFindVqs(vdev, 1);
        if (result < 0) {
            return result;
        }
        VQ.set(memory, blk, bus.vq(vdev, VIRTQUEUE));
        if (VirtqueueLayout.NUM.get(memory, VQ.get(memory, blk)) <= OTHER_SEGMENTS) {
            return -Errno.EINVAL;                      // no request would ever fit into the queue
        }
        kernel.spinLockInit(VirtioBlkLayout.LOCK.at(blk));
        kernel.initWaitqueueHead(VirtioBlkLayout.WAIT.at(blk));
        kernel.mutexInit(VirtioBlkLayout.ONE_RESET.at(blk));
        bus.virtioDeviceReady(vdev);
        return makePool(blk);
    }

    private int maxEntries(long vdev, long blk) {
        int descriptors = VirtqueueLayout.NUM.get(memory, VQ.get(memory, blk)) - OTHER_SEGMENTS;
        int limit = bus.virtioHasFeature(vdev, VirtioBlockRegisters.F_SEG_MAX)
                ? bus.virtioCread32(vdev, VirtioBlockRegisters.SEG_MAX) : 1;
        return Math.max(1, Math.min(Math.min(limit, descriptors), VirtblkReqLayout.MAX_ENTRIES));
    }

    private int makePool(long blk) {
        CACHE.set(memory, blk,
                kernel.kmemCacheCreate("virtblk_req", VirtblkReqLayout.SIZE, VirtblkReqLayout.LINE, 0, 0));
        if (CACHE.get(memory, blk) != 0) {
            REQUESTS.set(memory, blk, kernel.mempoolCreateSlabPool(RESERVE, CACHE.get(memory, blk)));
        }
        if (REQUESTS.get(memory, blk) != 0) {
            WORKS.set(memory, blk, kernel.allocWorkqueue("virtblk", WorkFlags.WQ_UNBOUND | WorkFlags.WQ_MEM_RECLAIM,
                    DEPTH));
        }
        kernel.initWork(FIRST_WORK.at(blk), begin);
        int result = WORKS.get(memory, blk) == 0 ? -Errno.ENOMEM : addMajor(blk);
        if (result < 0) {
            destroyPool(blk);
        }
        return result;
    }

    private void destroyPool(long blk) {
        if (WORKS.get(memory, blk) != 0) {
            kernel.destroyWorkqueue(WORKS.get(memory, blk));
        }
        kernel.mempoolDestroy(REQUESTS.get(memory, blk));
        kernel.kmemCacheDestroy(CACHE.get(memory, blk));
    }

    /** The requests that are on their way end first. The files that are open fail with -ENODEV after this. */
    @Override
    public void remove(long vdev) {
        long blk = VirtioDeviceLayout.PRIV.get(memory, vdev);
        int major = GendiskLayout.MAJOR.get(memory, DISK.get(memory, blk));
        kernel.removeProcEntry(VirtioBlkLayout.NAME.get(memory, blk) + "_stat");
        kernel.delGendisk(DISK.get(memory, blk));
        kernel.putDisk(DISK.get(memory, blk));
        destroyPool(blk);                              // waits for the last work item, which runs the queue
        kernel.blkCleanupQueue(QUEUE.get(memory, blk));
        kernel.unregisterBlkdev(major, "virtblk");
    }

    private int addMajor(long blk) {
        int major = kernel.registerBlkdev(0, "virtblk");
        int result = major < 0 ? major : addQueue(blk, major);
        if (major >= 0 && result < 0) {
            kernel.unregisterBlkdev(major, "virtblk");
        }
        return result;
    }

    private int addQueue(long blk, int major) {
        long vdev = VDEV.get(memory, blk);
        long queue = kernel.blkInitQueue(requestFunction, 0);
        long disk = queue == 0 ? 0 : kernel.allocDisk(MINORS);
        if (disk == 0) {
            kernel.blkCleanupQueue(queue);
            return -Errno.ENOMEM;
        }
        RequestQueueLayout.QUEUEDATA.set(memory, queue, blk);
        kernel.blkQueueMaxHwSectors(queue, MAX_SECTORS);
        kernel.blkQueueMaxSegments(queue, maxEntries(vdev, blk));
        kernel.blkQueueMaxSegmentSize(queue, MAX_SECTORS * SECTOR);
        kernel.blkQueueWriteCache(queue, bus.virtioHasFeature(vdev, VirtioBlockRegisters.F_FLUSH));
        QUEUE.set(memory, blk, queue);
        DISK.set(memory, blk, disk);
        GendiskLayout.MAJOR.set(memory, disk, major);
        GendiskLayout.FOPS.set(memory, disk, operations);
        GendiskLayout.QUEUE.set(memory, disk, queue);
        GendiskLayout.PRIVATE_DATA.set(memory, disk, blk);
        kernel.setCapacity(disk, (long) bus.virtioCread32(vdev, VirtioBlockRegisters.CAPACITY + 4) << 32
                | bus.virtioCread32(vdev, VirtioBlockRegisters.CAPACITY) & 0xffff_ffffL);
        kernel.setDiskRo(disk, bus.virtioHasFeature(vdev, VirtioBlockRegisters.F_RO));
        int result = addDisk(blk, disk);
        if (result < 0) {
            kernel.putDisk(disk);
            kernel.blkCleanupQueue(queue);
        }
        return result;
    }

    /** Adds the disk under the first free name. */
    private int addDisk(long blk, long disk) {
        int result = -Errno.EEXIST;
        for (int i = 0; i < MAX_DISKS && result == -Errno.EEXIST; i++) {
            VirtioBlkLayout.NAME.set(memory, blk, "vd" + (char) ('a' + i));
            GendiskLayout.NAME.set(memory, disk, "vd" + (char) ('a' + i));
            result = kernel.addDisk(disk);
        }
        if (result < 0) {
            return result;
        }
        String name = VirtioBlkLayout.NAME.get(memory, blk);
        if (kernel.procCreateSingleData(name + "_stat", 0, statistics, blk) == 0) {
            kernel.delGendisk(disk);
            return -Errno.ENOMEM;
        }
        kernel.prInfo(name + ": " + kernel.getCapacity(disk) + " sectors of " + SECTOR + " bytes"
                + (bus.virtioHasFeature(VDEV.get(memory, blk), VirtioBlockRegisters.F_RO) ? ", read-only" : ""));
        return 0;
    }

    @Override
    public void done(long vdev, long vq) {
        requests.done(VirtioDeviceLayout.PRIV.get(memory, vdev));
    }

    @Override
    public void configChanged(long vdev) {
        if (bus.needsReset(vdev)) {
            requests.stopped(VirtioDeviceLayout.PRIV.get(memory, vdev));
        }
    }

    /** Lets a worker begin, so that it has its stack before memory is short. */
    @Override
    public int open(long disk, int mode) {
        long blk = GendiskLayout.PRIVATE_DATA.get(memory, disk);
        kernel.queueWork(WORKS.get(memory, blk), FIRST_WORK.at(blk));
        kernel.flushWork(FIRST_WORK.at(blk));
        return 0;
    }

    // ---- requests ----

    /** Gives requests to work items, up to the depth. The queue's lock is held. */
    private void request(long queue) {
        long blk = RequestQueueLayout.QUEUEDATA.get(memory, queue);
        boolean more = true;
        while (more && IN_FLIGHT.get(memory, blk) < DEPTH) {
            long req = kernel.mempoolAlloc(REQUESTS.get(memory, blk), Gfp.GFP_ATOMIC);
            long rq = req == 0 ? 0 : kernel.blkFetchRequest(queue);
            more = rq != 0;                            // without memory, the end of another one runs the queue
            if (more) {
                memory.fill(req, 0, VirtblkReqLayout.SIZE);
                RQ.set(memory, req, rq);
                BLK.set(memory, req, blk);
                IN_FLIGHT.add(memory, blk, 1);
                kernel.initWork(WORK.at(req), serve);
                kernel.queueWork(WORKS.get(memory, blk), WORK.at(req));
            } else if (req != 0) {
                kernel.mempoolFree(req, REQUESTS.get(memory, blk));
            }
        }
    }

    /** Serves a request, and sleeps until the device has answered. */
    private void serve(long work) {
        long req = WORK.containerOf(work);
        long rq = RQ.get(memory, req);
        long blk = BLK.get(memory, req);
        long queue = QUEUE.get(memory, blk);
        int bytes = kernel.blkRqBytes(rq);
        int type = switch (kernel.reqOp(rq)) {
            case BioLayout.REQ_OP_READ -> VirtioBlockRegisters.T_IN;
            case BioLayout.REQ_OP_WRITE -> VirtioBlockRegisters.T_OUT;
            default -> VirtioBlockRegisters.T_FLUSH;
        };
        ENTRIES.set(memory, req, bytes == 0 ? 0 : kernel.blkRqMapSg(queue, rq, DATA_SG.at(req)));
        int result = requests.execute(blk, req, type, kernel.blkRqPos(rq), bytes);
        count(blk, type, bytes, result);
        kernel.mempoolFree(req, REQUESTS.get(memory, blk));
        long lock = RequestQueueLayout.QUEUE_LOCK.get(memory, queue);
        int flags = kernel.spinLockIrqsave(lock);
        IN_FLIGHT.add(memory, blk, -1);
        kernel.__blkEndRequestAll(rq, result);
        kernel.spinUnlockIrqrestore(lock, flags);
        kernel.blkRunQueue(queue);
    }

    private void count(long blk, int type, int bytes, int result) {
        if (type == VirtioBlockRegisters.T_FLUSH) {
            requests.count(blk, VirtblkStatsLayout.FLUSHES, 1);
        } else if (result == 0) {
            boolean reads = type == VirtioBlockRegisters.T_IN;
            requests.count(blk, reads ? VirtblkStatsLayout.READS : VirtblkStatsLayout.WRITES, 1);
            requests.count(blk, reads ? VirtblkStatsLayout.READ_SECTORS : VirtblkStatsLayout.WRITTEN_SECTORS,
                    bytes / SECTOR);
        }
    }

    // ---- statistics ----

    private int showStatistics(long seq) {
        long stats = STATS.get(memory, SeqFileLayout.PRIVATE.get(memory, seq));
        kernel.seqPuts(seq, "hart reads sectors writes sectors flushes errors interrupts\n");
        Word[] counts = {VirtblkStatsLayout.READS, VirtblkStatsLayout.READ_SECTORS, VirtblkStatsLayout.WRITES,
                VirtblkStatsLayout.WRITTEN_SECTORS, VirtblkStatsLayout.FLUSHES, VirtblkStatsLayout.ERRORS,
                VirtblkStatsLayout.INTERRUPTS};
        int[] sums = new int[counts.length];
        for (int hart = 0; hart < kernel.numOnlineCpus(); hart++) {
            long own = kernel.perCpuPtr(stats, hart);
            StringBuilder line = new StringBuilder().append(hart);
            for (int i = 0; i < counts.length; i++) {
                int count = counts[i].get(memory, own);
                sums[i] += count;
                line.append(' ').append(count);
            }
            kernel.seqPuts(seq, line.append('\n').toString());
        }
        StringBuilder line = new StringBuilder("all");
        for (int sum : sums) {
            line.append(' ').append(sum);
        }
        kernel.seqPuts(seq, line.append('\n').toString());
        return 0;
    }
}
