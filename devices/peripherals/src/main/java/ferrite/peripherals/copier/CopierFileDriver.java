package ferrite.peripherals.copier;

import static ferrite.peripherals.copier.CopierLayout.DEV;
import static ferrite.peripherals.copier.CopierLayout.LENGTH;
import static ferrite.peripherals.copier.CopierLayout.ONE_USER;
import static ferrite.peripherals.copier.CopierLayout.PAGES;
import static ferrite.peripherals.copier.CopierLayout.SOURCE_GFP;
import static ferrite.peripherals.copier.CopierLayout.STAGING;
import static ferrite.peripherals.copier.CopierLayout.STAGING_DMA;
import static ferrite.peripherals.copier.CopierLayout.TARGET_GFP;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.dma.ScatterListLayout;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;

/**
 * /dev/copier: holds the bytes that were written to it last, up to 4 MiB, in pages of its own; the engine carries every
 * byte into them and out of them. A write at the beginning makes it empty first.
 *
 * <p>Long pieces are gathered from pages of any zone with {@code dma_map_sg}; what fits into one page, and is short,
 * goes through a page that stays mapped, and is synced.
 */
final class CopierFileDriver implements FileOperations {

    static final int MAX_PAGES = 1024;
    /** Up to here copying by hand costs less than mapping. */
    static final int COPYBREAK = 512;

    private static final int PIECE_BYTES = 64 << 10;
    private static final int PAGE = AddressSpace.PAGE_SIZE;

    private final KernelCalls kernel;
    private final KernelMemory memory;

    CopierFileDriver(KernelCalls kernel) {
        this.kernel = kernel;
        this.memory = kernel.memory();
    }

    @Override
    public int open(long file) {
        long copier = FileLayout.DATA.get(memory, file);
        if (kernel.dmaRequestChan() == 0) {
            return -Errno.ENOMEM;
        }
        kernel.mutexLock(ONE_USER.at(copier));
        if (PAGES.get(memory, copier) == 0) {
            PAGES.set(memory, copier, kernel.kzalloc(4 * MAX_PAGES, Gfp.GFP_KERNEL));
            mapStaging(copier);
        }
        boolean ready = PAGES.get(memory, copier) != 0;
        kernel.mutexUnlock(ONE_USER.at(copier));
        return ready ? 0 : -Errno.ENOMEM;
    }

    /** Where the device cannot reach it and nothing is bounced, there is none. */
    private void mapStaging(long copier) {
        long dev = DEV.get(memory, copier);
        long staging = kernel.__getFreePage(Gfp.GFP_KERNEL);
        if (staging == 0) {
            return;
        }
        long dma = kernel.dmaMapSingle(dev, staging, PAGE, DmaDirection.DMA_BIDIRECTIONAL);
        if (kernel.dmaMappingError(dev, dma) != 0) {
            kernel.freePage(staging);
            return;
        }
        STAGING.set(memory, copier, staging);
        STAGING_DMA.set(memory, copier, dma);
    }

    /** The driver goes: gives back all that the file has. */
    void giveBack(long copier) {
        if (PAGES.get(memory, copier) != 0) {
            empty(copier);
            kernel.kfree(PAGES.get(memory, copier));
        }
        long staging = STAGING.get(memory, copier);
        if (staging != 0) {
            kernel.dmaUnmapSingle(DEV.get(memory, copier), STAGING_DMA.get(memory, copier), PAGE,
                    DmaDirection.DMA_BIDIRECTIONAL);
            kernel.freePage(staging);
        }
    }

    private void empty(long copier) {
        LENGTH.set(memory, copier, 0);
        long pages = PAGES.get(memory, copier);
        for (int i = 0; i < MAX_PAGES && memory.load32(pages + 4L * i) != 0; i++) {
            kernel.__freePage(memory.loadAddress(pages + 4L * i));
            memory.store32(pages + 4L * i, 0);
        }
    }

    // ---- reading and writing ----

    @Override
    public long size(long file) {
        return LENGTH.get(memory, FileLayout.DATA.get(memory, file));
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long copier = FileLayout.DATA.get(memory, file);
        if (kernel.mutexLockInterruptible(ONE_USER.at(copier)) < 0) {
            return -Errno.ERESTARTSYS;
        }
        int bytes = (int) Math.max(0,
                Math.min(Math.min(count, PIECE_BYTES), LENGTH.get(memory, copier) - position));
        int result = bytes == 0 ? 0 : isShort(copier, position, bytes) ? copyShort(copier, to, position, bytes, false)
                : copyLong(copier, to, position, bytes, false);
        kernel.mutexUnlock(ONE_USER.at(copier));
        return result;
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long copier = FileLayout.DATA.get(memory, file);
        if (kernel.mutexLockInterruptible(ONE_USER.at(copier)) < 0) {
            return -Errno.ERESTARTSYS;
        }
        int result = writeLocked(copier, from,
                (int) Math.max(0, Math.min(Math.min(count, PIECE_BYTES), (long) MAX_PAGES * PAGE - position)),
                position);
        kernel.mutexUnlock(ONE_USER.at(copier));
        return result;
    }

    private int writeLocked(long copier, long from, int bytes, long position) {
        if (position == 0) {
            empty(copier);
        }
        if (bytes <= 0) {
            return -Errno.ENOSPC;
        }
        if (position > LENGTH.get(memory, copier)) {
            return -Errno.EINVAL;                      // it keeps no holes
        }
        if (!makeRoom(copier, position + bytes)) {
            return -Errno.ENOMEM;
        }
        int result = isShort(copier, position, bytes) ? copyShort(copier, from, position, bytes, true)
                : copyLong(copier, from, position, bytes, true);
        if (result > 0) {
            LENGTH.set(memory, copier, (int) Math.max(position + result, LENGTH.get(memory, copier)));
        }
        return result;
    }

    private boolean makeRoom(long copier, long end) {
        long pages = PAGES.get(memory, copier);
        for (int i = 0; (long) i * PAGE < end; i++) {
            if (memory.load32(pages + 4L * i) == 0) {
                long page = kernel.allocPage(TARGET_GFP.get(memory, copier));
                if (page == 0) {
                    return false;
                }
                memory.storeAddress(pages + 4L * i, page);
            }
        }
        return true;
    }

    private long pageAt(long copier, long position) {
        return memory.loadAddress(PAGES.get(memory, copier) + 4 * (position / PAGE));
    }

    // ---- short pieces ----

    private boolean isShort(long copier, long position, int bytes) {
        return bytes <= COPYBREAK && position % PAGE + bytes <= PAGE && STAGING.get(memory, copier) != 0;
    }

    private int copyShort(long copier, long user, long position, int bytes, boolean write) {
        long dev = DEV.get(memory, copier);
        long staging = STAGING.get(memory, copier);
        long stagingDma = STAGING_DMA.get(memory, copier);
        int direction = write ? DmaDirection.DMA_FROM_DEVICE : DmaDirection.DMA_TO_DEVICE;
        long kept = kernel.dmaMapPage(dev, pageAt(copier, position), (int) (position % PAGE), bytes, direction);
        if (kernel.dmaMappingError(dev, kept) != 0) {
            return -Errno.EIO;
        }
        int left = 0;
        if (write) {
            kernel.dmaSyncSingleForCpu(dev, stagingDma, bytes, DmaDirection.DMA_BIDIRECTIONAL);
            left = kernel.copyFromUser(staging, user, bytes);
            kernel.dmaSyncSingleForDevice(dev, stagingDma, bytes, DmaDirection.DMA_BIDIRECTIONAL);
        }
        int result = left != 0 ? -Errno.EFAULT : write ? kernel.dmaMemcpy(kept, stagingDma, bytes)
                : kernel.dmaMemcpy(stagingDma, kept, bytes);
        kernel.dmaUnmapPage(dev, kept, bytes, direction);
        if (!write && result == 0) {
            kernel.dmaSyncSingleForCpu(dev, stagingDma, bytes, DmaDirection.DMA_BIDIRECTIONAL);
            left = kernel.copyToUser(user, staging, bytes);
            kernel.dmaSyncSingleForDevice(dev, stagingDma, bytes, DmaDirection.DMA_BIDIRECTIONAL);
        }
        return result < 0 ? result : left != 0 ? -Errno.EFAULT : bytes;
    }

    // ---- long pieces ----

    private int copyLong(long copier, long user, long position, int bytes, boolean write) {
        int keptEntries = (int) ((position % PAGE + bytes + PAGE - 1) / PAGE);
        int userEntries = (bytes + PAGE - 1) / PAGE;
        long lists = kernel.kzalloc((keptEntries + userEntries) * ScatterListLayout.SIZE, Gfp.GFP_KERNEL);
        if (lists == 0) {
            return -Errno.ENOMEM;
        }
        long kept = lists + (long) userEntries * ScatterListLayout.SIZE;
        int result = -Errno.ENOMEM;
        if (makeUserPages(copier, lists, userEntries, bytes)) {
            describeKept(copier, kept, keptEntries, position, bytes);
            result = write && !carry(lists, userEntries, user, true) ? -Errno.EFAULT
                    : write ? move(copier, kept, keptEntries, lists, userEntries)
                    : move(copier, lists, userEntries, kept, keptEntries);
            if (!write && result == 0 && !carry(lists, userEntries, user, false)) {
                result = -Errno.EFAULT;
            }
        }
        kernel.forEachSg(lists, userEntries, (entry, i) -> {
            if (kernel.sgPage(entry) != 0) {
                kernel.__freePage(kernel.sgPage(entry));
            }
        });
        kernel.kfree(lists);
        return result < 0 ? result : bytes;
    }

    private boolean makeUserPages(long copier, long list, int entries, int bytes) {
        boolean[] all = {true};
        kernel.sgInitTable(list, entries);
        kernel.forEachSg(list, entries, (entry, i) -> {
            long page = all[0] ? kernel.allocPage(SOURCE_GFP.get(memory, copier)) : 0;
            all[0] = page != 0;
            if (page != 0) {
                kernel.sgSetPage(entry, page, Math.min(PAGE, bytes - i * PAGE), 0);
            }
        });
        return all[0];
    }

    private void describeKept(long copier, long list, int entries, long position, int bytes) {
        kernel.sgInitTable(list, entries);
        long[] done = {0};
        kernel.forEachSg(list, entries, (entry, i) -> {
            int offset = (int) ((position + done[0]) % PAGE);
            int length = (int) Math.min(PAGE - offset, bytes - done[0]);
            kernel.sgSetPage(entry, pageAt(copier, position + done[0]), length, offset);
            done[0] += length;
        });
    }

    /**
     * Between the user and pages that may have no address of their own. Returns whether the user's memory is there.
     */
    private boolean carry(long list, int entries, long user, boolean in) {
        int[] left = {0};
        kernel.forEachSg(list, entries, (entry, i) -> {
            long va = kernel.kmap(kernel.sgPage(entry));
            if (in) {
                left[0] |= kernel.copyFromUser(va, user + (long) i * PAGE, kernel.sgLength(entry));
            } else {
                left[0] |= kernel.copyToUser(user + (long) i * PAGE, va, kernel.sgLength(entry));
            }
            kernel.kunmap(kernel.sgPage(entry));
        });
        return left[0] == 0;
    }

    private int move(long copier, long target, int targets, long source, int sources) {
        long dev = DEV.get(memory, copier);
        int from = kernel.dmaMapSg(dev, source, sources, DmaDirection.DMA_TO_DEVICE);
        int to = from == 0 ? 0 : kernel.dmaMapSg(dev, target, targets, DmaDirection.DMA_FROM_DEVICE);
        int result = to == 0 ? -Errno.EIO : kernel.dmaMemcpySg(target, to, source, from);
        if (to != 0) {
            kernel.dmaUnmapSg(dev, target, targets, DmaDirection.DMA_FROM_DEVICE);
        }
        if (from != 0) {
            kernel.dmaUnmapSg(dev, source, sources, DmaDirection.DMA_TO_DEVICE);
        }
        return result;
    }
}
