package ferrite.book.sbull;

import static ferrite.book.sbull.SbullDevLayout.BYTES;
import static ferrite.book.sbull.SbullDevLayout.DATA;
import static ferrite.book.sbull.SbullDevLayout.GD;
import static ferrite.book.sbull.SbullDevLayout.KMALLOC;
import static ferrite.book.sbull.SbullDevLayout.LOCK;
import static ferrite.book.sbull.SbullDevLayout.MEDIA_CHANGE;
import static ferrite.book.sbull.SbullDevLayout.QUEUE;
import static ferrite.book.sbull.SbullDevLayout.TIMER;
import static ferrite.book.sbull.SbullDevLayout.USERS;

import ferrite.book.base.Numbers;
import ferrite.book.base.StaticPointer;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.block.BioLayout;
import ferrite.kernel.block.BlockDeviceOperations;
import ferrite.kernel.block.GendiskLayout;
import ferrite.kernel.block.HdGeometryLayout;
import ferrite.kernel.block.MakeRequestFn;
import ferrite.kernel.block.RequestFn;
import ferrite.kernel.block.RequestQueueLayout;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.sched.TimerFunction;
import java.util.List;

/**
 * {@code sbull}: the disks sbulla, sbullb, … in memory (LDD3 pages 464-491). With {@code request_mode=0} the request
 * function moves one segment after the other (page 475), with 1 all segments of a request (page 487), and with 2 there
 * is no queue of requests (page 489). The medium is changed, and empty, if no file was open for 30 seconds (page 472).
 *
 * <p>Unlike the book's, {@code hardsect_size} is 512 for the kernel in any case, and {@code kmalloc=1} takes the bytes
 * from kmalloc.
 */
public final class SbullDriver implements Driver, BlockDeviceOperations {

    private static final String MAJOR = "sbull_major";
    private static final String NSECTORS = "nsectors";
    private static final String NDEVICES = "ndevices";
    private static final String REQUEST_MODE = "request_mode";
    private static final String USE_KMALLOC = "kmalloc";
    private static final int RM_FULL = 1;
    private static final int RM_NOQUEUE = 2;
    private static final int MAX_DEVICES = 8;
    private static final int SECTOR = 512;
    /** The book's minor numbers of each device. */
    private static final int SBULL_MINORS = 16;
    private static final int INVALIDATE_DELAY_MS = 30_000;
    /** The book's geometry: 4 heads, 16 sectors, and data from sector 4 on. */
    private static final int HEADS = 4;
    private static final int SECTORS = 16;
    private static final int START = 4;
    private static final int CYLINDER_SHIFT = 6;

    /** The array of devices, and a record with the major number and the number of devices. */
    private StaticPointer devices;
    private StaticPointer numbers;
    private KernelCalls kernel;
    private KernelMemory memory;
    private long operations;
    private long simple;
    private long full;
    private long makeRequest;
    private long invalidate;

    @Override
    public String name() {
        return "sbull";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Numbers.parameter(MAJOR, 0, "major number; 0 for a free one", 0, 511),
                Numbers.parameter(NSECTORS, 1024, "sectors of each disk", 8, 1 << 20),
                Numbers.parameter(NDEVICES, 4, "disks", 1, MAX_DEVICES),
                Numbers.parameter(REQUEST_MODE, 0, "0: one segment, 1: whole requests, 2: no queue", 0, 2),
                Numbers.parameter(USE_KMALLOC, 0, "1: the bytes are of kmalloc", 0, 1));
    }

    @Override
    public List<Struct> structs() {
        return List.of(SbullDevLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        devices = new StaticPointer(theKernel, text, "sbull_devices");
        numbers = new StaticPointer(theKernel, text, "sbull_major");
        operations = text.add("sbull_ops", (BlockDeviceOperations) this);
        simple = text.add("sbull_request", (RequestFn) this::request);
        full = text.add("sbull_full_request", (RequestFn) this::fullRequest);
        makeRequest = text.add("sbull_make_request", (MakeRequestFn) this::makeRequest);
        invalidate = text.add("sbull_invalidate", (TimerFunction) this::invalidate);
    }

    // ---- loading (pages 468-470) ----

    @Override
    public int init(DriverParameters parameters) {
        int wanted = Numbers.of(parameters, MAJOR);
        int result = kernel.registerBlkdev(wanted, name());
        if (result < 0) {
            return result;
        }
        int major = wanted == 0 ? result : wanted;
        numbers.set(major);
        devices.set(kernel.kzalloc(MAX_DEVICES * SbullDevLayout.SIZE, Gfp.GFP_KERNEL));
        result = devices.get() == 0 ? -Errno.ENOMEM : 0;
        int count = Numbers.of(parameters, NDEVICES);
        for (int i = 0; i < count && result == 0; i++) {
            result = setUp(device(i), i, parameters);
        }
        if (result < 0) {
            exit();
        }
        return result;
    }

    private long device(int index) {
        return devices.get() + (long) index * SbullDevLayout.SIZE;
    }

    /** A step that fails leaves what was made before to {@link #exit}. */
    private int setUp(long dev, int index, DriverParameters parameters) {
        int bytes = Numbers.of(parameters, NSECTORS) * SECTOR;
        KMALLOC.set(memory, dev, Numbers.of(parameters, USE_KMALLOC));
        BYTES.set(memory, dev, bytes);
        DATA.set(memory, dev, KMALLOC.get(memory, dev) != 0 ? kernel.kzalloc(bytes, Gfp.GFP_KERNEL)
                : kernel.vzalloc(bytes));
        if (DATA.get(memory, dev) == 0) {
            return -Errno.ENOMEM;
        }
        kernel.spinLockInit(LOCK.at(dev));
        kernel.setupTimer(TIMER.at(dev), invalidate, dev);
        long queue = makeQueue(dev, Numbers.of(parameters, REQUEST_MODE));
        long gd = queue == 0 ? 0 : kernel.allocDisk(SBULL_MINORS);
        QUEUE.set(memory, dev, queue);
        if (gd == 0) {
            return -Errno.ENOMEM;
        }
        RequestQueueLayout.QUEUEDATA.set(memory, queue, dev);
        GendiskLayout.MAJOR.set(memory, gd, (int) numbers.get());
        GendiskLayout.FIRST_MINOR.set(memory, gd, index * SBULL_MINORS);
        GendiskLayout.FOPS.set(memory, gd, operations);
        GendiskLayout.QUEUE.set(memory, gd, queue);
        GendiskLayout.PRIVATE_DATA.set(memory, gd, dev);
        GendiskLayout.FLAGS.set(memory, gd, GendiskLayout.GENHD_FL_REMOVABLE);
        GendiskLayout.NAME.set(memory, gd, "sbull" + (char) ('a' + index));
        kernel.setCapacity(gd, bytes / SECTOR);
        int result = kernel.addDisk(gd);
        if (result < 0) {
            kernel.putDisk(gd);
        } else {
            GD.set(memory, dev, gd);
        }
        return result;
    }

    private long makeQueue(long dev, int mode) {
        if (mode != RM_NOQUEUE) {
            return kernel.blkInitQueue(mode == RM_FULL ? full : simple, LOCK.at(dev));
        }
        long queue = kernel.blkAllocQueue(Gfp.GFP_KERNEL);
        if (queue != 0) {
            kernel.blkQueueMakeRequest(queue, makeRequest);
        }
        return queue;
    }

    @Override
    public void exit() {
        for (int i = 0; devices.get() != 0 && i < MAX_DEVICES; i++) {
            long dev = device(i);
            if (GD.get(memory, dev) != 0) {
                kernel.delGendisk(GD.get(memory, dev));
                kernel.putDisk(GD.get(memory, dev));
                kernel.delTimerSync(TIMER.at(dev));
            }
            if (QUEUE.get(memory, dev) != 0) {
                kernel.blkCleanupQueue(QUEUE.get(memory, dev));
            }
            if (KMALLOC.get(memory, dev) != 0) {
                kernel.kfree(DATA.get(memory, dev));
            } else {
                kernel.vfree(DATA.get(memory, dev));
            }
        }
        kernel.unregisterBlkdev((int) numbers.get(), name());
        kernel.kfree(devices.get());
        devices.set(0);
    }

    // ---- files (pages 471-473) ----

    private long dev(long gd) {
        return GendiskLayout.PRIVATE_DATA.get(memory, gd);
    }

    @Override
    public int open(long gd, int mode) {
        long dev = dev(gd);
        kernel.delTimerSync(TIMER.at(dev));
        if (USERS.get(memory, dev) == 0) {
            kernel.checkDiskChange(gd);
        }
        USERS.add(memory, dev, 1);
        return 0;
    }

    @Override
    public void release(long gd, int mode) {
        long dev = dev(gd);
        USERS.add(memory, dev, -1);
        if (USERS.get(memory, dev) == 0) {
            kernel.modTimer(TIMER.at(dev), kernel.jiffies() + kernel.msecsToJiffies(INVALIDATE_DELAY_MS));
        }
    }

    /** Half a minute is over (pages 471-472). A softirq calls it. */
    private void invalidate(long dev) {
        kernel.spinLock(LOCK.at(dev));
        if (USERS.get(memory, dev) != 0) {
            kernel.prWarn("sbull: timer sanity check failed");
        } else {
            MEDIA_CHANGE.set(memory, dev, 1);
        }
        kernel.spinUnlock(LOCK.at(dev));
    }

    @Override
    public boolean mediaChanged(long gd) {
        return MEDIA_CHANGE.get(memory, dev(gd)) != 0;
    }

    @Override
    public int revalidateDisk(long gd) {
        long dev = dev(gd);
        if (MEDIA_CHANGE.get(memory, dev) != 0) {
            MEDIA_CHANGE.set(memory, dev, 0);
            memory.fill(DATA.get(memory, dev), 0, BYTES.get(memory, dev));
        }
        return 0;
    }

    /** The book's driver obeys HDIO_GETGEO itself (page 473); Linux has this operation for it now. */
    @Override
    public int getgeo(long gd, long geometry) {
        int cylinders = BYTES.get(memory, dev(gd)) / SECTOR >> CYLINDER_SHIFT;
        memory.store8(HdGeometryLayout.HEADS.at(geometry), HEADS);
        memory.store8(HdGeometryLayout.SECTORS.at(geometry), SECTORS);
        memory.store8(HdGeometryLayout.CYLINDERS.at(geometry), cylinders);
        memory.store8(HdGeometryLayout.CYLINDERS.at(geometry) + 1, cylinders >> Byte.SIZE);
        HdGeometryLayout.START.set(memory, geometry, START);
        return 0;
    }

    // ---- requests (pages 474-491) ----

    /** Moves bytes between a page and the disk: {@code sbull_transfer} (page 477). */
    private void transfer(long dev, long at, long page, int offset, int bytes, boolean writes) {
        long data = DATA.get(memory, dev) + at;
        if (writes) {
            kernel.memcpyFromPage(data, page, offset, bytes);
        } else {
            kernel.memcpyToPage(page, offset, data, bytes);
        }
    }

    /** Moves one segment, ends its bytes, and so on (page 475). The lock is held. */
    private void request(long queue) {
        long dev = RequestQueueLayout.QUEUEDATA.get(memory, queue);
        for (long req = kernel.blkFetchRequest(queue); req != 0; req = kernel.blkFetchRequest(queue)) {
            boolean writes = kernel.reqOp(req) == BioLayout.REQ_OP_WRITE;
            int[] moved = new int[1];
            do {
                long at = kernel.blkRqPos(req) * SECTOR;
                moved[0] = 0;
                kernel.rqForEachSegment(req, (page, offset, bytes) -> {
                    if (moved[0] == 0) {
                        transfer(dev, at, page, offset, bytes, writes);
                        moved[0] = bytes;
                    }
                });
            } while (kernel.__blkEndRequest(req, 0, moved[0]));
        }
    }

    /** Moves all segments of a request, and ends it (page 487). The lock is held. */
    private void fullRequest(long queue) {
        long dev = RequestQueueLayout.QUEUEDATA.get(memory, queue);
        for (long req = kernel.blkFetchRequest(queue); req != 0; req = kernel.blkFetchRequest(queue)) {
            boolean writes = kernel.reqOp(req) == BioLayout.REQ_OP_WRITE;
            long[] at = {kernel.blkRqPos(req) * SECTOR};
            kernel.rqForEachSegment(req, (page, offset, bytes) -> {
                transfer(dev, at[0], page, offset, bytes, writes);
                at[0] += bytes;
            });
            kernel.__blkEndRequestAll(req, 0);
        }
    }

    /** Moves the segments of a bio (page 490). May sleep. */
    private void makeRequest(long queue, long bio) {
        long dev = RequestQueueLayout.QUEUEDATA.get(memory, queue);
        boolean writes = BioLayout.OPF.get(memory, bio) == BioLayout.REQ_OP_WRITE;
        long[] at = {BioLayout.SECTOR.get(memory, bio) * SECTOR};
        kernel.bioForEachSegment(bio, (page, offset, bytes) -> {
            transfer(dev, at[0], page, offset, bytes, writes);
            at[0] += bytes;
        });
        kernel.bioEndio(bio, 0);
    }
}
