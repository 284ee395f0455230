package ferrite.kernel.block;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes through the cache. Buffers are locked while their bytes change and go to the disk; a sector that is written in
 * part is read first. Without free memory writes and reads go on, a page at a time, with a page of a reserve. Task
 * context.
 */
final class BlockWrites {

    private static final int PAGE = AddressSpace.PAGE_SIZE;
    private static final int SECTOR = 512;
    private static final int CHUNK = BufferHeadLayout.MAX_PAGES * PAGE;

    private final BlockState state;
    private final KernelMemory memory;
    private final BufferCache buffers;
    private final BlockIo io;
    private final BufferCopies copies;

    BlockWrites(BlockState state, BufferCache buffers, BlockIo io, BufferCopies copies) {
        this.state = state;
        this.memory = state.base().memory();
        this.buffers = buffers;
        this.io = io;
        this.copies = copies;
    }

    /**
     * Writes bytes that lie on the disk. Returns the number of bytes written, or a negative errno. They are fewer if
     * the medium becomes smaller meanwhile.
     */
    int write(long disk, long from, int count, long position) {
        int done = 0;
        while (done < count) {
            long at = position + done;
            long left = GendiskLayout.CAPACITY.get(memory, disk) * SECTOR - at;
            int wanted = (int) Math.min(Math.min(count - done, left), CHUNK - at % CHUNK);
            int written = wanted <= 0 ? -Errno.EIO : writeChunk(disk, from + done, wanted, at);
            if (written < 0) {
                return done > 0 ? done : written;
            }
            done += written;                           // less than wanted if there is no memory for all of its buffers
        }
        return done;
    }

    /** A part of a buffer that is written. Offsets are those of bytes in the buffer. */
    private record Part(long buffer, int start, int end) {

        int firstSector() {
            return start / SECTOR;
        }

        int endSector() {
            return (end + SECTOR - 1) / SECTOR;
        }
    }

    private int writeChunk(long disk, long from, int wanted, long position) {
        List<Part> parts = lock(disk, wanted, position);
        if (parts.isEmpty()) {
            return writeWithoutMemory(disk, from, wanted, position);
        }
        int error = 0;
        for (int i = 0; i < parts.size() && error == 0; i++) {
            error = fillEdges(disk, parts.get(i));
        }
        int bytes = 0;
        for (int i = 0; i < parts.size() && error == 0; i++) {
            Part part = parts.get(i);
            int length = part.end - part.start;
            int copied = copies.fromUser(BufferHeadLayout.PAGE.get(memory, part.buffer), part.start, from + bytes,
                    length);
            error = copied < length ? -Errno.EFAULT : 0;
            bytes += length;
        }
        if (error == 0) {
            error = io.together(disk, batch -> parts.forEach(part -> io.submit(batch, BioLayout.REQ_OP_WRITE,
                    BufferHeadLayout.PAGE.get(memory, part.buffer), part.firstSector() * SECTOR,
                    (part.endSector() - part.firstSector()) * SECTOR,
                    buffers.sector(part.buffer) + part.firstSector())));
        }
        for (Part part : parts) {
            if (error == 0) {
                buffers.wrote(part.buffer, part.firstSector(), part.endSector());
            } else {
                buffers.spoil(part.buffer);
            }
            buffers.unlock(part.buffer);
            buffers.release(part.buffer);
        }
        return error < 0 ? error : bytes;
    }

    /** Locks the buffers of a range, from the first on, as far as there is memory, and as they lie on the disk. */
    private List<Part> lock(long disk, int wanted, long position) {
        List<Part> parts = new ArrayList<>();
        long at = position;
        long end = position + wanted;
        while (at < end) {
            int index = (int) (at / PAGE);
            long buffer = buffers.find(disk, index);
            if (buffer != 0) {
                buffers.lock(buffer);
            } else {
                buffer = buffers.make(disk, index, (int) ((end + PAGE - 1) / PAGE) - index);
            }
            if (buffer == 0 && buffers.endAt(disk, index) == index) {
                break;
            }
            if (buffer != 0) {                         // or another task has made it meanwhile
                int start = (int) (at - buffers.sector(buffer) * SECTOR);
                int whole = BufferHeadLayout.PAGES.get(memory, buffer) * PAGE;
                int part = (int) Math.min(end - at, buffers.bytes(buffer) - start);
                if (part > 0) {
                    parts.add(new Part(buffer, start, start + part));
                    at += part;
                } else {
                    buffers.unlock(buffer);
                    buffers.release(buffer);
                }
                if (start + part < whole) {
                    break;                             // the last part, or the medium became smaller
                }
            }
        }
        return parts;
    }

    /** Reads the sectors that a part fills only partly, unless they are known. Returns 0 or a negative errno. */
    private int fillEdges(long disk, Part part) {
        int first = part.firstSector();
        int last = part.endSector() - 1;
        boolean needsFirst = part.start % SECTOR != 0 && !buffers.hasSector(part.buffer, first);
        boolean needsLast = part.end % SECTOR != 0 && !buffers.hasSector(part.buffer, last);
        int error = needsFirst ? readSector(disk, part.buffer, first) : 0;
        return error == 0 && needsLast && !(needsFirst && first == last) ? readSector(disk, part.buffer, last) : error;
    }

    private int readSector(long disk, long buffer, int sector) {
        return io.transfer(disk, BioLayout.REQ_OP_READ, BufferHeadLayout.PAGE.get(memory, buffer), sector * SECTOR,
                SECTOR, buffers.sector(buffer) + sector);
    }

    // ---- without memory ----

    /** Writes bytes of one page with a page of the reserve. Returns their number, or a negative errno. */
    private int writeWithoutMemory(long disk, long from, int wanted, long position) {
        int offset = (int) (position % PAGE);
        int bytes = Math.min(wanted, PAGE - offset);
        int first = offset / SECTOR * SECTOR;
        int end = (offset + bytes + SECTOR - 1) / SECTOR * SECTOR;
        long sector = (position - offset + first) / SECTOR;
        long pool = BlockLayout.PAGE_POOL.get(memory, state.get());
        state.tasks().mutexes().lock(GendiskLayout.OPEN_MUTEX.at(disk));      // one task reads and writes back
        long page = state.mm().mempools().mempoolAlloc(pool, Gfp.GFP_NOIO);
        int error = first != offset || end != offset + bytes
                ? io.transfer(disk, BioLayout.REQ_OP_READ, page, first, end - first, sector) : 0;
        if (error == 0 && copies.fromUser(page, offset, from, bytes) < bytes) {
            error = -Errno.EFAULT;
        }
        if (error == 0) {
            error = io.transfer(disk, BioLayout.REQ_OP_WRITE, page, first, end - first, sector);
        }
        state.mm().mempools().mempoolFree(page, pool);
        forget(disk, (int) (position / PAGE));
        state.tasks().mutexes().unlock(GendiskLayout.OPEN_MUTEX.at(disk));
        return error < 0 ? error : bytes;
    }

    /** Reads bytes of one page with a page of the reserve. Returns their number, or a negative errno. */
    int readWithoutMemory(long disk, long to, int wanted, long position) {
        int offset = (int) (position % PAGE);
        int bytes = Math.min(wanted, PAGE - offset);
        int first = offset / SECTOR * SECTOR;
        int end = (offset + bytes + SECTOR - 1) / SECTOR * SECTOR;
        long pool = BlockLayout.PAGE_POOL.get(memory, state.get());
        long page = state.mm().mempools().mempoolAlloc(pool, Gfp.GFP_NOIO);
        int error = io.transfer(disk, BioLayout.REQ_OP_READ, page, first, end - first,
                (position - offset + first) / SECTOR);
        int copied = error < 0 ? 0 : copies.pageToUser(to, page, offset, bytes);
        state.mm().mempools().mempoolFree(page, pool);
        return error < 0 ? error : copied < bytes ? -Errno.EFAULT : bytes;
    }

    /** Spoils the buffer of a page, which another task may have made while the disk was written. */
    private void forget(long disk, int index) {
        long buffer = buffers.find(disk, index);
        if (buffer != 0) {
            buffers.lock(buffer);
            buffers.spoil(buffer);
            buffers.unlock(buffer);
            buffers.release(buffer);
        }
    }
}
