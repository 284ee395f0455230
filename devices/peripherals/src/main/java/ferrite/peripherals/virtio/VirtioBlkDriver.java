package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtblkReqLayout.DATA_SG;
import static ferrite.peripherals.virtio.VirtblkReqLayout.ENTRIES;
import static ferrite.peripherals.virtio.VirtblkReqLayout.PAGES;
import static ferrite.peripherals.virtio.VirtblkReqLayout.POOLED;
import static ferrite.peripherals.virtio.VirtioBlkLayout.CACHE;
import static ferrite.peripherals.virtio.VirtioBlkLayout.CAPACITY;
import static ferrite.peripherals.virtio.VirtioBlkLayout.MAX_ENTRIES;
import static ferrite.peripherals.virtio.VirtioBlkLayout.NAME;
import static ferrite.peripherals.virtio.VirtioBlkLayout.PAGES_POOL;
import static ferrite.peripherals.virtio.VirtioBlkLayout.READ_ONLY;
import static ferrite.peripherals.virtio.VirtioBlkLayout.REQUESTS;
import static ferrite.peripherals.virtio.VirtioBlkLayout.SECTORS;
import static ferrite.peripherals.virtio.VirtioBlkLayout.STATS;
import static ferrite.peripherals.virtio.VirtioBlkLayout.VDEV;
import static ferrite.peripherals.virtio.VirtioBlkLayout.VQ;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.base.Word;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.SeqFileLayout;
import ferrite.kernel.fs.SeqShow;

/**
 * {@code virtio-blk}: /dev/vda, /dev/vdb, … with scatter/gather. A read has pages of any zone. A write goes on without
 * free memory: its request, and one page, come from pools; the write is then short.
 */
final class VirtioBlkDriver implements VirtioDriver, FileOperations {

    private static final int BLOCK = 2;
    private static final int QUEUE = 0;
    private static final int SECTOR = 512;
    private static final int PAGE = AddressSpace.PAGE_SIZE;
    private static final int MAX_DISKS = 26;
    /** The elements of each pool: so many writes go on at once without free memory. */
    private static final int RESERVE = 4;
    private static final int OTHER_SEGMENTS = 2;

    private KernelCalls kernel;
    private KernelMemory memory;
    private VirtioBusDriver bus;
    private VirtblkRequestDriver requests;
    private long operations;
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

    @Override
    public void link(KernelCalls theKernel, VirtioBusDriver theBus, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        bus = theBus;
        requests = new VirtblkRequestDriver(theKernel, theBus);
        operations = text.add("virtblk_operations", this);
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
        VQ.set(memory, blk, bus.vq(vdev, QUEUE));
        if (VirtqueueLayout.NUM.get(memory, VQ.get(memory, blk)) <= OTHER_SEGMENTS) {
            return -Errno.EINVAL;                      // no request would ever fit into the queue
        }
        CAPACITY.set(memory, blk, (long) bus.virtioCread32(vdev, VirtioBlockRegisters.CAPACITY + 4) << 32
                | bus.virtioCread32(vdev, VirtioBlockRegisters.CAPACITY) & 0xffff_ffffL);
        READ_ONLY.set(memory, blk, bus.virtioHasFeature(vdev, VirtioBlockRegisters.F_RO) ? 1 : 0);
        MAX_ENTRIES.set(memory, blk, maxEntries(vdev, blk));
        kernel.spinLockInit(VirtioBlkLayout.LOCK.at(blk));
        kernel.initWaitqueueHead(VirtioBlkLayout.WAIT.at(blk));
        kernel.mutexInit(VirtioBlkLayout.ONE_RESET.at(blk));
        kernel.initRwsem(SECTORS.at(blk));
        return makePools(blk);
    }

    private int maxEntries(long vdev, long blk) {
        int descriptors = VirtqueueLayout.NUM.get(memory, VQ.get(memory, blk)) - OTHER_SEGMENTS;
        int limit = bus.virtioHasFeature(vdev, VirtioBlockRegisters.F_SEG_MAX)
                ? bus.virtioCread32(vdev, VirtioBlockRegisters.SEG_MAX) : 1;
        return Math.max(1, Math.min(Math.min(limit, descriptors), VirtblkReqLayout.MAX_PAGES));
    }

    private int makePools(long blk) {
        CACHE.set(memory, blk,
                kernel.kmemCacheCreate("virtblk_req", VirtblkReqLayout.SIZE, VirtblkReqLayout.LINE, 0, 0));
        if (CACHE.get(memory, blk) != 0) {
            REQUESTS.set(memory, blk, kernel.mempoolCreateSlabPool(RESERVE, CACHE.get(memory, blk)));
            PAGES_POOL.set(memory, blk, kernel.mempoolCreatePagePool(RESERVE, 0));
        }
        int result = REQUESTS.get(memory, blk) == 0 || PAGES_POOL.get(memory, blk) == 0 ? -Errno.ENOMEM : addFile(blk);
        if (result < 0) {
            kernel.mempoolDestroy(PAGES_POOL.get(memory, blk));
            kernel.mempoolDestroy(REQUESTS.get(memory, blk));
            kernel.kmemCacheDestroy(CACHE.get(memory, blk));
        }
        return result;
    }

    /** Makes the device's file under the first free name. */
    private int addFile(long blk) {
        int result = -Errno.EEXIST;
        for (int i = 0; i < MAX_DISKS && result == -Errno.EEXIST; i++) {
            NAME.set(memory, blk, "vd" + (char) ('a' + i));
            result = kernel.cdevAdd(NAME.get(memory, blk), operations, blk);
        }
        if (result < 0) {
            return result;
        }
        String name = NAME.get(memory, blk);
        if (kernel.procCreateSingleData(name + "_stat", 0, statistics, blk) == 0) {
            kernel.cdevDel(name);
            return -Errno.ENOMEM;
        }
        kernel.prInfo(name + ": " + CAPACITY.get(memory, blk) + " sectors of " + SECTOR + " bytes"
                + (READ_ONLY.get(memory, blk) != 0 ? ", read-only" : ""));
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

    // ---- an open file ----

    @Override
    public long size(long file) {
        return CAPACITY.get(memory, FileLayout.DATA.get(memory, file)) * SECTOR;
    }

    /** Returns how many of so many bytes lie on the disk, and fit into a request. */
    private int clip(long blk, int count, long position) {
        long left = CAPACITY.get(memory, blk) * SECTOR - position;
        long room = (long) MAX_ENTRIES.get(memory, blk) * PAGE - position % SECTOR;
        return (int) Math.max(0, Math.min(Math.min(count, left), room));
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long blk = FileLayout.DATA.get(memory, file);
        int wanted = clip(blk, count, position);
        if (wanted <= 0) {
            return 0;
        }
        long req = kernel.kmemCacheZalloc(CACHE.get(memory, blk), Gfp.GFP_KERNEL);
        if (req == 0) {
            return -Errno.ENOMEM;
        }
        int skip = (int) (position % SECTOR);
        int bytes = makePages(blk, req, skip + wanted, 0);
        int result = -Errno.ENOMEM;
        if (bytes > 0) {
            kernel.downRead(SECTORS.at(blk));
            result = requests.execute(blk, req, VirtioBlockRegisters.T_IN, position / SECTOR, bytes);
            kernel.upRead(SECTORS.at(blk));
        }
        if (result == 0) {
            int read = Math.min(wanted, bytes - skip);
            result = carry(req, to, skip, read, false) ? read : -Errno.EFAULT;
            requests.count(blk, VirtblkStatsLayout.READS, 1);
            requests.count(blk, VirtblkStatsLayout.READ_SECTORS, bytes / SECTOR);
        }
        freePages(blk, req);
        kernel.kmemCacheFree(CACHE.get(memory, blk), req);
        return result;
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long blk = FileLayout.DATA.get(memory, file);
        if (READ_ONLY.get(memory, blk) != 0) {
            return -Errno.EROFS;
        }
        int wanted = clip(blk, count, position);
        if (wanted <= 0) {
            return count == 0 ? 0 : -Errno.ENOSPC;
        }
        long req = newPooled(blk);
        int skip = (int) (position % SECTOR);
        int bytes = makePages(blk, req, skip + wanted, kernel.mempoolAlloc(PAGES_POOL.get(memory, blk), Gfp.GFP_NOIO));
        int written = Math.min(wanted, bytes - skip);
        int result = writeSectors(blk, req, from, written, position);
        if (result >= 0) {
            FileLayout.PRIVATE_2.set(memory, file, 1);
            requests.count(blk, VirtblkStatsLayout.WRITES, 1);
            requests.count(blk, VirtblkStatsLayout.WRITTEN_SECTORS, bytes / SECTOR);
        }
        freePages(blk, req);
        kernel.mempoolFree(req, REQUESTS.get(memory, blk));
        return result;
    }

    /** A request of the pool: the wait for it ends, because each request ends. */
    private long newPooled(long blk) {
        long req = kernel.mempoolAlloc(REQUESTS.get(memory, blk), Gfp.GFP_NOIO);
        memory.fill(req, 0, VirtblkReqLayout.SIZE);
        POOLED.set(memory, req, 1);
        return req;
    }

    /** Writes bytes. Parts of sectors are put into the old sectors, which no other task uses meanwhile. */
    private int writeSectors(long blk, long req, long from, int wanted, long position) {
        int skip = (int) (position % SECTOR);
        int bytes = (skip + wanted + SECTOR - 1) / SECTOR * SECTOR;
        boolean partial = skip != 0 || wanted % SECTOR != 0;
        if (partial) {
            kernel.downWrite(SECTORS.at(blk));
        } else {
            kernel.downRead(SECTORS.at(blk));
        }
        int result = partial ? requests.execute(blk, req, VirtioBlockRegisters.T_IN, position / SECTOR, bytes) : 0;
        if (result == 0) {
            result = carry(req, from, skip, wanted, true)
                    ? requests.execute(blk, req, VirtioBlockRegisters.T_OUT, position / SECTOR, bytes) : -Errno.EFAULT;
        }
        if (partial) {
            kernel.upWrite(SECTORS.at(blk));
        } else {
            kernel.upRead(SECTORS.at(blk));
        }
        return result < 0 ? result : wanted;
    }

    /** Written data has reached the medium when a file that wrote is closed. */
    @Override
    public int flush(long file) {
        long blk = FileLayout.DATA.get(memory, file);
        if (FileLayout.PRIVATE_2.get(memory, file) == 0
                || !bus.virtioHasFeature(VDEV.get(memory, blk), VirtioBlockRegisters.F_FLUSH)) {
            return 0;
        }
        long req = newPooled(blk);
        int result = requests.execute(blk, req, VirtioBlockRegisters.T_FLUSH, 0, 0);
        requests.count(blk, VirtblkStatsLayout.FLUSHES, 1);
        kernel.mempoolFree(req, REQUESTS.get(memory, blk));
        return result;
    }

    // ---- the pages of a request ----

    /**
     * Gives a request its pages, and describes them in its scatterlist. Without memory there are fewer.
     *
     * @param first the first page, of the pool; 0 for one that is allocated here
     * @return the bytes of whole sectors that the pages have room for, at most for {@code wanted}; 0 without a page
     */
    private int makePages(long blk, long req, int wanted, long first) {
        int sectors = (wanted + SECTOR - 1) / SECTOR * SECTOR;
        int most = (sectors + PAGE - 1) / PAGE;
        int flags = Gfp.GFP_HIGHUSER | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN;
        int count = 0;
        for (long page = first != 0 ? first : kernel.allocPage(flags); page != 0 && count < most; ) {
            PAGES.set(memory, req, count, page);
            count++;
            page = count < most ? kernel.allocPage(flags) : 0;
        }
        ENTRIES.set(memory, req, count);
        int bytes = Math.min(sectors, count * PAGE);
        if (count > 0) {
            kernel.sgInitTable(DATA_SG.at(req), count);
        }
        int left = bytes;
        long sg = DATA_SG.at(req);
        for (int i = 0; i < count; i++) {
            kernel.sgSetPage(sg, PAGES.get(memory, req, i), Math.min(PAGE, left), 0);
            left -= PAGE;
            sg = kernel.sgNext(sg);
        }
        return bytes;
    }

    private void freePages(long blk, long req) {
        for (int i = 0; i < ENTRIES.get(memory, req); i++) {
            if (i == 0 && POOLED.get(memory, req) != 0) {
                kernel.mempoolFree(PAGES.get(memory, req, i), PAGES_POOL.get(memory, blk));
            } else {
                kernel.__freePage(PAGES.get(memory, req, i));
            }
        }
    }

    /** Copies between a program and the pages. Returns false if the program does not have this memory. */
    private boolean carry(long req, long user, int skip, int bytes, boolean in) {
        int left = 0;
        for (int done = 0; done < bytes && left == 0; ) {
            int offset = (skip + done) % PAGE;
            int piece = Math.min(PAGE - offset, bytes - done);
            long page = PAGES.get(memory, req, (skip + done) / PAGE);
            long va = kernel.kmap(page);
            left = in ? kernel.copyFromUser(va + offset, user + done, piece)
                    : kernel.copyToUser(user + done, va + offset, piece);
            kernel.kunmap(page);
            done += piece;
        }
        return left == 0;
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
