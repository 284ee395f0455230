package ferrite.kernel.driver;

import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.block.BioLayout;
import ferrite.kernel.block.Block;
import ferrite.kernel.block.BvecBody;
import ferrite.kernel.block.GendiskLayout;
import ferrite.kernel.block.RequestLayout;
import ferrite.kernel.block.RequestQueueLayout;
import ferrite.kernel.core.KernelBase;

/** The calls for block devices. */
@Plumbing
abstract class BlockDoor extends NetDoor implements BlockCalls {

    private final Block block;
    private final Subsystems subsystems;

    BlockDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.subsystems = subsystems;
        this.block = new Block(base, subsystems.tasks(), subsystems.memory(), subsystems.userSpace().memory(),
                subsystems.files());
    }

    /** The block devices that these calls make. */
    final Block block() {
        return block;
    }

    private long disk(long disk) {
        return used(disk, GendiskLayout.SIZE);
    }

    private long queue(long queue) {
        return used(queue, RequestQueueLayout.SIZE);
    }

    private long request(long request) {
        return used(request, RequestLayout.SIZE);
    }

    private long bio(long bio) {
        return used(bio, BioLayout.SIZE);
    }

    // ---- disks ----

    @Override public int registerBlkdev(int major, String name) {
        int result = block.majors().register(major, name);
        took(Kind.BLKDEV_MAJOR, result < 0 ? 0 : major == 0 ? result : major, 0);
        return result;
    }
    @Override public void unregisterBlkdev(int major, String name) {
        block.majors().unregister(major);
        gaveBack(Kind.BLKDEV_MAJOR, major);
    }
    @Override public long allocDisk(int minors) { return took(Kind.DISK, block.disks().alloc(minors), 0); }
    @Override public void putDisk(long disk) {
        block.disks().put(disk == 0 ? 0 : disk(disk));
        gaveBack(Kind.DISK, disk);
    }
    @Override public int addDisk(long disk) { return block.disks().add(disk(disk)); }
    @Override public void delGendisk(long disk) { block.disks().delete(disk(disk)); }
    @Override public void setCapacity(long disk, long sectors) { block.disks().setCapacity(disk(disk), sectors); }
    @Override public long getCapacity(long disk) { return block.disks().capacity(disk(disk)); }
    @Override public void setDiskRo(long disk, boolean readOnly) { block.disks().setReadOnly(disk(disk), readOnly); }
    @Override public boolean checkDiskChange(long disk) { return block.disks().checkChange(disk(disk)); }

    // ---- queues ----

    @Override public long blkInitQueue(long requestFn, long lock) {
        return took(Kind.REQUEST_QUEUE, block.queues().init(requestFn, lock), 0);
    }
    @Override public long blkAllocQueue(int gfp) { return took(Kind.REQUEST_QUEUE, block.queues().alloc(), 0); }
    @Override public void blkQueueMakeRequest(long queue, long function) {
        block.queues().makeRequest(queue(queue), function);
    }
    @Override public void blkCleanupQueue(long queue) {
        block.queues().cleanup(queue == 0 ? 0 : queue(queue));
        gaveBack(Kind.REQUEST_QUEUE, queue);
    }
    @Override public void blkQueueMaxHwSectors(long queue, int sectors) {
        block.queues().setMaxSectors(queue(queue), sectors);
    }
    @Override public void blkQueueMaxSegments(long queue, int segments) {
        block.queues().setMaxSegments(queue(queue), segments);
    }
    @Override public void blkQueueMaxSegmentSize(long queue, int bytes) {
        block.queues().setMaxSegmentSize(queue(queue), bytes);
    }
    @Override public void blkQueueLogicalBlockSize(long queue, int bytes) {
        block.queues().setLogicalBlockSize(queue(queue), bytes);
    }
    @Override public void blkQueueBounceLimit(long queue, long limit) {
        block.queues().setBounceLimit(queue(queue), limit);
    }
    @Override public void blkQueueWriteCache(long queue, boolean hasCache) {
        block.queues().setWriteCache(queue(queue), hasCache);
    }
    @Override public void blkQueueReadAhead(long queue, int kibibytes) {
        block.queues().setReadAhead(queue(queue), kibibytes);
    }
    @Override public void blkRunQueue(long queue) { block.queues().run(queue(queue)); }
    @Override public void blkStopQueue(long queue) { block.queues().stop(queue(queue)); }
    @Override public void blkStartQueue(long queue) { block.queues().start(queue(queue)); }

    // ---- requests ----

    @Override public long blkFetchRequest(long queue) { return block.requests().fetch(queue(queue)); }
    @Override public boolean blkEndRequest(long request, int error, int bytes) {
        return block.requests().endUnlocked(request(request), error, bytes);
    }
    @Override public boolean __blkEndRequest(long request, int error, int bytes) {
        return block.requests().end(request(request), error, bytes);
    }
    @Override public void blkEndRequestAll(long request, int error) {
        block.requests().endAllUnlocked(request(request), error);
    }
    @Override public void __blkEndRequestAll(long request, int error) {
        block.requests().endAll(request(request), error);
    }
    @Override public long blkRqPos(long request) { return block.requests().position(request(request)); }
    @Override public int blkRqBytes(long request) { return block.requests().bytes(request(request)); }
    @Override public int blkRqNrPhysSegments(long request) { return block.requests().segments(request(request)); }
    @Override public int reqOp(long request) { return block.requests().operation(request(request)); }
    @Override public void rqForEachSegment(long request, BvecBody body) {
        block.requests().forEachSegment(request(request), body);
    }
    @Override public int blkRqMapSg(long queue, long request, long sgl) {
        queue(queue);
        return block.requests().mapSg(request(request), sgl,
                subsystems.dma().mapping().lists().through(memory));
    }

    // ---- bios ----

    @Override public long bioAlloc(int gfp) { return took(Kind.BIO, block.bios().alloc(gfp), 0); }
    @Override public void bioPut(long bio) {
        block.bios().put(bio(bio));
        gaveBack(Kind.BIO, bio);
    }
    @Override public int bioAddPage(long bio, long page, int bytes, int offset) {
        return block.bios().addPage(bio(bio), page, bytes, offset);
    }
    @Override public void submitBio(long bio) { block.bios().submit(bio(bio)); }
    @Override public void bioEndio(long bio, int error) { block.bios().endio(bio(bio), error); }
    @Override public void bioForEachSegment(long bio, BvecBody body) { block.bios().forEachSegment(bio(bio), body); }
    @Override public void blkStartPlug(long plug) { block.bios().startPlug(plug); }
    @Override public void blkFinishPlug(long plug) { block.bios().finishPlug(plug); }
}
