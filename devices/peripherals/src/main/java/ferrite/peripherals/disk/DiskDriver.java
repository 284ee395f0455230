package ferrite.peripherals.disk;

import static ferrite.peripherals.disk.DiskLayout.CHANNEL;
import static ferrite.peripherals.disk.DiskLayout.DONE_WAIT;
import static ferrite.peripherals.disk.DiskLayout.DRIVES;
import static ferrite.peripherals.disk.DiskLayout.GFP;
import static ferrite.peripherals.disk.DiskLayout.GONE;
import static ferrite.peripherals.disk.DiskLayout.IRQ;
import static ferrite.peripherals.disk.DiskLayout.LOCK;
import static ferrite.peripherals.disk.DiskLayout.ONE_REQUEST;
import static ferrite.peripherals.disk.DiskLayout.REGISTERS;
import static ferrite.peripherals.disk.DiskLayout.RESULT;
import static ferrite.peripherals.disk.DiskLayout.USERS;
import static ferrite.peripherals.disk.DriveLayout.DISK;
import static ferrite.peripherals.disk.DriveLayout.INDEX;
import static ferrite.peripherals.disk.DriveLayout.READ_ONLY;
import static ferrite.peripherals.disk.DriveLayout.SECTORS;

import ferrite.hardware.devicetree.Region;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaMode;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import java.util.List;

/**
 * {@code disk}: /dev/disk0, /dev/disk1, … on one kernel. Each open file has a buffer that the DMA controller fills; one
 * request is in flight.
 */
public final class DiskDriver implements Driver, FileOperations {

    private static final int BUFFER_ORDER = 4;
    private static final int BUFFER_BYTES = 64 << 10;
    /** After this time without an interrupt, the driver looks at the controller's status by itself. */
    private static final int PATIENCE_MS = 2000;
    /** The registers of a controller that was pulled out. */
    private static final int ALL_ONES = -1;

    private KernelCalls kernel;
    private KernelMemory memory;
    private long interrupt;
    private long operations;

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
        return List.of(new Parameter("gfp", "GFP_DMA", "flags that the DMA buffers are allocated with", Gfp::parse));
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        interrupt = text.add("disk_interrupt", (IrqHandler) this::handleInterrupt);
        operations = text.add("disk_operations", this);
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
        kernel.mutexInit(ONE_REQUEST.at(disk));
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
        int result = 0;
        for (int i = 0; i < drives && result == 0; i++) {
            result = addDrive(disk, i);
        }
        if (result < 0) {
            removeFiles(disk);
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
        SECTORS.set(memory, drive, sectors);
        READ_ONLY.set(memory, drive, read(disk, DiskRegisters.FLAGS) & DiskRegisters.FLAG_READ_ONLY);
        int result = kernel.cdevAdd("disk" + index, operations, drive);
        if (result < 0) {
            kernel.kfree(drive);
            return result;
        }
        DRIVES.set(memory, disk, index, drive);
        kernel.prInfo("disk" + index + ": " + sectors + " sectors of " + DiskRegisters.SECTOR_BYTES
                + " bytes, DMA channel " + CHANNEL.get(memory, disk));
        return 0;
    }

    private void removeFiles(long disk) {
        for (int i = DiskLayout.MAX_DRIVES - 1; i >= 0; i--) {
            if (DRIVES.get(memory, disk, i) != 0) {
                kernel.cdevDel("disk" + i);
            }
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
        removeFiles(disk);
        kernel.mutexLock(ONE_REQUEST.at(disk));        // a request that is on its way ends first
        kernel.freeIrq(IRQ.get(memory, disk), disk);
        kernel.freeDma(CHANNEL.get(memory, disk));
        kernel.iounmap(REGISTERS.get(memory, disk));
        kernel.releaseMemRegion(device.registers().address(), device.registers().size());
        REGISTERS.set(memory, disk, 0);
        kernel.mutexUnlock(ONE_REQUEST.at(disk));
        put(disk);
    }

    /** Ends a use of the record. */
    private void put(long disk) {
        if (kernel.atomicDecAndTest(USERS.at(disk))) {
            freeDrives(disk);
            kernel.kfree(disk);
        }
    }

    // ---- an open file ----

    @Override
    public int open(long file) {
        long disk = DISK.get(memory, FileLayout.DATA.get(memory, file));
        long buffer = kernel.__getFreePages(GFP.get(memory, disk), BUFFER_ORDER);
        if (buffer == 0) {
            return -Errno.ENOMEM;
        }
        FileLayout.PRIVATE.set(memory, file, buffer);
        kernel.atomicInc(USERS.at(disk));
        return 0;
    }

    @Override
    public void release(long file) {
        kernel.freePages(FileLayout.PRIVATE.get(memory, file), BUFFER_ORDER);
        put(DISK.get(memory, FileLayout.DATA.get(memory, file)));
    }

    @Override
    public int read(long file, long to, int count, long position) {
        int wanted = clip(file, count, position);
        if (wanted <= 0) {
            return 0;
        }
        long buffer = FileLayout.PRIVATE.get(memory, file);
        int skip = (int) (position % DiskRegisters.SECTOR_BYTES);
        long disk = DISK.get(memory, FileLayout.DATA.get(memory, file));
        if (kernel.mutexLockInterruptible(ONE_REQUEST.at(disk)) < 0) {
            return -Errno.ERESTARTSYS;
        }
        int result = transfer(file, DiskRegisters.READ, position, wanted);
        int copied = result < 0 ? 0 : wanted - kernel.copyToUser(to, buffer + skip, wanted);
        kernel.mutexUnlock(ONE_REQUEST.at(disk));
        return result < 0 ? result : copied == 0 ? -Errno.EFAULT : copied;
    }

    /** What does not fill its sectors is put into what they hold. */
    @Override
    public int write(long file, long from, int count, long position) {
        long drive = FileLayout.DATA.get(memory, file);
        if (READ_ONLY.get(memory, drive) != 0) {
            return -Errno.EROFS;
        }
        int wanted = clip(file, count, position);
        if (wanted <= 0) {
            return count == 0 ? 0 : -Errno.ENOSPC;
        }
        long disk = DISK.get(memory, drive);
        if (kernel.mutexLockInterruptible(ONE_REQUEST.at(disk)) < 0) {
            return -Errno.ERESTARTSYS;
        }
        int result = writeLocked(file, from, wanted, position);
        kernel.mutexUnlock(ONE_REQUEST.at(disk));
        return result;
    }

    private int writeLocked(long file, long from, int wanted, long position) {
        int skip = (int) (position % DiskRegisters.SECTOR_BYTES);
        if (skip != 0 || wanted % DiskRegisters.SECTOR_BYTES != 0) {
            int result = transfer(file, DiskRegisters.READ, position, wanted);
            if (result < 0) {
                return result;
            }
        }
        int copied = wanted - kernel.copyFromUser(FileLayout.PRIVATE.get(memory, file) + skip, from, wanted);
        if (copied < wanted) {
            return -Errno.EFAULT;
        }
        int result = transfer(file, DiskRegisters.WRITE, position, wanted);
        FileLayout.PRIVATE_2.set(memory, file, 1);
        return result < 0 ? result : wanted;
    }

    @Override
    public long size(long file) {
        return SECTORS.get(memory, FileLayout.DATA.get(memory, file)) * DiskRegisters.SECTOR_BYTES;
    }

    /** What was written has reached the medium when a file that wrote is closed. */
    @Override
    public int flush(long file) {
        if (FileLayout.PRIVATE_2.get(memory, file) == 0) {
            return 0;
        }
        long drive = FileLayout.DATA.get(memory, file);
        long disk = DISK.get(memory, drive);
        kernel.mutexLock(ONE_REQUEST.at(disk));
        int result = isGone(disk) ? -Errno.ENODEV : request(drive, disk, DiskRegisters.FLUSH);
        kernel.mutexUnlock(ONE_REQUEST.at(disk));
        return result;
    }

    private boolean isGone(long disk) {
        return REGISTERS.get(memory, disk) == 0 || GONE.get(memory, disk) != 0;
    }

    /** How many of so many bytes lie on the drive and fit into the buffer. */
    private int clip(long file, int count, long position) {
        long drive = FileLayout.DATA.get(memory, file);
        long left = SECTORS.get(memory, drive) * DiskRegisters.SECTOR_BYTES - position;
        int skip = (int) (position % DiskRegisters.SECTOR_BYTES);
        return (int) Math.max(0, Math.min(Math.min(count, left), BUFFER_BYTES - skip));
    }

    // ---- a request ----

    /**
     * Moves the sectors that hold these bytes between the drive and the file's buffer. The mutex is held. Returns 0 or
     * a negative errno.
     */
    private int transfer(long file, int command, long position, int bytes) {
        long drive = FileLayout.DATA.get(memory, file);
        long disk = DISK.get(memory, drive);
        if (isGone(disk)) {
            return -Errno.ENODEV;
        }
        long buffer = FileLayout.PRIVATE.get(memory, file);
        long lba = position / DiskRegisters.SECTOR_BYTES;
        int skip = (int) (position % DiskRegisters.SECTOR_BYTES);
        int sectors = (skip + bytes + DiskRegisters.SECTOR_BYTES - 1) / DiskRegisters.SECTOR_BYTES;
        int result = moveSectors(drive, disk, command, lba, sectors, buffer);
        if (result == -Errno.EAGAIN) {                 // a transfer that was too short is made once more
            result = moveSectors(drive, disk, command, lba, sectors, buffer);
            return result == -Errno.EAGAIN ? -Errno.EIO : result;
        }
        if (result == -Errno.EIO && read(disk, DiskRegisters.ERROR) == DiskRegisters.CACHE_FULL) {
            result = request(drive, disk, DiskRegisters.FLUSH);
            result = result < 0 ? result : moveSectors(drive, disk, command, lba, sectors, buffer);
        }
        return result;
    }

    private int moveSectors(long drive, long disk, int command, long lba, int sectors, long buffer) {
        int channel = CHANNEL.get(memory, disk);
        int mode = command == DiskRegisters.READ ? DmaMode.DMA_MODE_READ : DmaMode.DMA_MODE_WRITE;
        write(disk, DiskRegisters.SELECT, INDEX.get(memory, drive));
        write(disk, DiskRegisters.LBA, (int) lba);
        write(disk, DiskRegisters.COUNT, sectors);
        if (!setUpDma(channel, mode, kernel.virtToPhys(buffer), sectors * DiskRegisters.SECTOR_BYTES)) {
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
