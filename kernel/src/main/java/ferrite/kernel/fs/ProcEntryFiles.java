package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import java.util.function.ToLongFunction;

/**
 * The operations on the files of {@link ProcEntries}: {@code proc_reg_file_ops}. Each call leads to the driver's
 * operation while the entry is there. After its removal the driver's memory may be gone: calls for files that are still
 * open fail without the driver, and a close does nothing, because the removal has released the files.
 */
final class ProcEntryFiles implements FileOperations {

    private final KernelMemory memory;
    private final TextTable text;
    private final Context context;
    private final ProcEntries entries;
    private final Kmalloc kmalloc;

    ProcEntryFiles(KernelBase base, ProcEntries entries, Kmalloc kmalloc) {
        this.memory = base.memory();
        this.text = base.text();
        this.context = base.context();
        this.entries = entries;
        this.kmalloc = kmalloc;
    }

    private long entry(long file) {
        return FileLayout.PROC_ENTRY.get(memory, file);
    }

    private FileOperations operations(long entry) {
        return text.at(ProcEntryLayout.OPERATIONS.get(memory, entry), FileOperations.class);
    }

    /** Calls the driver; or returns a result in place of its own, if the entry was removed. */
    private long with(long file, long removed, ToLongFunction<FileOperations> call) {
        long entry = entry(file);
        if (!entries.enter(entry)) {
            return removed;
        }
        long result = call.applyAsLong(operations(entry));
        entries.leave(entry);
        return result;
    }

    /** The file's word is the entry first, which has a reference for it, and the driver's word then. */
    @Override
    public int open(long file) {
        long entry = FileLayout.DATA.get(memory, file);
        FileLayout.PROC_ENTRY.set(memory, file, entry);
        FileLayout.DATA.set(memory, file, ProcEntryLayout.DATA.get(memory, entry));
        long opener = kmalloc.kzalloc(ProcOpenerLayout.SIZE, Gfp.GFP_KERNEL);
        int result = opener == 0 ? -Errno.ENOMEM
                : (int) with(file, -Errno.ENOENT, driver -> open(driver, file, opener));
        if (result < 0) {
            kmalloc.kfree(opener);
        }
        return result;
    }

    private int open(FileOperations driver, long file, long opener) {
        int result = driver.open(file);
        if (result >= 0) {
            ProcOpenerLayout.FILE.set(memory, opener, file);
            int flags = entries.lock();
            ListHead.add(memory, ProcOpenerLayout.LIST.at(opener), ProcEntryLayout.OPENERS.at(entry(file)));
            entries.unlock(flags);
        }
        return result;
    }

    @Override
    public int read(long file, long to, int count, long position) {
        return (int) with(file, -Errno.EIO, driver -> driver.read(file, to, count, position));
    }

    @Override
    public int write(long file, long from, int count, long position) {
        return (int) with(file, -Errno.EIO, driver -> driver.write(file, from, count, position));
    }

    @Override
    public long size(long file) {
        return with(file, -Errno.EINVAL, driver -> driver.size(file));
    }

    @Override
    public long llseek(long file, long offset, int whence) {
        return with(file, -Errno.EINVAL, driver -> driver.llseek(file, offset, whence));
    }

    @Override
    public int poll(long file, long table) {
        return (int) with(file, PollEvents.DEFAULT, driver -> driver.poll(file, table));
    }

    @Override
    public int ioctl(long file, int command, long argument) {
        return (int) with(file, -Errno.ENOTTY, driver -> driver.ioctl(file, command, argument));
    }

    @Override
    public int mmap(long file, long area) {
        return (int) with(file, -Errno.EIO, driver -> driver.mmap(file, area));
    }

    @Override
    public void release(long file) {
        long entry = entry(file);
        releaseOnce(entry, file);
        entries.put(entry);
    }

    /**
     * {@code close_pdeo}: lets the driver release an open file, unless it has done so. A close and the removal may both
     * come; each returns after the driver's release.
     */
    void releaseOnce(long entry, long file) {
        int flags = entries.lock();
        long opener = entries.opener(entry, file);
        boolean isOurs = opener != 0 && ProcOpenerLayout.CLOSING.get(memory, opener) == 0;
        if (isOurs) {
            ProcOpenerLayout.CLOSING.set(memory, opener, 1);
        }
        entries.unlock(flags);
        if (!isOurs) {
            entries.await(entry, () -> isReleased(entry, file));
            return;
        }
        Context.Entered entered = context.enter();
        operations(entry).release(file);
        context.leave(() -> "release of a file", entered);
        flags = entries.lock();
        ListHead.delete(memory, ProcOpenerLayout.LIST.at(opener));
        entries.unlock(flags);
        kmalloc.kfree(opener);
        entries.wake(entry);
    }

    private boolean isReleased(long entry, long file) {
        int flags = entries.lock();
        boolean released = entries.opener(entry, file) == 0;
        entries.unlock(flags);
        return released;
    }
}
