package ferrite.kernel.block;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.mm.PageLayout;
import java.util.function.LongConsumer;

/** Bios that the kernel itself makes: reads of buffers, writes for which a task waits, flushes. Task context. */
final class BlockIo {

    private static final int SECTOR = 512;
    private static final int PAGE = AddressSpace.PAGE_SIZE;

    private final BlockState state;
    private final KernelMemory memory;
    private final Bios bios;
    private final BufferCache buffers;
    private final long readEnded;
    private final long pieceEnded;

    BlockIo(BlockState state, Bios bios, BufferCache buffers, TextTable.Module module) {
        this.state = state;
        this.memory = state.base().memory();
        this.bios = bios;
        this.buffers = buffers;
        this.readEnded = module.add("end_buffer_read", (BioEndIo) this::readEnded);
        this.pieceEnded = module.add("end_io_batch", (BioEndIo) this::pieceEnded);
    }

    /** Calls a body, with its bios waiting for each other, so that neighbours are merged. */
    void plugged(Runnable body) {
        state.tasks().stacks().onStack(BlkPlugLayout.SIZE, plug -> {
            bios.startPlug(plug);
            body.run();
            bios.finishPlug(plug);
            return 0;
        });
    }

    private long bio(long disk, int flags, long sector, long end) {
        long bio = bios.alloc(Gfp.GFP_NOIO);
        BioLayout.DISK.set(memory, bio, disk);
        BioLayout.OPF.set(memory, bio, flags);
        BioLayout.SECTOR.set(memory, bio, sector);
        BioLayout.END_IO.set(memory, bio, end);
        return bio;
    }

    // ---- buffers ----

    /**
     * Begins to read a locked buffer, and ends its use when it has been read.
     *
     * @param isAhead whether no task has asked for its bytes
     */
    void read(long buffer, boolean isAhead) {
        long disk = BufferHeadLayout.DISK.get(memory, buffer);
        int bytes = buffers.bytes(buffer);
        long sector = buffers.sector(buffer);
        BufferHeadLayout.ERROR.set(memory, buffer, 0);
        int flags = BioLayout.REQ_OP_READ | (isAhead ? BioLayout.REQ_RAHEAD : 0);
        long bio = bio(disk, flags, sector, readEnded);
        if (bios.addPage(bio, BufferHeadLayout.PAGE.get(memory, buffer), bytes, 0) == bytes) {
            BioLayout.PRIVATE.set(memory, bio, buffer);
            bios.submit(bio);
            return;
        }
        bios.put(bio);                                 // the disk takes less at once
        int error = transfer(disk, BioLayout.REQ_OP_READ, BufferHeadLayout.PAGE.get(memory, buffer), 0, bytes, sector);
        buffers.readEnded(buffer, error, isAhead);
    }

    private void readEnded(long bio) {
        int error = BioLayout.STATUS.get(memory, bio);
        boolean isAhead = (BioLayout.OPF.get(memory, bio) & BioLayout.REQ_RAHEAD) != 0;
        long buffer = BioLayout.PRIVATE.get(memory, bio);
        bios.put(bio);
        buffers.readEnded(buffer, error, isAhead);
    }

    // ---- a batch of bios ----

    /** Calls a body that submits bios to a batch, and sleeps until they have ended. Returns 0 or a negative errno. */
    int together(long disk, LongConsumer body) {
        return state.tasks().stacks().onStack(IoBatchLayout.SIZE, batch -> {
            IoBatchLayout.PENDING.set(memory, batch, 0);
            IoBatchLayout.ERROR.set(memory, batch, 0);
            IoBatchLayout.DISK.set(memory, batch, disk);
            plugged(() -> body.accept(batch));
            state.await(disk, () -> IoBatchLayout.PENDING.get(memory, batch) == 0);
            return IoBatchLayout.ERROR.get(memory, batch);
        });
    }

    /**
     * Submits the bytes of a block of pages to a batch: whole sectors.
     *
     * @param page   the first page
     * @param offset of the bytes in the block
     */
    void submit(long batch, int operation, long page, int offset, int bytes, long sector) {
        long disk = IoBatchLayout.DISK.get(memory, batch);
        int done = 0;
        do {
            int piece = bytes - done;
            long bio = bio(disk, operation, sector + done / SECTOR, pieceEnded);
            int at = offset + done;
            long first = page + (long) (at / PAGE) * PageLayout.SIZE;
            int within = at % PAGE;
            while (piece > 0 && bios.addPage(bio, first, piece, within) == 0) {
                piece = Math.max(SECTOR, Math.min(piece - 1, PAGE - within));
            }
            BioLayout.PRIVATE.set(memory, bio, batch);
            IoBatchLayout.PENDING.amoAdd(memory, batch, 1);
            bios.submit(bio);
            done += piece;
        } while (done < bytes);
    }

    private void pieceEnded(long bio) {
        long batch = BioLayout.PRIVATE.get(memory, bio);
        int error = BioLayout.STATUS.get(memory, bio);
        bios.put(bio);
        if (error != 0) {
            IoBatchLayout.ERROR.set(memory, batch, error);
        }
        long disk = IoBatchLayout.DISK.get(memory, batch);
        IoBatchLayout.PENDING.amoAdd(memory, batch, -1);   // the waiting task may end the batch from now on
        state.wake(disk);
    }

    /** Reads or writes whole sectors, and sleeps until they are moved. Returns 0 or a negative {@link Errno}. */
    int transfer(long disk, int operation, long page, int offset, int bytes, long sector) {
        return together(disk, batch -> submit(batch, operation, page, offset, bytes, sector));
    }

    /** Has the disk empty its cache of writes, if it has one. Returns 0 or a negative {@link Errno}. */
    int flush(long disk) {
        long queue = GendiskLayout.QUEUE.get(memory, disk);
        boolean hasCache = (RequestQueueLayout.FLAGS.get(memory, queue) & RequestQueueLayout.WRITE_CACHE) != 0;
        return hasCache ? transfer(disk, BioLayout.REQ_OP_FLUSH, 0, 0, 0, 0) : 0;
    }
}
