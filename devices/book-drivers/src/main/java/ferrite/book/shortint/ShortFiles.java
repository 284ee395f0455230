package ferrite.book.shortint;

import static ferrite.book.shortint.ShortLayout.BUFFER;
import static ferrite.book.shortint.ShortLayout.HEAD;
import static ferrite.book.shortint.ShortLayout.ONE_READER;
import static ferrite.book.shortint.ShortLayout.QUEUE;
import static ferrite.book.shortint.ShortLayout.REGISTERS;
import static ferrite.book.shortint.ShortLayout.TAIL;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;

/**
 * {@code /dev/shortint}: each byte that is written raises an interrupt, and a read waits for the lines of interrupts
 * (LDD3 pages 269-271).
 */
final class ShortFiles implements FileOperations {

    /** The handler takes a byte long before so many looks; otherwise the interrupt does not come. */
    private static final int LOOKS = 100_000;

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final ShortInterrupt interrupt;

    ShortFiles(KernelCalls kernel, ShortInterrupt interrupt) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.interrupt = interrupt;
    }

    private long record(long file) {
        return ShortLayout.CDEVS.containerOf(FileLayout.DATA.get(memory, file));       // the first of the cdevs
    }

    private boolean isEmpty(long record) {
        return HEAD.get(memory, record) == TAIL.get(memory, record);
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long record = record(file);
        if (kernel.mutexLockInterruptible(ONE_READER.at(record)) < 0) {
            return -Errno.ERESTARTSYS;
        }
        int result = kernel.waitEventInterruptible(QUEUE.at(record), () -> !isEmpty(record));
        if (result == 0) {
            long from = TAIL.get(memory, record);
            long head = HEAD.get(memory, record);
            long end = head > from ? head : BUFFER.get(memory, record) + ShortInterrupt.PAGE_BYTES;
            int bytes = (int) Math.min(count, end - from);
            result = kernel.copyToUser(to, from, bytes) != 0 ? -Errno.EFAULT : bytes;
            TAIL.set(memory, record, interrupt.advanced(record, from, Math.max(0, result)));
        }
        kernel.mutexUnlock(ONE_READER.at(record));
        return result;
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long registers = REGISTERS.get(memory, record(file));
        for (int i = 0; i < count; i++) {
            kernel.iowrite8(i & 0xff, registers + ShortRegisters.DATA);
            if (!isTaken(registers)) {
                return i > 0 ? i : -Errno.EIO;
            }
        }
        return count;
    }

    /** Waits until the handler has read the byte, so that the next one raises an interrupt of its own. */
    private boolean isTaken(long registers) {
        for (int i = 0; i < LOOKS; i++) {
            if ((kernel.ioread8(registers + ShortRegisters.LSR) & ShortRegisters.LSR_DATA_READY) == 0) {
                return true;
            }
            kernel.cpuRelax();
        }
        return false;
    }
}
