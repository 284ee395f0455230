package ferrite.kernel.block;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.vm.UserMemory;

/** The commands that the kernel obeys for all disks. The others are their drivers'. Task context. */
final class BlockIoctls {

    private static final int SECTOR = 512;
    private static final int SECTORS_PER_KB = 2;

    private final BlockState state;
    private final KernelMemory memory;
    private final Gendisks disks;
    private final BufferCache buffers;
    private final BlockIo io;
    private final UserMemory user;

    BlockIoctls(BlockState state, Gendisks disks, BufferCache buffers, BlockIo io, UserMemory user) {
        this.state = state;
        this.memory = state.base().memory();
        this.disks = disks;
        this.buffers = buffers;
        this.io = io;
        this.user = user;
    }

    int ioctl(long disk, int mode, int command, long argument) {
        long queue = GendiskLayout.QUEUE.get(memory, disk);
        long bytes = disks.capacity(disk) * SECTOR;
        if (command == BlkIoctl.BLKROSET) {
            int[] word = new int[1];
            if (!user.get32s(argument, word)) {
                return -Errno.EFAULT;
            }
            disks.setReadOnly(disk, word[0] != 0);
            return 0;
        }
        if (command == BlkIoctl.BLKFLSBUF) {
            int result = io.flush(disk);
            buffers.invalidate(disk);
            return result;
        }
        if (command == BlkIoctl.BLKRASET) {
            RequestQueueLayout.READ_AHEAD_KB.set(memory, queue, (int) (argument / SECTORS_PER_KB));
            return 0;
        }
        if (command == BlkIoctl.BLKGETSIZE64) {
            return user.put32s(argument, (int) bytes, (int) (bytes >>> 32)) ? 0 : -Errno.EFAULT;
        }
        if (command == BlkIoctl.HDIO_GETGEO) {
            return geometry(disk, argument);
        }
        if (command == BlkIoctl.BLKGETSIZE && bytes / SECTOR > 0xffff_ffffL) {
            return -Errno.EFBIG;
        }
        long word = word(disk, queue, command);
        return word < 0 ? disks.call("ioctl", disk, ops -> ops.ioctl(disk, mode, command, argument))
                : user.put32(argument, (int) word) ? 0 : -Errno.EFAULT;
    }

    /** Returns the word that a command reads; -1 if it is none of these. */
    private long word(long disk, long queue, int command) {
        return command == BlkIoctl.BLKROGET ? GendiskLayout.READ_ONLY.get(memory, disk)
                : command == BlkIoctl.BLKGETSIZE ? disks.capacity(disk)
                : command == BlkIoctl.BLKRAGET
                        ? (long) RequestQueueLayout.READ_AHEAD_KB.get(memory, queue) * SECTORS_PER_KB
                : command == BlkIoctl.BLKSSZGET ? RequestQueueLayout.LOGICAL_BLOCK_SIZE.get(memory, queue)
                : command == BlkIoctl.BLKBSZGET ? AddressSpace.PAGE_SIZE : -1;
    }

    private int geometry(long disk, long argument) {
        return state.tasks().stacks().onStack(HdGeometryLayout.SIZE, geometry -> {
            memory.fill(geometry, 0, HdGeometryLayout.SIZE);
            int result = disks.call("getgeo", disk, ops -> ops.getgeo(disk, geometry));
            return result < 0 ? result
                    : user.copyToUser(argument, geometry, HdGeometryLayout.SIZE) == 0 ? 0 : -Errno.EFAULT;
        });
    }
}
