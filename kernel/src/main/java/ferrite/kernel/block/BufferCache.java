package ferrite.kernel.block;

import static ferrite.kernel.block.BufferHeadLayout.COUNT;
import static ferrite.kernel.block.BufferHeadLayout.DISK;
import static ferrite.kernel.block.BufferHeadLayout.ERROR;
import static ferrite.kernel.block.BufferHeadLayout.INDEX;
import static ferrite.kernel.block.BufferHeadLayout.LOCKED;
import static ferrite.kernel.block.BufferHeadLayout.LRU;
import static ferrite.kernel.block.BufferHeadLayout.MAX_PAGES;
import static ferrite.kernel.block.BufferHeadLayout.NEXT;
import static ferrite.kernel.block.BufferHeadLayout.OF_DISK;
import static ferrite.kernel.block.BufferHeadLayout.PAGE;
import static ferrite.kernel.block.BufferHeadLayout.PAGES;
import static ferrite.kernel.block.BufferHeadLayout.STATE;
import static ferrite.kernel.block.BufferHeadLayout.UPTODATE;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.mm.MempoolAlloc;
import ferrite.kernel.mm.MempoolFree;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.mm.Shrinker;

/**
 * The cache of disks' bytes, as the buffer cache of LDD3's time. A buffer has up to {@value BufferHeadLayout#MAX_PAGES}
 * pages that are neighbours on the disk and in memory. Bytes are written through, so that any buffer that is not in use
 * can be dropped: when memory is short (a shrinker), beyond a share of memory, and when a disk's last file is closed.
 *
 * <p>A hash table leads from the place on a disk to the buffer: the chain of all buffers between two multiples of
 * {@value BufferHeadLayout#MAX_PAGES} pages.
 */
final class BufferCache {

    private static final int PAGE_BYTES = AddressSpace.PAGE_SIZE;
    private static final int PAGE_SECTORS = PAGE_BYTES / 512;
    private static final int CHAINS = PAGE_BYTES / 4;
    private static final int CHUNK_SHIFT = 4;
    /** The disks' share of memory, and the pages that they have in any case. */
    private static final int SHARE = 16;
    private static final int MIN_PAGES = 64;
    private static final int WORD_BITS = 32;

    private final BlockState state;
    private final KernelMemory memory;

    BufferCache(BlockState state, TextTable.Module module) {
        this.state = state;
        this.memory = state.base().memory();
        state.reserveBy(module.add("alloc_reserve", (MempoolAlloc) (gfp, data) -> allocReserve(gfp)),
                module.add("free_reserve", (MempoolFree) (page, data) -> state.mm().pages().freePages(page, 0)));
        state.shrinkBy(module.add("count_buffers", (Shrinker) (data, control) -> count()),
                module.add("scan_buffers", (Shrinker) (data, control) -> evict(control.nrToScan())));
    }

    /**
     * Allocates a page of the reserve when that is made, with {@code GFP_KERNEL}. Later, with {@code GFP_NOIO}, there
     * are just the pages of the reserve: the caller has tried the others.
     */
    private long allocReserve(int gfp) {
        return (gfp & Gfp.__GFP_IO) == 0 ? 0 : state.mm().pages().allocPages(gfp, 0);
    }

    // ---- chains; the lock is held ----

    private long chain(long disk, int index) {
        long hash = (index >>> CHUNK_SHIFT) + (disk >> 5);
        return BlockLayout.HASH.get(memory, state.get()) + (hash & CHAINS - 1) * 4;
    }

    private long inChain(long disk, int index) {
        long buffer = memory.loadAddress(chain(disk, index));
        while (buffer != 0 && (DISK.get(memory, buffer) != disk || Integer.compareUnsigned(
                index - INDEX.get(memory, buffer), PAGES.get(memory, buffer)) >= 0)) {
            buffer = NEXT.get(memory, buffer);
        }
        return buffer;
    }

    /** Returns the pages from a place on that no buffer has, at most {@code wanted}, and none past a chunk's end. */
    private int gap(long disk, int index, int wanted) {
        int gap = Math.min(wanted, MAX_PAGES - index % MAX_PAGES);
        for (long buffer = memory.loadAddress(chain(disk, index)); buffer != 0; buffer = NEXT.get(memory, buffer)) {
            int distance = INDEX.get(memory, buffer) - index;
            boolean isInChunk = DISK.get(memory, buffer) == disk && INDEX.get(memory, buffer) >>> CHUNK_SHIFT
                    == index >>> CHUNK_SHIFT;
            if (isInChunk && distance + PAGES.get(memory, buffer) > 0) {
                gap = Math.min(gap, Math.max(0, distance));
            }
        }
        return gap;
    }

    private void link(long disk, long buffer) {
        long chain = chain(disk, INDEX.get(memory, buffer));
        NEXT.set(memory, buffer, memory.loadAddress(chain));
        memory.storeAddress(chain, buffer);
        ListHead.addTail(memory, LRU.at(buffer), BlockLayout.LRU.at(state.get()));
        ListHead.addTail(memory, OF_DISK.at(buffer), GendiskLayout.BUFFERS.at(disk));
        GendiskLayout.PAGES.add(memory, disk, PAGES.get(memory, buffer));
        BlockLayout.PAGES.add(memory, state.get(), PAGES.get(memory, buffer));
    }

    /** Takes a buffer out of the cache. Returns whether the caller has to free it: no task uses it. */
    private boolean unlink(long buffer) {
        long disk = DISK.get(memory, buffer);
        long at = chain(disk, INDEX.get(memory, buffer));
        long first = memory.loadAddress(at);
        if (first == buffer) {
            memory.storeAddress(at, NEXT.get(memory, buffer));
        } else {
            while (NEXT.get(memory, first) != buffer) {
                first = NEXT.get(memory, first);
            }
            NEXT.set(memory, first, NEXT.get(memory, buffer));
        }
        ListHead.delete(memory, LRU.at(buffer));
        ListHead.delete(memory, OF_DISK.at(buffer));
        GendiskLayout.PAGES.add(memory, disk, -PAGES.get(memory, buffer));
        BlockLayout.PAGES.add(memory, state.get(), -PAGES.get(memory, buffer));
        STATE.set(memory, buffer, STATE.get(memory, buffer) | BufferHeadLayout.GONE);
        return COUNT.get(memory, buffer) == 0;
    }

    private void free(long buffer) {
        state.mm().pages().freePages(PAGE.get(memory, buffer), order(PAGES.get(memory, buffer)));
        state.mm().caches().objects().free(BlockLayout.BUFFER_CACHE.get(memory, state.get()), buffer);
    }

    private static int order(int pages) {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(pages);
    }

    // ---- finding and making ----

    /** Returns the buffer that has a page of a disk, for {@link #release}; 0 if there is none. Task context. */
    long find(long disk, int index) {
        int flags = state.lockBuffers();
        long buffer = inChain(disk, index);
        if (buffer != 0) {
            COUNT.add(memory, buffer, 1);
            ListHead.delete(memory, LRU.at(buffer));
            ListHead.addTail(memory, LRU.at(buffer), BlockLayout.LRU.at(state.get()));
        }
        state.unlockBuffers(flags);
        return buffer;
    }

    /** Returns the first page after those of a buffer that has a page; the page itself if there is none. */
    int endAt(long disk, int index) {
        int flags = state.lockBuffers();
        long buffer = inChain(disk, index);
        int end = buffer == 0 ? index : INDEX.get(memory, buffer) + PAGES.get(memory, buffer);
        state.unlockBuffers(flags);
        return end;
    }

    /**
     * Makes a locked buffer for a page and as many of the next ones as there is memory for. Task context; may sleep.
     *
     * @param wanted the most pages
     * @return the buffer, for {@link #release}; 0 without memory, or if there is one meanwhile
     */
    long make(long disk, int index, int wanted) {
        int gap = lockedGap(disk, index, (int) Math.min(wanted, pages(disk) - index));
        while (gap > 0) {
            long buffer = newBuffer(disk, index, order(gap));
            if (buffer == 0 || tryLink(disk, buffer)) {
                return buffer;
            }
            free(buffer);                              // another task has made one for some of the pages
            gap = lockedGap(disk, index, gap);
        }
        return 0;
    }

    private int lockedGap(long disk, int index, int wanted) {
        int flags = state.lockBuffers();
        int gap = gap(disk, index, wanted);
        state.unlockBuffers(flags);
        return gap;
    }

    /** Adds a new buffer, unless there is one for some of its pages. */
    private boolean tryLink(long disk, long buffer) {
        int flags = state.lockBuffers();
        int pages = PAGES.get(memory, buffer);
        boolean isFree = gap(disk, INDEX.get(memory, buffer), pages) == pages;
        if (isFree) {
            link(disk, buffer);
        }
        state.unlockBuffers(flags);
        return isFree;
    }

    /** Returns a new locked buffer with a block of pages of this order or a lower one; 0 without memory. */
    private long newBuffer(long disk, int index, int most) {
        int order = most;
        makeRoom(disk, 1 << order);
        long page = allocate(disk, order);
        while (page == 0 && order > 0) {
            order--;
            page = allocate(disk, order);
        }
        long buffer = page == 0 ? 0 : state.mm().caches().objects().alloc(BlockLayout.BUFFER_CACHE.get(memory,
                state.get()), Gfp.GFP_NOIO | Gfp.__GFP_ZERO | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN);
        if (buffer == 0) {
            if (page != 0) {
                state.mm().pages().freePages(page, order);
            }
            return 0;
        }
        ListHead.init(memory, LRU.at(buffer));
        ListHead.init(memory, OF_DISK.at(buffer));
        DISK.set(memory, buffer, disk);
        INDEX.set(memory, buffer, index);
        PAGES.set(memory, buffer, 1 << order);
        PAGE.set(memory, buffer, page);
        COUNT.set(memory, buffer, 1);
        STATE.set(memory, buffer, LOCKED);
        clearTail(disk, buffer);
        return buffer;
    }

    private long allocate(long disk, int order) {
        int gfp = RequestQueueLayout.BOUNCE_GFP.get(memory, GendiskLayout.QUEUE.get(memory, disk))
                | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN;
        return state.mm().pages().allocPages(order > 0 ? gfp & ~Gfp.__GFP_DIRECT_RECLAIM : gfp, order);
    }

    /** Returns the number of a disk's pages; the last one may have no place for all of its bytes on the disk. */
    long pages(long disk) {
        return (GendiskLayout.CAPACITY.get(memory, disk) + PAGE_SECTORS - 1) / PAGE_SECTORS;
    }

    /** Returns the bytes of a buffer that lie on the disk. */
    int bytes(long buffer) {
        long sectors = GendiskLayout.CAPACITY.get(memory, DISK.get(memory, buffer)) - sector(buffer);
        return (int) Math.max(0, Math.min((long) PAGES.get(memory, buffer) * PAGE_SECTORS, sectors)) * 512;
    }

    long sector(long buffer) {
        return (INDEX.get(memory, buffer) & 0xffff_ffffL) * PAGE_SECTORS;
    }

    /** Clears the bytes of the last page that are not on the disk. */
    private void clearTail(long disk, long buffer) {
        int bytes = bytes(buffer);
        int left = bytes % PAGE_BYTES;
        if (left != 0) {
            long page = PAGE.get(memory, buffer) + (long) (bytes / PAGE_BYTES) * PageLayout.SIZE;
            memory.fill(state.mm().kmap().kmap(page) + left, 0, PAGE_BYTES - left);
            state.mm().kmap().kunmap(page);
        }
    }

    // ---- use ----

    /** {@code trylock_buffer}. Returns whether the buffer was free. Any context. */
    boolean tryLock(long buffer) {
        return (STATE.amoOr(memory, buffer, LOCKED) & LOCKED) == 0;
    }

    /** {@code lock_buffer}: sleeps until the buffer is the caller's. */
    void lock(long buffer) {
        state.await(DISK.get(memory, buffer), () -> tryLock(buffer));
    }

    /** {@code unlock_buffer}. Any context. */
    void unlock(long buffer) {
        long disk = DISK.get(memory, buffer);
        STATE.amoAnd(memory, buffer, ~LOCKED);
        state.wake(disk);
    }

    boolean isLocked(long buffer) {
        return (STATE.get(memory, buffer) & LOCKED) != 0;
    }

    boolean isUptodate(long buffer) {
        return (STATE.get(memory, buffer) & UPTODATE) != 0;
    }

    /** {@code brelse}: ends a use of a buffer. Any context. */
    void release(long buffer) {
        int flags = state.lockBuffers();
        COUNT.add(memory, buffer, -1);
        boolean isLast = COUNT.get(memory, buffer) == 0
                && (STATE.get(memory, buffer) & BufferHeadLayout.GONE) != 0;
        state.unlockBuffers(flags);
        if (isLast) {
            free(buffer);
        }
    }

    /**
     * A read of a locked buffer has ended: unlocks it, and ends its use. A buffer that could not be read ahead is
     * dropped, so that a task that asks for some of its pages has only these read. Any context.
     */
    void readEnded(long buffer, int error, boolean isAhead) {
        long disk = DISK.get(memory, buffer);
        if (error == 0) {
            STATE.amoOr(memory, buffer, UPTODATE);
        } else if (!isAhead) {
            ERROR.set(memory, buffer, error);
        } else {
            int flags = state.lockBuffers();
            if ((STATE.get(memory, buffer) & BufferHeadLayout.GONE) == 0) {
                unlink(buffer);
            }
            state.unlockBuffers(flags);
        }
        STATE.amoAnd(memory, buffer, ~LOCKED);
        release(buffer);
        state.wake(disk);
    }

    // ---- parts of a locked buffer ----

    /** Returns whether a sector equals the disk's. */
    boolean hasSector(long buffer, int sector) {
        return isUptodate(buffer) || (BufferHeadLayout.SECTORS.get(memory, buffer, sector / WORD_BITS)
                >> sector % WORD_BITS & 1) != 0;
    }

    /** Notes that sectors equal the disk's. */
    void wrote(long buffer, int first, int end) {
        if (isUptodate(buffer)) {
            return;
        }
        for (int sector = first; sector < end; sector++) {
            int old = BufferHeadLayout.SECTORS.get(memory, buffer, sector / WORD_BITS);
            BufferHeadLayout.SECTORS.set(memory, buffer, sector / WORD_BITS, old | 1 << sector % WORD_BITS);
        }
        int all = bytes(buffer) / 512;
        int sector = 0;
        while (sector < all && hasSector(buffer, sector)) {
            sector++;
        }
        if (sector == all) {
            STATE.amoOr(memory, buffer, UPTODATE);
        }
    }

    /** Notes that the bytes of a buffer may not be those of the disk. */
    void spoil(long buffer) {
        STATE.amoAnd(memory, buffer, ~UPTODATE);
        for (int i = 0; i < MAX_PAGES * PAGE_SECTORS / WORD_BITS; i++) {
            BufferHeadLayout.SECTORS.set(memory, buffer, i, 0);
        }
    }

    // ---- dropping ----

    private long count() {
        return state.find(memory) == 0 ? 0 : BlockLayout.PAGES.get(memory, state.get());
    }

    private boolean isBusy(long buffer) {
        return COUNT.get(memory, buffer) != 0 || isLocked(buffer);
    }

    /** Drops buffers that were not used for the longest time. Returns the pages that were freed. */
    private long evict(long wanted) {
        long freed = 0;
        while (freed < wanted) {
            int pages = evictOne(BlockLayout.LRU.at(state.get()), LRU);
            if (pages == 0) {
                return freed == 0 ? Shrinker.SHRINK_STOP : freed;
            }
            freed += pages;
        }
        return freed;
    }

    /** Drops the first buffer of a list that no task uses. Returns its pages, or 0. */
    private int evictOne(long head, Embedded node) {
        int flags = state.lockBuffers();
        long at = ListHead.first(memory, head);
        while (at != head && isBusy(node.containerOf(at))) {
            at = ListHead.next(memory, at);
        }
        long buffer = at == head ? 0 : node.containerOf(at);
        int pages = buffer == 0 ? 0 : PAGES.get(memory, buffer);
        if (buffer != 0) {
            unlink(buffer);
        }
        state.unlockBuffers(flags);
        if (buffer != 0) {
            free(buffer);
        }
        return pages;
    }

    /** Drops old buffers, if new ones would exceed the share of the disk or of all disks. */
    private void makeRoom(long disk, int pages) {
        int all = Math.max(MIN_PAGES, (int) (state.mm().memMap().endPfn() - state.mm().memMap().firstPfn()) / SHARE);
        int own = RequestQueueLayout.MAX_PAGES.get(memory, GendiskLayout.QUEUE.get(memory, disk));
        int left = 1;
        while (own != 0 && left != 0 && GendiskLayout.PAGES.get(memory, disk) + pages > own) {
            left = evictOne(GendiskLayout.BUFFERS.at(disk), OF_DISK);
        }
        left = 1;
        while (left != 0 && BlockLayout.PAGES.get(memory, state.get()) + pages > all) {
            left = evictOne(BlockLayout.LRU.at(state.get()), LRU);
        }
    }

    /** Drops all buffers of a disk. Those in use are freed by their last user. */
    void invalidate(long disk) {
        long head = GendiskLayout.BUFFERS.at(disk);
        boolean more = true;
        while (more) {
            int flags = state.lockBuffers();
            long node = ListHead.first(memory, head);
            more = node != head;
            boolean isOurs = more && unlink(OF_DISK.containerOf(node));
            state.unlockBuffers(flags);
            if (isOurs) {
                free(OF_DISK.containerOf(node));
            }
        }
    }
}
