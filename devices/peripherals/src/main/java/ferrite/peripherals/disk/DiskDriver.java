package ferrite.peripherals.disk;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaMode;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.irq.IrqHandler;
import java.util.List;

/** {@code disk}: /dev/disk0, /dev/disk1, … on one kernel. Each open file has a buffer that the DMA controller fills; one request is in flight. */
public final class DiskDriver implements Driver, FileOperations {

    private static final int BUFFER_ORDER = 4;
    private static final int BUFFER_BYTES = 64 << 10;

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
        memory.store32(disk + DiskLayout.CHANNEL, device.dmaChannel());
        memory.store32(disk + DiskLayout.IRQ, device.irq());
        memory.store32(disk + DiskLayout.GFP, Gfp.parse(device.parameter("gfp")));
        kernel.mutexInit(disk + DiskLayout.ONE_REQUEST);
        kernel.initWaitqueueHead(disk + DiskLayout.DONE_WAIT);
        int result = mapRegisters(device, disk);
        if (result < 0) {
            kernel.kfree(disk);
        } else {
            device.setDriverData(disk);
        }
        return result;
    }

    private int mapRegisters(Device device, long disk) {
        long registers = kernel.ioremap(device.registers().address(), device.registers().size());
        if (registers == 0) {
            return -Errno.ENOMEM;
        }
        memory.storeAddress(disk + DiskLayout.REGISTERS, registers);
        int result = takeChannel(disk);
        if (result < 0) {
            kernel.iounmap(registers);
        }
        return result;
    }

    private int takeChannel(long disk) {
        int channel = memory.load32(disk + DiskLayout.CHANNEL);
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
        int irq = memory.load32(disk + DiskLayout.IRQ);
        int result = kernel.requestIrq(irq, interrupt, "disk", disk);
        if (result == 0) {
            result = addDrives(disk);
            if (result < 0) {
                kernel.freeIrq(irq);
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
            removeDrives(disk);
        }
        return result;
    }

    private int addDrive(long disk, int index) {
        long drive = kernel.kzalloc(DiskLayout.DRIVE_SIZE, Gfp.GFP_KERNEL);
        if (drive == 0) {
            return -Errno.ENOMEM;
        }
        write(disk, DiskRegisters.SELECT, index);
        long sectors = read(disk, DiskRegisters.CAPACITY) & 0xffff_ffffL;
        memory.storeAddress(drive + DiskLayout.DISK, disk);
        memory.store32(drive + DiskLayout.INDEX, index);
        memory.storeAddress(drive + DiskLayout.SECTORS, sectors);
        memory.store32(drive + DiskLayout.READ_ONLY, read(disk, DiskRegisters.FLAGS) & DiskRegisters.FLAG_READ_ONLY);
        int result = kernel.cdevAdd("disk" + index, operations, drive);
        if (result < 0) {
            kernel.kfree(drive);
            return result;
        }
        memory.storeAddress(disk + DiskLayout.DRIVES + 4L * index, drive);
        kernel.printk("disk" + index + ": " + sectors + " sectors of " + DiskRegisters.SECTOR_BYTES + " bytes, DMA channel "
                + memory.load32(disk + DiskLayout.CHANNEL));
        return 0;
    }

    private void removeDrives(long disk) {
        for (int i = DiskLayout.MAX_DRIVES - 1; i >= 0; i--) {
            long drive = memory.loadAddress(disk + DiskLayout.DRIVES + 4L * i);
            if (drive != 0) {
                kernel.cdevDel("disk" + i);
                kernel.kfree(drive);
            }
        }
    }

    @Override
    public void remove(Device device) {
        long disk = device.driverData();
        removeDrives(disk);
        kernel.freeIrq(memory.load32(disk + DiskLayout.IRQ));
        kernel.freeDma(memory.load32(disk + DiskLayout.CHANNEL));
        kernel.iounmap(memory.loadAddress(disk + DiskLayout.REGISTERS));
        kernel.kfree(disk);
    }

    // ---- an open file ----

    @Override
    public int open(long file) {
        long disk = memory.loadAddress(memory.loadAddress(file + FileLayout.DATA) + DiskLayout.DISK);
        long buffer = kernel.__getFreePages(memory.load32(disk + DiskLayout.GFP), BUFFER_ORDER);
        memory.storeAddress(file + FileLayout.PRIVATE, buffer);
        return buffer == 0 ? -Errno.ENOMEM : 0;
    }

    @Override
    public void release(long file) {
        kernel.freePages(memory.loadAddress(file + FileLayout.PRIVATE), BUFFER_ORDER);
    }

    @Override
    public int read(long file, long to, int count, long position) {
        int wanted = clip(file, count, position);
        if (wanted <= 0) {
            return 0;
        }
        long buffer = memory.loadAddress(file + FileLayout.PRIVATE);
        int skip = (int) (position % DiskRegisters.SECTOR_BYTES);
        int result = transfer(file, DiskRegisters.READ, position, wanted);
        if (result < 0) {
            return result;
        }
        kernel.copyToUser(to, buffer + skip, wanted);
        return wanted;
    }

    /** What does not fill its sectors is put into what they hold. */
    @Override
    public int write(long file, long from, int count, long position) {
        long drive = memory.loadAddress(file + FileLayout.DATA);
        if (memory.load32(drive + DiskLayout.READ_ONLY) != 0) {
            return -Errno.EROFS;
        }
        int wanted = clip(file, count, position);
        if (wanted <= 0) {
            return count == 0 ? 0 : -Errno.ENOSPC;
        }
        int skip = (int) (position % DiskRegisters.SECTOR_BYTES);
        if (skip != 0 || wanted % DiskRegisters.SECTOR_BYTES != 0) {
            int result = transfer(file, DiskRegisters.READ, position, wanted);
            if (result < 0) {
                return result;
            }
        }
        kernel.copyFromUser(memory.loadAddress(file + FileLayout.PRIVATE) + skip, from, wanted);
        int result = transfer(file, DiskRegisters.WRITE, position, wanted);
        memory.store32(file + FileLayout.PRIVATE_2, 1);
        return result < 0 ? result : wanted;
    }

    @Override
    public long size(long file) {
        return memory.loadAddress(memory.loadAddress(file + FileLayout.DATA) + DiskLayout.SECTORS) * DiskRegisters.SECTOR_BYTES;
    }

    /** What was written has reached the medium when a file that wrote is closed. */
    @Override
    public int flush(long file) {
        if (memory.load32(file + FileLayout.PRIVATE_2) == 0) {
            return 0;
        }
        long drive = memory.loadAddress(file + FileLayout.DATA);
        long disk = memory.loadAddress(drive + DiskLayout.DISK);
        kernel.mutexLock(disk + DiskLayout.ONE_REQUEST);
        int result = request(drive, disk, DiskRegisters.FLUSH);
        kernel.mutexUnlock(disk + DiskLayout.ONE_REQUEST);
        return result;
    }

    /** How many of so many bytes lie on the drive and fit into the buffer. */
    private int clip(long file, int count, long position) {
        long drive = memory.loadAddress(file + FileLayout.DATA);
        long left = memory.loadAddress(drive + DiskLayout.SECTORS) * DiskRegisters.SECTOR_BYTES - position;
        int skip = (int) (position % DiskRegisters.SECTOR_BYTES);
        return (int) Math.min(Math.min(count, left), BUFFER_BYTES - skip);
    }

    // ---- a request ----

    /** Moves the sectors that hold these bytes between the drive and the file's buffer. Returns 0 or a negative errno. */
    private int transfer(long file, int command, long position, int bytes) {
        long drive = memory.loadAddress(file + FileLayout.DATA);
        long disk = memory.loadAddress(drive + DiskLayout.DISK);
        long buffer = memory.loadAddress(file + FileLayout.PRIVATE);
        long lba = position / DiskRegisters.SECTOR_BYTES;
        int skip = (int) (position % DiskRegisters.SECTOR_BYTES);
        int sectors = (skip + bytes + DiskRegisters.SECTOR_BYTES - 1) / DiskRegisters.SECTOR_BYTES;
        if (kernel.mutexLockInterruptible(disk + DiskLayout.ONE_REQUEST) < 0) {
            return -Errno.ERESTARTSYS;
        }
        int result = moveSectors(drive, disk, command, lba, sectors, buffer);
        if (result < 0 && read(disk, DiskRegisters.ERROR) == DiskRegisters.CACHE_FULL) {
            result = request(drive, disk, DiskRegisters.FLUSH);
            result = result < 0 ? result : moveSectors(drive, disk, command, lba, sectors, buffer);
        }
        kernel.mutexUnlock(disk + DiskLayout.ONE_REQUEST);
        return result;
    }

    private int moveSectors(long drive, long disk, int command, long lba, int sectors, long buffer) {
        int channel = memory.load32(disk + DiskLayout.CHANNEL);
        int mode = command == DiskRegisters.READ ? DmaMode.DMA_MODE_READ : DmaMode.DMA_MODE_WRITE;
        write(disk, DiskRegisters.SELECT, memory.load32(drive + DiskLayout.INDEX));
        write(disk, DiskRegisters.LBA, (int) lba);
        write(disk, DiskRegisters.COUNT, sectors);
        if (!setUpDma(channel, mode, kernel.virtToPhys(buffer), sectors * DiskRegisters.SECTOR_BYTES)) {
            return -Errno.EIO;
        }
        int result = request(drive, disk, command);
        return finishDma(channel) == 0 ? result : -Errno.EIO;
    }

    /**
     * Has the controller do something, and sleeps until it has. No signal ends this sleep: until the disk is done, or has given up, the DMA controller
     * reaches into the buffer, and the channel is not free.
     */
    private int request(long drive, long disk, int command) {
        memory.store32(disk + DiskLayout.RESULT, 0);
        write(disk, DiskRegisters.SELECT, memory.load32(drive + DiskLayout.INDEX));
        write(disk, DiskRegisters.COMMAND, command);
        kernel.waitEvent(disk + DiskLayout.DONE_WAIT, () -> memory.load32(disk + DiskLayout.RESULT) != 0);
        return memory.load32(disk + DiskLayout.RESULT) == DiskRegisters.DONE ? 0 : failed(drive, disk);
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
            kernel.printk("disk" + memory.load32(drive + DiskLayout.INDEX) + ": request at sector " + read(disk, DiskRegisters.LBA)
                    + " failed, error " + error);
        }
        return -Errno.EIO;
    }

    private boolean handleInterrupt(int irq, long disk) {
        int status = read(disk, DiskRegisters.STATUS);
        if ((status & DiskRegisters.DONE) == 0) {
            return false;
        }
        write(disk, DiskRegisters.STATUS, DiskRegisters.DONE);
        memory.store32(disk + DiskLayout.RESULT, status);
        kernel.wakeUpAll(disk + DiskLayout.DONE_WAIT);
        return true;
    }

    private int read(long disk, int register) {
        return memory.load32(memory.loadAddress(disk + DiskLayout.REGISTERS) + register);
    }

    private void write(long disk, int register, int value) {
        memory.store32(memory.loadAddress(disk + DiskLayout.REGISTERS) + register, value);
    }
}
