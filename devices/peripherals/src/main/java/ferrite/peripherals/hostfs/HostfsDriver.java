package ferrite.peripherals.hostfs;

import static ferrite.peripherals.hostfs.HostfsLayout.ONE_USER;
import static ferrite.peripherals.hostfs.HostfsLayout.PAGE;
import static ferrite.peripherals.hostfs.HostfsLayout.REGISTERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.HostOpenLayout;
import java.util.List;
import java.util.function.LongSupplier;

/** {@code hostfs}: /dev/hostfs. An open file stands for a file of the host from {@code HOST_OPEN} on. */
public final class HostfsDriver implements Driver, FileOperations {

    private static final String NODE = "hostfs";
    private static final int PAGE_BYTES = 4096;

    private KernelCalls kernel;
    private KernelMemory memory;
    private long operations;

    @Override
    public String name() {
        return "hostfs";
    }

    /** Open files stand for files of the device. */
    @Override
    public boolean suppressBindAttrs() {
        return true;
    }

    @Override
    public List<String> compatible() {
        return List.of(Hostfs.COMPATIBLE);
    }

    @Override
    public List<Struct> structs() {
        return List.of(HostfsLayout.STRUCT);
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        operations = text.add("hostfs_operations", this);
    }

    @Override
    public int probe(Device device) {
        long dev = device.dev();
        long hostfs = kernel.devmKzalloc(dev, HostfsLayout.SIZE, Gfp.GFP_KERNEL);
        long page = hostfs == 0 ? 0 : kernel.devmGetFreePages(dev, Gfp.GFP_KERNEL, 0);
        long registers = page == 0 ? 0 : kernel.devmPlatformIoremapResource(dev, 0);
        if (registers == 0) {
            return page == 0 ? -Errno.ENOMEM : -Errno.EBUSY;
        }
        REGISTERS.set(memory, hostfs, registers);
        PAGE.set(memory, hostfs, page);
        kernel.mutexInit(ONE_USER.at(hostfs));
        device.setDriverData(hostfs);
        return kernel.cdevAdd(NODE, operations, hostfs);
    }

    @Override
    public void remove(Device device) {
        kernel.cdevDel(NODE);
    }

    // ---- the device ----

    private void write(long hostfs, int register, int value) {
        kernel.writel(value, REGISTERS.get(memory, hostfs) + register);
    }

    private int read(long hostfs, int register) {
        return kernel.readl(REGISTERS.get(memory, hostfs) + register);
    }

    /** Runs a command with the page. The caller is the one user. Returns its result, or a negative errno. */
    private long command(long hostfs, int command, int handle, int bytes) {
        write(hostfs, HostfsRegisters.ADDRESS, (int) kernel.virtToPhys(PAGE.get(memory, hostfs)));
        write(hostfs, HostfsRegisters.LENGTH, bytes);
        write(hostfs, HostfsRegisters.HANDLE, handle);
        write(hostfs, HostfsRegisters.COMMAND, command);
        return read(hostfs, HostfsRegisters.RESULT_LOW) & 0xffff_ffffL
                | (long) read(hostfs, HostfsRegisters.RESULT_HIGH) << 32;
    }

    private int transfer(long hostfs, int command, int handle, int bytes, long position) {
        write(hostfs, HostfsRegisters.OFFSET_LOW, (int) position);
        write(hostfs, HostfsRegisters.OFFSET_HIGH, (int) (position >>> 32));
        return (int) command(hostfs, command, handle, bytes);
    }

    private long alone(long hostfs, LongSupplier body) {
        kernel.mutexLock(ONE_USER.at(hostfs));
        long result = body.getAsLong();
        kernel.mutexUnlock(ONE_USER.at(hostfs));
        return result;
    }

    private long hostfs(long file) {
        return FileLayout.DATA.get(memory, file);
    }

    private int handle(long file) {
        return (int) FileLayout.PRIVATE.get(memory, file);
    }

    // ---- the file ----

    @Override
    public int ioctl(long file, int command, long argument) {
        if (command != HostOpenLayout.HOST_OPEN) {
            return -Errno.ENOTTY;
        }
        long hostfs = hostfs(file);
        return (int) alone(hostfs, () -> handle(file) != 0 ? -Errno.EBUSY : open(hostfs, file, argument));
    }

    private long open(long hostfs, long file, long argument) {
        long page = PAGE.get(memory, hostfs);
        if (kernel.copyFromUser(page, argument, HostOpenLayout.SIZE) != 0) {
            return -Errno.EFAULT;
        }
        int flags = HostOpenLayout.FLAGS.get(memory, page);
        long name = HostOpenLayout.NAME.at(page);
        int length = 0;
        while (length < HostOpenLayout.NAME.count() && memory.load8(name + length) != 0) {
            length++;
        }
        if (length == HostOpenLayout.NAME.count()) {
            return -Errno.ENAMETOOLONG;
        }
        memory.copy(page, name, length);
        write(hostfs, HostfsRegisters.MODE, mode(FileLayout.MODE.get(memory, file), flags));
        long handle = command(hostfs, HostfsRegisters.OPEN, 0, length);
        if (handle > 0) {
            FileLayout.PRIVATE.set(memory, file, handle);
        }
        return Math.min(0, handle);
    }

    private static int mode(int access, int flags) {
        boolean writes = (access & Fcntl.FMODE_WRITE) != 0;
        return ((access & Fcntl.FMODE_READ) != 0 ? HostfsRegisters.MODE_READS : 0)
                | (writes ? HostfsRegisters.MODE_WRITES : 0)
                | (writes && (flags & Fcntl.O_CREAT) != 0 ? HostfsRegisters.MODE_CREATES : 0)
                | (writes && (flags & Fcntl.O_TRUNC) != 0 ? HostfsRegisters.MODE_EMPTIES : 0);
    }

    @Override
    public int read(long file, long to, int count, long position) {
        return move(count, done -> readPiece(file, to + done, Math.min(PAGE_BYTES, count - done), position + done));
    }

    @Override
    public int write(long file, long from, int count, long position) {
        return move(count, done -> writePiece(file, from + done, Math.min(PAGE_BYTES, count - done), position + done));
    }

    @FunctionalInterface
    private interface Piece {
        /** Returns the number of bytes, or a negative errno. */
        int move(int done);
    }

    /** Moves pieces until one is short. Returns the bytes, or the errno of the first piece. */
    private static int move(int count, Piece piece) {
        int done = 0;
        int moved = PAGE_BYTES;
        while (done < count && moved == PAGE_BYTES) {
            moved = piece.move(done);
            done += Math.max(moved, 0);
        }
        return done == 0 ? Math.min(moved, 0) : done;
    }

    private int readPiece(long file, long to, int bytes, long position) {
        long hostfs = hostfs(file);
        return (int) alone(hostfs, () -> {
            int got = transfer(hostfs, HostfsRegisters.READ, handle(file), bytes, position);
            return got > 0 && kernel.copyToUser(to, PAGE.get(memory, hostfs), got) != 0 ? -Errno.EFAULT : got;
        });
    }

    private int writePiece(long file, long from, int bytes, long position) {
        long hostfs = hostfs(file);
        return (int) alone(hostfs, () -> kernel.copyFromUser(PAGE.get(memory, hostfs), from, bytes) != 0
                ? -Errno.EFAULT : transfer(hostfs, HostfsRegisters.WRITE, handle(file), bytes, position));
    }

    @Override
    public long size(long file) {
        long hostfs = hostfs(file);
        return alone(hostfs, () -> command(hostfs, HostfsRegisters.SIZE, handle(file), 0));
    }

    @Override
    public void release(long file) {
        long hostfs = hostfs(file);
        if (handle(file) != 0) {
            alone(hostfs, () -> command(hostfs, HostfsRegisters.CLOSE, handle(file), 0));
        }
    }
}
