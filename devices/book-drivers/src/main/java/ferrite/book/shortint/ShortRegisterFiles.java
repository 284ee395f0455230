package ferrite.book.shortint;

import static ferrite.book.shortint.ShortLayout.CDEVS;
import static ferrite.book.shortint.ShortLayout.NO_PORT;
import static ferrite.book.shortint.ShortLayout.PORT;
import static ferrite.book.shortint.ShortLayout.REGISTERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;

/**
 * {@code /dev/short0} to {@code short7}: one register each, which each byte of a read or write accesses (LDD3 pages
 * 247-248), a port by a string operation. Register 7 is the chip's scratch register, which keeps a byte and does
 * nothing.
 */
final class ShortRegisterFiles implements FileOperations {

    /** A call of more bytes is a short one. */
    private static final int PIECE = 64;

    private final KernelCalls kernel;
    private final KernelMemory memory;

    ShortRegisterFiles(KernelCalls kernel) {
        this.kernel = kernel;
        this.memory = kernel.memory();
    }

    private long record(long file) {
        long cdev = FileLayout.DATA.get(memory, file);
        return CDEVS.containerOf(cdev - (long) kernel.iminor(file) * CDEVS.width());
    }

    /** Returns the register of a file: minor 1 is the first, since minor 0 is shortint. */
    private int register(long file) {
        return kernel.iminor(file) - 1;
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long record = record(file);
        int register = register(file);
        int bytes = Math.min(count, PIECE);
        return kernel.onStack(PIECE, local -> {
            if (PORT.get(memory, record) != NO_PORT) {
                kernel.insb(PORT.get(memory, record) + register, local, bytes);
            } else {
                kernel.ioread8Rep(REGISTERS.get(memory, record) + register, local, bytes);
            }
            return kernel.copyToUser(to, local, bytes) != 0 ? -Errno.EFAULT : bytes;
        });
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long record = record(file);
        int register = register(file);
        int bytes = Math.min(count, PIECE);
        return kernel.onStack(PIECE, local -> {
            if (kernel.copyFromUser(local, from, bytes) != 0) {
                return -Errno.EFAULT;
            }
            if (PORT.get(memory, record) != NO_PORT) {
                kernel.outsb(PORT.get(memory, record) + register, local, bytes);
            } else {
                kernel.iowrite8Rep(REGISTERS.get(memory, record) + register, local, bytes);
            }
            return bytes;
        });
    }
}
