package ferrite.kernel.fs;

import static ferrite.kernel.fs.FileLayout.FLAGS;
import static ferrite.kernel.fs.FileLayout.MODE;
import static ferrite.kernel.fs.FileLayout.OPERATIONS;
import static ferrite.kernel.fs.FileLayout.POSITION;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TextTable;

/** The kernel's own {@code llseek} operations (LDD3 pages 163-164), which drivers may call from theirs. */
public final class Llseek {

    private final KernelMemory memory;
    private final TextTable text;

    Llseek(KernelMemory memory, TextTable text) {
        this.memory = memory;
        this.text = text;
    }

    /**
     * {@code default_llseek}: sets the position. {@code SEEK_END} counts from the file's size, which is 0 if the driver
     * does not say it.
     *
     * @return the new position, or {@code -EINVAL}; {@code -ENXIO} for data or a gap past the end
     */
    public long defaultLlseek(long file, long offset, int whence) {
        long position = POSITION.get(memory, file);
        boolean finds = whence == Fcntl.SEEK_DATA || whence == Fcntl.SEEK_HOLE;
        if (finds && (offset < 0 || offset >= size(file))) {
            return -Errno.ENXIO;
        }
        long target = switch (whence) {
            case Fcntl.SEEK_SET, Fcntl.SEEK_DATA -> offset;
            case Fcntl.SEEK_CUR -> position + offset;
            case Fcntl.SEEK_END -> Math.max(0, size(file)) + offset;
            case Fcntl.SEEK_HOLE -> size(file);
            default -> -1;
        };
        if (target < 0) {
            return -Errno.EINVAL;
        }
        if (target != position) {
            POSITION.set(memory, file, target);
        }
        return target;
    }

    private long size(long file) {
        return text.at(OPERATIONS.get(memory, file), FileOperations.class).size(file);
    }

    /**
     * {@code fixed_size_llseek}: sets the position in a file that cannot grow, so that no position is past its end.
     *
     * @return the new position, or {@code -EINVAL}
     */
    public static long fixedSizeLlseek(KernelMemory memory, long file, long offset, int whence, long size) {
        long position = POSITION.get(memory, file);
        long target = switch (whence) {
            case Fcntl.SEEK_SET -> offset;
            case Fcntl.SEEK_CUR -> position + offset;
            case Fcntl.SEEK_END -> size + offset;
            default -> -1;
        };
        if (whence == Fcntl.SEEK_CUR && offset == 0) {
            return position;                           // the medium may have become smaller
        }
        if (target < 0 || target > size) {
            return -Errno.EINVAL;
        }
        POSITION.set(memory, file, target);
        return target;
    }

    /** {@code no_llseek}: the file has no positions. */
    public long noLlseek(long file, long offset, int whence) {
        return -Errno.ESPIPE;
    }

    /** {@code noop_llseek}: succeeds, and leaves the position. */
    public long noopLlseek(long file, long offset, int whence) {
        return POSITION.get(memory, file);
    }

    /** {@code nonseekable_open}: tells the kernel that the file has no positions. Returns 0. */
    public int nonseekableOpen(long file) {
        MODE.set(memory, file, MODE.get(memory, file) & ~Fcntl.FMODE_LSEEK);
        return 0;
    }

    /** Moves the position of a file that was opened with {@code O_APPEND} to its end, if it has a size. */
    void toEndIfAppending(long file) {
        if ((FLAGS.get(memory, file) & Fcntl.O_APPEND) != 0) {
            long size = size(file);
            if (size >= 0) {
                POSITION.set(memory, file, size);
            }
        }
    }
}
