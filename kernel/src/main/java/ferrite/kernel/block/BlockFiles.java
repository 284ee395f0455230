package ferrite.kernel.block;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.fs.Llseek;
import ferrite.kernel.vm.UserMemory;
import java.util.function.LongToIntFunction;

/**
 * The files of disks: {@code def_blk_fops}. Reads go through the cache, with read-ahead. Writes go through the cache to
 * the disk, so that an error is the result of the write; a close after a write flushes the disk. A file's first word is
 * the address of its {@link GendiskLayout}, which it holds; the second one that of its {@link BlkdevFileLayout}.
 */
final class BlockFiles implements FileOperations {

    private static final int PAGE_SHIFT = AddressSpace.PAGE_SHIFT;
    private static final int SECTOR = 512;
    private static final int MAX_ATTEMPTS = 3;

    private final BlockState state;
    private final KernelMemory memory;
    private final Gendisks disks;
    private final BufferCache buffers;
    private final BlockIo io;
    private final ReadAhead readAhead;
    private final BlockWrites writes;
    private final BufferCopies copies;
    private final BlockIoctls ioctls;
    private final long operations;

    BlockFiles(BlockState state, Gendisks disks, BufferCache buffers, BlockIo io, UserMemory user,
            TextTable.Module module) {
        this.state = state;
        this.memory = state.base().memory();
        this.disks = disks;
        this.buffers = buffers;
        this.io = io;
        this.readAhead = new ReadAhead(state, buffers, io);
        this.copies = new BufferCopies(state, user);
        this.writes = new BlockWrites(state, buffers, io, copies);
        this.ioctls = new BlockIoctls(state, disks, buffers, io, user);
        this.operations = module.add("def_blk_fops", this);
    }

    /** The text address of these operations. */
    long operations() {
        return operations;
    }

    private long disk(long file) {
        return FileLayout.PRIVATE.get(memory, file);
    }

    private long own(long file) {
        return FileLayout.PRIVATE_2.get(memory, file) & 0xffff_ffffL;
    }

    // ---- opening and closing ----

    @Override
    public int open(long file) {
        long disk = disks.hold(FileLayout.DATA.get(memory, file));
        if (disk == 0) {
            return -Errno.ENXIO;
        }
        long own = state.mm().kmalloc().kzalloc(BlkdevFileLayout.SIZE, Gfp.GFP_KERNEL);
        int result = own == 0 ? -Errno.ENOMEM : openDriver(disk, FileLayout.MODE.get(memory, file));
        if (result < 0) {
            state.mm().kmalloc().kfree(own);
            disks.put(disk);
            return result;
        }
        FileLayout.PRIVATE.set(memory, file, disk);
        FileLayout.PRIVATE_2.set(memory, file, (int) own);
        return 0;
    }

    private int openDriver(long disk, int mode) {
        state.tasks().mutexes().lock(GendiskLayout.OPEN_MUTEX.at(disk));
        boolean isThere = state.enter(disk);
        int result = isThere ? disks.call("open", disk, ops -> ops.open(disk, mode)) : -Errno.ENXIO;
        if (result == 0) {
            GendiskLayout.OPENERS.add(memory, disk, 1);
        }
        if (isThere) {
            state.leave(disk);
        }
        state.tasks().mutexes().unlock(GendiskLayout.OPEN_MUTEX.at(disk));
        return result;
    }

    /**
     * The last file's close waits for read-ahead, and forgets the bytes, as Linux does: the medium may be
     * changed before the next open.
     */
    @Override
    public void release(long file) {
        long disk = disk(file);
        int mode = FileLayout.MODE.get(memory, file);
        state.tasks().mutexes().lock(GendiskLayout.OPEN_MUTEX.at(disk));
        GendiskLayout.OPENERS.add(memory, disk, -1);
        if (GendiskLayout.OPENERS.get(memory, disk) == 0) {
            state.await(disk, () -> GendiskLayout.BIOS.get(memory, disk) == 0);
            buffers.invalidate(disk);
        }
        disks.call("release", disk, ops -> {
            ops.release(disk, mode);
            return 0;
        });
        state.tasks().mutexes().unlock(GendiskLayout.OPEN_MUTEX.at(disk));
        state.mm().kmalloc().kfree(own(file));
        disks.put(disk);
    }

    /** Does something with the driver of a file's disk. Returns {@code -ENODEV} if the disk was deleted. */
    private int with(long file, LongToIntFunction work) {
        long disk = disk(file);
        if (!state.enter(disk)) {
            return -Errno.ENODEV;
        }
        int result = work.applyAsInt(disk);
        state.leave(disk);
        return result;
    }

    @Override
    public int flush(long file) {
        if (BlkdevFileLayout.WROTE.get(memory, own(file)) == 0) {
            return 0;
        }
        BlkdevFileLayout.WROTE.set(memory, own(file), 0);
        return with(file, io::flush);
    }

    @Override
    public long size(long file) {
        return disks.capacity(disk(file)) * SECTOR;
    }

    /** {@code blkdev_llseek}. */
    @Override
    public long llseek(long file, long offset, int whence) {
        return Llseek.fixedSizeLlseek(memory, file, offset, whence, size(file));
    }

    @Override
    public int ioctl(long file, int command, long argument) {
        return with(file, disk -> ioctls.ioctl(disk, FileLayout.MODE.get(memory, file), command, argument));
    }

    // ---- reading ----

    @Override
    public int read(long file, long to, int count, long position) {
        return with(file, disk -> {
            int wanted = (int) Math.max(0, Math.min(count, size(file) - position));
            return wanted == 0 ? 0 : read(own(file), disk, to, wanted, position);
        });
    }

    private int read(long own, long disk, long to, int wanted, long position) {
        int last = (int) (position + wanted - 1 >>> PAGE_SHIFT);
        int done = 0;
        while (done < wanted) {
            long at = position + done;
            long buffer = ready(own, disk, (int) (at >>> PAGE_SHIFT), last);
            if (buffer == -Errno.ENOMEM) {
                buffer = writes.readWithoutMemory(disk, to + done, wanted - done, at);
                if (buffer > 0) {
                    done += (int) buffer;
                    continue;
                }
            }
            if (buffer < 0) {
                return done > 0 ? done : (int) buffer;
            }
            int offset = (int) (at - buffers.sector(buffer) * SECTOR);
            int piece = Math.min(wanted - done, buffers.bytes(buffer) - offset);
            int copied = piece <= 0 ? 0 : copies.toUser(to + done, buffer, offset, piece);
            buffers.release(buffer);
            done += copied;
            if (copied < piece || piece <= 0) {        // or the medium became smaller
                return done > 0 || piece <= 0 ? done : -Errno.EFAULT;
            }
        }
        BlkdevFileLayout.NEXT.set(memory, own, last + 1);
        return done;
    }

    /** Returns a buffer with the bytes of a page, for {@link BufferCache#release}; or a negative errno. Sleeps. */
    private long ready(long own, long disk, int index, int last) {
        int attempts = 0;
        while (true) {
            long buffer = buffers.find(disk, index);
            if (buffer == 0 && attempts++ == MAX_ATTEMPTS) {
                return -Errno.ENOMEM;
            }
            if (buffer == 0) {                         // it may be dropped again before it is found
                readAhead.sync(own, disk, index, last);
                continue;
            }
            int error = read(own, disk, buffer, index);
            if (error == 0) {
                return buffer;
            }
            buffers.release(buffer);
            if (error != -Errno.EAGAIN) {
                return error;
            }
        }
    }

    /** Waits until a buffer has its bytes. Returns {@code -EAGAIN} if only a read ahead of it has failed. */
    private int read(long own, long disk, long buffer, int index) {
        boolean isMarked = (BufferHeadLayout.STATE.get(memory, buffer) & BufferHeadLayout.READAHEAD) != 0;
        if (isMarked) {
            BufferHeadLayout.STATE.amoAnd(memory, buffer, ~BufferHeadLayout.READAHEAD);
            readAhead.async(own, disk, index);
        }
        if (!buffers.isUptodate(buffer) && buffers.tryLock(buffer)) {
            if (buffers.isUptodate(buffer)) {
                buffers.unlock(buffer);
            } else {
                BufferHeadLayout.COUNT.amoAdd(memory, buffer, 1);
                io.read(buffer, false);
            }
        }
        if (buffers.isLocked(buffer)) {
            state.await(disk, () -> !buffers.isLocked(buffer));
        }
        int error = BufferHeadLayout.ERROR.get(memory, buffer);
        return buffers.isUptodate(buffer) ? 0 : error != 0 ? error : -Errno.EAGAIN;
    }

    // ---- writing ----

    @Override
    public int write(long file, long from, int count, long position) {
        return with(file, disk -> {
            if (GendiskLayout.READ_ONLY.get(memory, disk) != 0) {
                return -Errno.EROFS;
            }
            int wanted = (int) Math.max(0, Math.min(count, size(file) - position));
            if (wanted == 0) {
                return count == 0 ? 0 : -Errno.ENOSPC;
            }
            int done = writes.write(disk, from, wanted, position);
            if (done > 0) {
                BlkdevFileLayout.WROTE.set(memory, own(file), 1);
            }
            return done;
        });
    }
}
