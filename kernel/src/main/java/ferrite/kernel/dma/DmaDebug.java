package ferrite.kernel.dma;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.PageOwner;

/**
 * The table of live mappings, which finds wrong unmaps (Linux's kernel/dma/debug.c, with its parameters {@code
 * dma_debug=off} and {@code dma_debug_entries=N}). It is allocated when the first driver sets a mask, and not at all
 * without such drivers. Without memory for another entry it gives up, as Linux's does, and logs that.
 *
 * <p>The table decides the results of calls, so it is kept whichever rules are checked. Any context, except {@link
 * #start}.
 */
final class DmaDebug {

    /** The calls that map and unmap memory. */
    enum Call {
        SINGLE("dma_map_single", "dma_unmap_single"), PAGE("dma_map_page", "dma_unmap_page"), LIST("dma_map_sg", "dma_unmap_sg");

        final String map;
        final String unmap;

        Call(String map, String unmap) {
            this.map = map;
            this.unmap = unmap;
        }
    }

    static final int DEFAULT_ENTRIES = 1020;
    private static final int MAX_ENTRIES = 1 << 20;
    private static final int MAX_WALK = 1 << 20;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final SpinLock locks;
    private final BuddyAllocator pages;
    private final Kmalloc kmalloc;
    private final PageOwner owners;
    private final KernelLog log;
    private final DmaDebugReports reports;
    private final boolean wanted;
    private final int entries;
    private final long root;

    DmaDebug(KernelBase base, MemoryManager mm) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.locks = base.locks();
        this.pages = mm.pages();
        this.kmalloc = mm.kmalloc();
        this.owners = mm.owners();
        this.log = base.log();
        this.reports = new DmaDebugReports(base.violations());
        this.wanted = !base.commandLine().get("dma_debug", "on").equals("off");
        this.entries = entries(base.commandLine().get("dma_debug_entries", Integer.toString(DEFAULT_ENTRIES)));
        this.root = base.root();
    }

    private static int entries(String word) {
        if (word.matches("[0-9]{1,7}") && Integer.parseInt(word) >= 1 && Integer.parseInt(word) <= MAX_ENTRIES) {
            return Integer.parseInt(word);
        }
        throw new KernelPanic("dma_debug_entries=" + word + " on the kernel's command line: the value must be 1 to " + MAX_ENTRIES);
    }

    /** Makes the table, once. May sleep. */
    void start() {
        if (!wanted || memory.load32(root + RootLayout.DMA_DEBUG) != 0) {
            return;
        }
        long table = kmalloc.kzalloc(DmaDebugLayout.BYTES, Gfp.GFP_KERNEL);
        if (table == 0) {
            log.print("DMA-API: no memory for debugging");
            return;
        }
        boolean enough = true;
        for (int made = 0; enough && made < entries; made += AddressSpace.PAGE_SIZE / DmaDebugLayout.SIZE) {
            enough = grow(table, Gfp.GFP_KERNEL);
        }
        if (!publish(table)) {
            freePages(memory.loadAddress(table + DmaDebugLayout.FREE));
            kmalloc.kfree(table);
        } else if (!enough) {
            giveUp(table);
        }
    }

    /** Frees the pages of unused entries. The list has the first entry of each page after the page's other entries. */
    private void freePages(long firstEntry) {
        for (long entry = firstEntry; entry != 0; ) {
            long next = memory.loadAddress(entry + DmaDebugLayout.NEXT);
            if (entry % AddressSpace.PAGE_SIZE == 0) {
                pages.freePagesAt(entry, 0);
            }
            entry = next;
        }
    }

    /** Publishes the table, unless another device's driver has already published one. Returns whether it did. */
    private boolean publish(long table) {
        int flags = locks.lockIrqSave(root + RootLayout.DMA_POOLS_LOCK);
        boolean first = memory.load32(root + RootLayout.DMA_DEBUG) == 0;
        if (first) {
            memory.storeAddress(root + RootLayout.DMA_DEBUG, table);
        }
        locks.unlockIrqRestore(root + RootLayout.DMA_POOLS_LOCK, flags);
        return first;
    }

    private boolean grow(long table, int gfp) {
        long page = pages.getFreePages(gfp | Gfp.__GFP_NOWARN, 0);
        for (int at = 0; page != 0 && at + DmaDebugLayout.SIZE <= AddressSpace.PAGE_SIZE; at += DmaDebugLayout.SIZE) {
            release(table, page + at);
        }
        return page != 0;
    }

    private void giveUp(long table) {
        memory.store32(table + DmaDebugLayout.GIVEN_UP, 1);
        log.print("DMA-API: debugging out of memory - disabling");
    }

    private void release(long table, long entry) {
        int flags = locks.lockIrqSave(table + DmaDebugLayout.LOCK);
        memory.storeAddress(entry + DmaDebugLayout.NEXT, memory.loadAddress(table + DmaDebugLayout.FREE));
        memory.storeAddress(table + DmaDebugLayout.FREE, entry);
        locks.unlockIrqRestore(table + DmaDebugLayout.LOCK, flags);
    }

    /** Returns the table; 0 if there is none, or it has given up. */
    private long table() {
        long table = memory.loadAddress(root + RootLayout.DMA_DEBUG);
        return table == 0 || memory.load32(table + DmaDebugLayout.GIVEN_UP) != 0 ? 0 : table;
    }

    private static long bucket(long table, long pa) {
        return table + DmaDebugLayout.TABLE + 4 * ((pa >>> AddressSpace.PAGE_SHIFT) % DmaDebugLayout.BUCKETS);
    }

    // ---- mapping and unmapping ----

    /**
     * Records a mapping. For a list, it is called for each segment.
     *
     * @param count the number of entries of the list, or 0
     */
    void mapped(long dev, long pa, long dma, int bytes, int direction, Call call, int count) {
        long table = table();
        if (table == 0) {
            return;
        }
        long overlapped = overlapped(table, pa, bytes, direction);
        long entry = take(table);
        if (entry == 0) {
            giveUp(table);
            return;
        }
        memory.storeAddress(entry + DmaDebugLayout.DEV, dev);
        memory.storeAddress(entry + DmaDebugLayout.PA, pa);
        memory.storeAddress(entry + DmaDebugLayout.DMA, dma);
        memory.store32(entry + DmaDebugLayout.LENGTH, bytes);
        memory.store32(entry + DmaDebugLayout.DIRECTION, direction);
        memory.store32(entry + DmaDebugLayout.CALL, call.ordinal());
        memory.store32(entry + DmaDebugLayout.ENTRIES, count);
        memory.store32(entry + DmaDebugLayout.CHECKED, 0);
        memory.storeAddress(entry + DmaDebugLayout.SITE, owners.site());
        memory.storeAddress(entry + DmaDebugLayout.TASK, memory.loadAddress(cpu.tp() + TaskLayout.NAME));
        memory.store32(entry + DmaDebugLayout.PID, memory.load32(cpu.tp() + TaskLayout.PID));
        if (overlapped != 0) {
            reports.overlap(entry, overlapped);
        }
        int flags = locks.lockIrqSave(table + DmaDebugLayout.LOCK);
        memory.store32(table + DmaDebugLayout.LONGEST, Math.max(bytes, memory.load32(table + DmaDebugLayout.LONGEST)));
        memory.storeAddress(entry + DmaDebugLayout.NEXT, memory.loadAddress(bucket(table, pa)));
        memory.storeAddress(bucket(table, pa), entry);
        locks.unlockIrqRestore(table + DmaDebugLayout.LOCK, flags);
    }

    private long take(long table) {
        if (memory.load32(table + DmaDebugLayout.FREE) == 0) {
            grow(table, Gfp.GFP_ATOMIC);
        }
        int flags = locks.lockIrqSave(table + DmaDebugLayout.LOCK);
        long entry = memory.loadAddress(table + DmaDebugLayout.FREE);
        if (entry != 0) {
            memory.storeAddress(table + DmaDebugLayout.FREE, memory.loadAddress(entry + DmaDebugLayout.NEXT));
        }
        locks.unlockIrqRestore(table + DmaDebugLayout.LOCK, flags);
        return entry;
    }

    /** Records a call of {@code dma_mapping_error} for an address. */
    void checked(long dev, long pa, long dma) {
        long table = table();
        if (table == 0) {
            return;
        }
        int flags = locks.lockIrqSave(table + DmaDebugLayout.LOCK);
        for (long entry = memory.loadAddress(bucket(table, pa)); entry != 0; entry = memory.loadAddress(entry + DmaDebugLayout.NEXT)) {
            if (memory.loadAddress(entry + DmaDebugLayout.DMA) == dma && memory.loadAddress(entry + DmaDebugLayout.DEV) == dev) {
                memory.store32(entry + DmaDebugLayout.CHECKED, 1);
            }
        }
        locks.unlockIrqRestore(table + DmaDebugLayout.LOCK, flags);
    }

    /**
     * Removes a mapping, and reports differences from the call that made it. Of several mappings at one address it
     * takes the one that differs least.
     *
     * @param pa    physical address of the memory; -1 if the bus address is a bounce slot without a mapping
     * @param first whether this is the first segment of a list, or no list; other segments are not compared
     * @return whether there is such a mapping; if not, the caller must not unmap anything
     */
    boolean unmapping(long dev, long pa, long dma, int bytes, int direction, Call call, int count, boolean first) {
        long table = table();
        if (table == 0) {
            return true;
        }
        long entry = pa < 0 ? 0 : remove(table, dev, pa, dma, bytes, direction, call);
        if (entry == 0) {
            reports.notMapped(call.unmap, dev, dma, bytes);
            return false;
        }
        if (first) {
            reports.unmapped(entry, bytes, direction, call, count);
        }
        release(table, entry);
        return true;
    }

    private long remove(long table, long dev, long pa, long dma, int bytes, int direction, Call call) {
        int flags = locks.lockIrqSave(table + DmaDebugLayout.LOCK);
        long best = 0;
        long bestLink = 0;
        int bestScore = -1;
        long link = bucket(table, pa);
        for (long entry = memory.loadAddress(link); entry != 0; entry = memory.loadAddress(entry + DmaDebugLayout.NEXT)) {
            if (memory.loadAddress(entry + DmaDebugLayout.DMA) == dma && memory.loadAddress(entry + DmaDebugLayout.DEV) == dev) {
                int score = (memory.load32(entry + DmaDebugLayout.LENGTH) == bytes ? 1 : 0) + (memory.load32(entry + DmaDebugLayout.DIRECTION) == direction ? 1 : 0)
                        + (memory.load32(entry + DmaDebugLayout.CALL) == call.ordinal() ? 1 : 0);
                if (score > bestScore) {
                    best = entry;
                    bestLink = link;
                    bestScore = score;
                }
            }
            link = entry + DmaDebugLayout.NEXT;
        }
        if (best != 0) {
            memory.storeAddress(bestLink, memory.loadAddress(best + DmaDebugLayout.NEXT));
        }
        locks.unlockIrqRestore(table + DmaDebugLayout.LOCK, flags);
        return best;
    }

    /** Checks a sync of a part of a mapping. Returns whether the address is mapped. */
    boolean syncing(String call, long dev, long pa, long dma, int bytes) {
        long table = table();
        if (table == 0 || pa >= 0 && containing(reports.peek(), table, dev, pa) != 0) {
            return true;
        }
        reports.notMapped(call, dev, dma, bytes);
        return false;
    }

    // ---- looking ----

    /**
     * Finds a live mapping that shares bytes with these, if a device may write one of the two; 0 if there is none. Only
     * looks.
     */
    private long overlapped(long table, long pa, int bytes, int direction) {
        ReadableMemory view = reports.peek();
        long last = pa + bytes - 1 >>> AddressSpace.PAGE_SHIFT;
        for (long page = firstPage(view, table, pa, last); page <= last; page++) {
            long entry = view.loadAddress(bucket(table, page << AddressSpace.PAGE_SHIFT));
            for (int seen = 0; entry != 0 && seen < MAX_WALK; entry = view.loadAddress(entry + DmaDebugLayout.NEXT), seen++) {
                boolean harmless = direction == DmaDirection.DMA_TO_DEVICE && view.load32(entry + DmaDebugLayout.DIRECTION) == DmaDirection.DMA_TO_DEVICE;
                long start = view.loadAddress(entry + DmaDebugLayout.PA);
                if (!harmless && start < pa + bytes && start + view.load32(entry + DmaDebugLayout.LENGTH) > pa) {
                    return entry;
                }
            }
        }
        return 0;
    }

    /**
     * Returns the first page to search for mappings that reach these bytes, by its bucket. No mapping is longer than
     * {@code LONGEST}, and a search of as many pages as there are buckets visits every bucket.
     */
    private static long firstPage(ReadableMemory view, long table, long pa, long last) {
        long first = Math.max(0, pa - view.load32(table + DmaDebugLayout.LONGEST)) >>> AddressSpace.PAGE_SHIFT;
        return Math.max(first, last - DmaDebugLayout.BUCKETS + 1);
    }

    /** Finds the mapping that contains an address, of one device or, with {@code dev} 0, of any; 0 if there is none. */
    private static long containing(ReadableMemory view, long table, long dev, long pa) {
        long last = pa >>> AddressSpace.PAGE_SHIFT;
        for (long page = firstPage(view, table, pa, last); page <= last; page++) {
            long entry = view.loadAddress(bucket(table, page << AddressSpace.PAGE_SHIFT));
            for (int seen = 0; entry != 0 && seen < MAX_WALK; entry = view.loadAddress(entry + DmaDebugLayout.NEXT), seen++) {
                long start = view.loadAddress(entry + DmaDebugLayout.PA);
                if ((dev == 0 || view.loadAddress(entry + DmaDebugLayout.DEV) == dev) && start <= pa && start + view.load32(entry + DmaDebugLayout.LENGTH) > pa) {
                    return entry;
                }
            }
        }
        return 0;
    }

    /** Describes the mapping that contains a physical address, as a sentence; null if none does. */
    String describe(ReadableMemory view, long pa) {
        long table = view.loadAddress(root + RootLayout.DMA_DEBUG);
        long entry = table == 0 || view.load32(table + DmaDebugLayout.GIVEN_UP) != 0 ? 0 : containing(view, table, 0, pa);
        return entry == 0 ? null : DmaDebugReports.describe(view, entry);
    }

    /** Returns the number of live mappings. */
    int live(ReadableMemory view) {
        long table = view.loadAddress(root + RootLayout.DMA_DEBUG);
        int live = 0;
        for (int bucket = 0; table != 0 && bucket < DmaDebugLayout.BUCKETS; bucket++) {
            for (long entry = view.loadAddress(table + DmaDebugLayout.TABLE + 4L * bucket); entry != 0 && live < MAX_WALK; entry = view.loadAddress(entry + DmaDebugLayout.NEXT)) {
                live++;
            }
        }
        return live;
    }
}
