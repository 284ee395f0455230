package ferrite.peripherals.disk;

import static ferrite.peripherals.disk.DiskLayout.CHANNEL;
import static ferrite.peripherals.disk.DiskLayout.DONE_WAIT;
import static ferrite.peripherals.disk.DiskLayout.DRIVES;
import static ferrite.peripherals.disk.DiskLayout.GFP;
import static ferrite.peripherals.disk.DiskLayout.GONE;
import static ferrite.peripherals.disk.DiskLayout.IRQ;
import static ferrite.peripherals.disk.DiskLayout.LOCK;
import static ferrite.peripherals.disk.DiskLayout.MAJOR;
import static ferrite.peripherals.disk.DiskLayout.READ_AHEAD_KB;
import static ferrite.peripherals.disk.DiskLayout.REGISTERS;
import static ferrite.peripherals.disk.DiskLayout.RESULT;
import static ferrite.peripherals.disk.DiskLayout.USERS;
import static ferrite.peripherals.disk.DiskLayout.WORK;
import static ferrite.peripherals.disk.DiskLayout.WORKS;
import static ferrite.peripherals.disk.DriveLayout.BUFFER;
import static ferrite.peripherals.disk.DriveLayout.DISK;
import static ferrite.peripherals.disk.DriveLayout.GENDISK;
import static ferrite.peripherals.disk.DriveLayout.INDEX;
import static ferrite.peripherals.disk.DriveLayout.OPENERS;
import static ferrite.peripherals.disk.DriveLayout.QUEUE;

import ferrite.hardware.devicetree.Region;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.block.BioLayout;
import ferrite.kernel.block.BlockDeviceOperations;
import ferrite.kernel.block.GendiskLayout;
import ferrite.kernel.block.RequestFn;
import ferrite.kernel.block.RequestQueueLayout;
import ferrite.kernel.dma.DmaMode;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.work.WorkFlags;
import ferrite.kernel.work.WorkFunction;
import java.util.List;

/**
 * {@code disk}: /dev/disk0, /dev/disk1, …, block devices on one controller, which serves one request at a time. A work
 * item fetches the requests of all drives and waits for each. Memory that is one piece below 16 MiB is given to the DMA
 * controller as it is; all other memory is copied through the drive's buffer, which exists while a file is open.
 */
public final class DiskDriver implements Driver, BlockDeviceOperations {

    private static final int BUFFER_ORDER = 4;
    private static final int BUFFER_BYTES = 64 << 10;
    /** After this time without an interrupt, the driver looks at the controller's status by itself. */
    private static final int PATIENCE_MS = 2000;
    /** The registers of a controller that was pulled out. */
    private static final int ALL_ONES = -1;
    private static final long ISA_REACH = 16L << 20;
    private static final int PAGE_SHIFT = 12;
    private static final String READ_AHEAD = "readahead";

    private KernelCalls kernel;
    private KernelMemory memory;
    private long interrupt;
    private long operations;
    private long requestFunction;
    private long serve;

    @Override
    public String name() {
        return "disk";
    }

    @Override
    public List<String> compatible() {
        return List.of(Disk.COMPATIBLE);
    }

    @Override
    public List<Struct> structs() {
        return List.of(DiskLayout.STRUCT, DriveLayout.STRUCT);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(new Parameter("gfp", "GFP_DMA", "flags that the DMA buffers are allocated with", Gfp::parse),
                new Parameter(READ_AHEAD, "128", "KiB that are read ahead of a program; 0 for none",
                        DiskDriver::checkReadAhead));
    }

    private static void checkReadAhead(String value) {
        if (!value.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("'" + value + "' is no number of KiB from 0 to 99999");
        }
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        interrupt = text.add("disk_interrupt", (IrqHandler) this::handleInterrupt);
        operations = text.add("disk_operations", (BlockDeviceOperations) this);
        requestFunction = text.add("disk_request", (RequestFn) this::request);
        serve = text.add("disk_serve", (WorkFunction) this::serve);
    }

    // ---- the device: each step takes one thing, and gives it back if a later step fails ----

    @Override
    public int probe(Device device) {
        long disk = kernel.kzalloc(DiskLayout.SIZE, Gfp.GFP_KERNEL);
        if (disk == 0) {
            return -Errno.ENOMEM;
        }
        CHANNEL.set(memory, disk, device.dmaChannel());
        IRQ.set(memory, disk, device.irq());
        GFP.set(memory, disk, Gfp.parse(device.parameter("gfp")));
        USERS.set(memory, disk, 1);
        kernel.spinLockInit(LOCK.at(disk));
        kernel.initWork(WORK.at(disk), serve);
        READ_AHEAD_KB.set(memory, disk, Integer.parseInt(device.parameter(READ_AHEAD)));
        kernel.initWaitqueueHead(DONE_WAIT.at(disk));
        int result = takeRegion(device.registers(), disk);
        if (result < 0) {
            kernel.kfree(disk);
        } else {
            device.setDriverData(disk);
        }
        return result;
    }

    private int takeRegion(Region region, long disk) {
        if (kernel.requestMemRegion(region.address(), region.size(), name()) == 0) {
            return -Errno.EBUSY;
        }
        int result = mapRegisters(region, disk);
        if (result < 0) {
            kernel.releaseMemRegion(region.address(), region.size());
        }
        return result;
    }

    private int mapRegisters(Region region, long disk) {
        long registers = kernel.ioremap(region.address(), region.size());
        if (registers == 0) {
            return -Errno.ENOMEM;
        }
        REGISTERS.set(memory, disk, registers);
        int result = takeChannel(disk);
        if (result < 0) {
            kernel.iounmap(registers);
        }
        return result;
    }

    private int takeChannel(long disk) {
        int channel = CHANNEL.get(memory, disk);
        int result = kernel.requestDma(channel, "disk");
        if (result == 0) {
            result = takeInterrupt(disk);
            if (result < 0) {
                kernel.freeDma(channel);
            }
        }
        return result;
    }

    private int takeInterrupt(long disk) {
        int irq = IRQ.get(memory, disk);
        int result = kernel.requestIrq(irq, interrupt, 0, "disk", disk);
        if (result == 0) {
            result = addDrives(disk);
            if (result < 0) {
                kernel.freeIrq(irq, disk);
            }
        }
        return result;
    }

    private int addDrives(long disk) {
        int drives = Math.min(read(disk, DiskRegisters.DRIVES), DiskLayout.MAX_DRIVES);
        if (drives == 0) {
            return 0;
        }
        long works = kernel.allocWorkqueue("disk", WorkFlags.WQ_UNBOUND | WorkFlags.WQ_MEM_RECLAIM, 1);
        WORKS.set(memory, disk, works);
        int major = works == 0 ? -Errno.ENOMEM : kernel.registerBlkdev(0, "disk");
        MAJOR.set(memory, disk, Math.max(major, 0));
        int result = Math.min(major, 0);
        for (int i = 0; i < drives && result == 0; i++) {
            result = addDrive(disk, i);
        }
        if (result < 0) {
            removeDrives(disk);
            freeDrives(disk);
        }
        return result;
    }

    private int addDrive(long disk, int index) {
        long drive = kernel.kzalloc(DriveLayout.SIZE, Gfp.GFP_KERNEL);
        if (drive == 0) {
            return -Errno.ENOMEM;
        }
        write(disk, DiskRegisters.SELECT, index);
        long sectors = read(disk, DiskRegisters.CAPACITY) & 0xffff_ffffL;
        DISK.set(memory, drive, disk);
        INDEX.set(memory, drive, index);
        int result = addGendisk(disk, drive, sectors, (read(disk, DiskRegisters.FLAGS) & DiskRegisters.FLAG_READ_ONLY)
                != 0);
        if (result < 0) {
            kernel.kfree(drive);
            return result;
        }
        DRIVES.set(memory, disk, index, drive);
        kernel.prInfo("disk" + index + ": " + sectors + " sectors of " + DiskRegisters.SECTOR_BYTES
                + " bytes, DMA channel " + CHANNEL.get(memory, disk));
        return 0;
    }

    private int addGendisk(long disk, long drive, long sectors, boolean readOnly) {
        int index = INDEX.get(memory, drive);
        long queue = kernel.blkInitQueue(requestFunction, 0);
        long gendisk = queue == 0 ? 0 : kernel.allocDisk(1);
        if (gendisk == 0) {
            kernel.blkCleanupQueue(queue);
            return -Errno.ENOMEM;
        }
        RequestQueueLayout.QUEUEDATA.set(memory, queue, disk);
        kernel.blkQueueMaxHwSectors(queue, BUFFER_BYTES / DiskRegisters.SECTOR_BYTES);
        kernel.blkQueueWriteCache(queue, true);
        kernel.blkQueueReadAhead(queue, READ_AHEAD_KB.get(memory, disk));
        if (usesDmaZone(disk)) {
            kernel.blkQueueBounceLimit(queue, ISA_REACH - 1);
        }
        GendiskLayout.MAJOR.set(memory, gendisk, MAJOR.get(memory, disk));
        GendiskLayout.FIRST_MINOR.set(memory, gendisk, index);
        GendiskLayout.NAME.set(memory, gendisk, "disk" + index);
        GendiskLayout.FOPS.set(memory, gendisk, operations);
        GendiskLayout.QUEUE.set(memory, gendisk, queue);
        GendiskLayout.PRIVATE_DATA.set(memory, gendisk, drive);
        kernel.setCapacity(gendisk, sectors);
        kernel.setDiskRo(gendisk, readOnly);
        QUEUE.set(memory, drive, queue);
        GENDISK.set(memory, drive, gendisk);
        int result = kernel.addDisk(gendisk);
        if (result < 0) {
            kernel.putDisk(gendisk);
            kernel.blkCleanupQueue(queue);
        }
        return result;
    }

    private void removeDrives(long disk) {
        for (int i = DiskLayout.MAX_DRIVES - 1; i >= 0; i--) {
            long drive = DRIVES.get(memory, disk, i);
            if (drive != 0) {
                kernel.delGendisk(GENDISK.get(memory, drive));
                kernel.putDisk(GENDISK.get(memory, drive));
            }
        }
        kernel.cancelWorkSync(WORK.at(disk));
        for (int i = DiskLayout.MAX_DRIVES - 1; i >= 0; i--) {
            long drive = DRIVES.get(memory, disk, i);
            if (drive != 0) {
                kernel.blkCleanupQueue(QUEUE.get(memory, drive));
                QUEUE.set(memory, drive, 0);
            }
        }
        if (MAJOR.get(memory, disk) != 0) {
            kernel.unregisterBlkdev(MAJOR.get(memory, disk), "disk");
        }
        if (WORKS.get(memory, disk) != 0) {
            kernel.destroyWorkqueue(WORKS.get(memory, disk));
        }
    }

    private void freeDrives(long disk) {
        for (int i = DiskLayout.MAX_DRIVES - 1; i >= 0; i--) {
            kernel.kfree(DRIVES.get(memory, disk, i));
        }
    }

    /** The files that are open fail with -ENODEV after this, and the record stays until they are closed. */
    @Override
    public void remove(Device device) {
        long disk = device.driverData();
        removeDrives(disk);                            // a request that is on its way ends first
        kernel.freeIrq(IRQ.get(memory, disk), disk);
        kernel.freeDma(CHANNEL.get(memory, disk));
        kernel.iounmap(REGISTERS.get(memory, disk));
        kernel.releaseMemRegion(device.registers().address(), device.registers().size());
        put(disk);
    }

    /** Ends a use of the record. */
    private void put(long disk) {
        if (kernel.atomicDecAndTest(USERS.at(disk))) {
            freeDrives(disk);
            kernel.kfree(disk);
        }
    }

    private boolean usesDmaZone(long disk) {
        return (GFP.get(memory, disk) & Gfp.__GFP_DMA) != 0;
    }

    // ---- an open file; one is opened or closed at a time ----

    @Override
    public int open(long gendisk, int mode) {
        long drive = GendiskLayout.PRIVATE_DATA.get(memory, gendisk);
        long disk = DISK.get(memory, drive);
        if (OPENERS.get(memory, drive) == 0) {
            long buffer = kernel.__getFreePages(GFP.get(memory, disk), BUFFER_ORDER);
            if (buffer == 0) {
                return -Errno.ENOMEM;
            }
            BUFFER.set(memory, drive, buffer);
            kernel.queueWork(WORKS.get(memory, disk), WORK.at(disk));
            kernel.flushWork(WORK.at(disk));           // a worker has its stack before memory is short
        }
        OPENERS.add(memory, drive, 1);
        kernel.atomicInc(USERS.at(disk));
        return 0;
    }

    @Override
    public void release(long gendisk, int mode) {
        long drive = GendiskLayout.PRIVATE_DATA.get(memory, gendisk);
        OPENERS.add(memory, drive, -1);
        if (OPENERS.get(memory, drive) == 0) {
            kernel.freePages(BUFFER.get(memory, drive), BUFFER_ORDER);
        }
        put(DISK.get(memory, drive));
    }

    // ---- requests ----

    /** Wakes the work item. The queue's lock is held. */
    private void request(long queue) {
        long disk = RequestQueueLayout.QUEUEDATA.get(memory, queue);
        kernel.queueWork(WORKS.get(memory, disk), WORK.at(disk));
    }

    /** Serves requests, of one drive after the other, until there are none. */
    private void serve(long work) {
        long disk = WORK.containerOf(work);
        boolean found = true;
        while (found) {
            found = false;
            for (int i = 0; i < DiskLayout.MAX_DRIVES; i++) {
                long drive = DRIVES.get(memory, disk, i);
                long request = drive == 0 ? 0 : fetch(QUEUE.get(memory, drive));
                if (request != 0) {
                    found = true;
                    kernel.blkEndRequestAll(request, serve(drive, disk, request));
                }
            }
        }
    }

    private long fetch(long queue) {
        long lock = RequestQueueLayout.QUEUE_LOCK.get(memory, queue);
        kernel.spinLockIrq(lock);
        long request = kernel.blkFetchRequest(queue);
        kernel.spinUnlockIrq(lock);
        return request;
    }

    /** Returns 0 or a negative errno. */
    private int serve(long drive, long disk, long request) {
        if (GONE.get(memory, disk) != 0) {
            return -Errno.ENODEV;
        }
        int operation = kernel.reqOp(request);
        if (operation == BioLayout.REQ_OP_FLUSH) {
            return request(drive, disk, DiskRegisters.FLUSH);
        }
        long lba = kernel.blkRqPos(request);
        int sectors = kernel.blkRqBytes(request) / DiskRegisters.SECTOR_BYTES;
        long inPlace = usesDmaZone(disk) ? pieceBelowReach(request) : 0;
        long dma = inPlace != 0 ? inPlace : kernel.virtToPhys(BUFFER.get(memory, drive));
        if (operation == BioLayout.REQ_OP_WRITE && inPlace == 0) {
            copy(drive, request, true);
        }
        int result = transfer(drive, disk, operation == BioLayout.REQ_OP_READ ? DiskRegisters.READ
                : DiskRegisters.WRITE, lba, sectors, dma);
        if (operation == BioLayout.REQ_OP_READ && inPlace == 0 && result == 0) {
            copy(drive, request, false);
        }
        return result;
    }

    /**
     * Returns the address of a request's memory, if the DMA controller reaches it at once: one piece that crosses no
     * multiple of 64 KiB. Otherwise 0.
     */
    private long pieceBelowReach(long request) {
        long[] piece = new long[2];                    // its address and end
        kernel.rqForEachSegment(request, (page, offset, bytes) -> {
            long pa = (kernel.pageToPfn(page) << PAGE_SHIFT) + offset;
            piece[0] = piece[1] == 0 ? pa : piece[0];
            piece[1] = pa + bytes;
        });
        boolean isOne = kernel.blkRqNrPhysSegments(request) == 1 && piece[1] <= ISA_REACH
                && piece[0] / BUFFER_BYTES == (piece[1] - 1) / BUFFER_BYTES;
        return isOne ? piece[0] : 0;
    }

    /** Copies between the memory of a request and the drive's buffer. */
    private void copy(long drive, long request, boolean toBuffer) {
        long[] at = {BUFFER.get(memory, drive)};
        kernel.rqForEachSegment(request, (page, offset, bytes) -> {
            if (toBuffer) {
                kernel.memcpyFromPage(at[0], page, offset, bytes);
            } else {
                kernel.memcpyToPage(page, offset, at[0], bytes);
            }
            at[0] += bytes;
        });
    }

    /** Moves sectors between the drive and memory. Returns 0 or a negative errno. */
    private int transfer(long drive, long disk, int command, long lba, int sectors, long dma) {
        int result = moveSectors(drive, disk, command, lba, sectors, dma);
        if (result == -Errno.EAGAIN) {                 // a transfer that was too short is made once more
            result = moveSectors(drive, disk, command, lba, sectors, dma);
            return result == -Errno.EAGAIN ? -Errno.EIO : result;
        }
        if (result == -Errno.EIO && read(disk, DiskRegisters.ERROR) == DiskRegisters.CACHE_FULL) {
            result = request(drive, disk, DiskRegisters.FLUSH);
            result = result < 0 ? result : moveSectors(drive, disk, command, lba, sectors, dma);
        }
        return result;
    }

    private int moveSectors(long drive, long disk, int command, long lba, int sectors, long dma) {
        int channel = CHANNEL.get(memory, disk);
        int mode = command == DiskRegisters.READ ? DmaMode.DMA_MODE_READ : DmaMode.DMA_MODE_WRITE;
        write(disk, DiskRegisters.SELECT, INDEX.get(memory, drive));
        write(disk, DiskRegisters.LBA, (int) lba);
        write(disk, DiskRegisters.COUNT, sectors);
        if (!setUpDma(channel, mode, dma, sectors * DiskRegisters.SECTOR_BYTES)) {
            return -Errno.EIO;
        }
        int result = request(drive, disk, command);
        int residue = finishDma(channel);
        if (result == 0 && residue != 0) {
            kernel.prWarn("disk" + INDEX.get(memory, drive) + ": " + residue + " bytes of "
                    + sectors * DiskRegisters.SECTOR_BYTES + " were not moved");
            return -Errno.EAGAIN;
        }
        return residue == 0 || result == -Errno.ENODEV ? result : -Errno.EIO;
    }

    /**
     * Has the controller do something, and sleeps until it has. No signal ends this sleep: until the disk is done, or
     * has given up, the DMA controller reaches into the buffer, and the channel is not free.
     */
    private int request(long drive, long disk, int command) {
        RESULT.set(memory, disk, 0);
        write(disk, DiskRegisters.SELECT, INDEX.get(memory, drive));
        write(disk, DiskRegisters.COMMAND, command);
        int patience = kernel.msecsToJiffies(PATIENCE_MS);
        while (kernel.waitEventTimeout(DONE_WAIT.at(disk), () -> RESULT.get(memory, disk) != 0, patience) == 0) {
            if (read(disk, DiskRegisters.STATUS) == ALL_ONES) {
                GONE.set(memory, disk, 1);
                kernel.prErr("disk" + INDEX.get(memory, drive) + ": the controller is gone");
                return -Errno.ENODEV;
            }
            if (finished(disk)) {
                kernel.prWarn("disk" + INDEX.get(memory, drive) + ": an interrupt was lost");
            }
        }
        return RESULT.get(memory, disk) == DiskRegisters.DONE ? 0 : failed(drive, disk);
    }

    /** Returns whether the DMA controller took the address. */
    private boolean setUpDma(int channel, int mode, long dma, int bytes) {
        int flags = kernel.claimDmaLock();
        kernel.disableDma(channel);
        kernel.clearDmaFf(channel);
        kernel.setDmaMode(channel, mode);
        kernel.setDmaAddr(channel, dma);
        kernel.setDmaCount(channel, bytes);
        kernel.enableDma(channel);
        boolean taken = !kernel.takeDmaError(channel);
        kernel.releaseDmaLock(flags);
        return taken;
    }

    /** Returns the bytes that were not moved. */
    private int finishDma(int channel) {
        int flags = kernel.claimDmaLock();
        kernel.disableDma(channel);
        kernel.clearDmaFf(channel);
        int residue = kernel.getDmaResidue(channel);
        kernel.releaseDmaLock(flags);
        return residue;
    }

    private int failed(long drive, long disk) {
        int error = read(disk, DiskRegisters.ERROR);
        if (error != DiskRegisters.CACHE_FULL) {
            kernel.prErr("disk" + INDEX.get(memory, drive) + ": request at sector " + read(disk, DiskRegisters.LBA)
                    + " failed, error " + error);
        }
        return -Errno.EIO;
    }

    private IrqReturn handleInterrupt(int irq, long disk) {
        if (!finished(disk)) {
            return IrqReturn.IRQ_NONE;
        }
        kernel.wakeUpAll(DONE_WAIT.at(disk));
        return IrqReturn.IRQ_HANDLED;
    }

    /** Takes the result of a request. Returns false if the controller has none. */
    private boolean finished(long disk) {
        int flags = kernel.spinLockIrqsave(LOCK.at(disk));
        int status = read(disk, DiskRegisters.STATUS);
        boolean isDone = (status & DiskRegisters.DONE) != 0 && status != ALL_ONES;
        if (isDone) {
            write(disk, DiskRegisters.STATUS, DiskRegisters.DONE);
            RESULT.set(memory, disk, status);
        }
        kernel.spinUnlockIrqrestore(LOCK.at(disk), flags);
        return isDone;
    }

    private int read(long disk, int register) {
        return kernel.readl(REGISTERS.get(memory, disk) + register);
    }

    private void write(long disk, int register, int value) {
        kernel.writel(value, REGISTERS.get(memory, disk) + register);
    }
}
