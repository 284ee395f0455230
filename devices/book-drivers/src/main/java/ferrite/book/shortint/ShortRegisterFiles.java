package ferrite.book.shortint;

import static ferrite.book.shortint.ShortLayout.CDEVS;
import static ferrite.book.shortint.ShortLayout.REGISTERS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;

/**
 * {@code /dev/short0} to {@code short7}: one register each, which each byte of a read or write accesses (LDD3 pages
 * 247-248). Register 7 is the chip's scratch register, which keeps a byte and does nothing.
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

    private long register(long file) {
        int minor = kernel.iminor(file);
        long cdev = FileLayout.DATA.get(memory, file);
        long record = CDEVS.containerOf(cdev - (long) minor * CDEVS.width());
        return REGISTERS.get(memory, record) + minor - 1;              // minor 0 is shortint
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long register = register(file);
        int bytes = Math.min(count, PIECE);
        return kernel.onStack(PIECE, local -> {
            for (int i = 0; i < bytes; i++) {
                memory.store8(local + i, kernel.ioread8(register));
            }
            return kernel.copyToUser(to, local, bytes) != 0 ? -Errno.EFAULT : bytes;
        });
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long register = register(file);
        int bytes = Math.min(count, PIECE);
        return kernel.onStack(PIECE, local -> {
            if (kernel.copyFromUser(local, from, bytes) != 0) {
                return -Errno.EFAULT;
            }
            for (int i = 0; i < bytes; i++) {
                kernel.iowrite8(memory.load8(local + i), register);
            }
            return bytes;
        });
    }
}
