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
 * Which mappings are live, and so which are undone wrongly (Linux's kernel/dma/debug.c, under its words {@code dma_debug=off} and {@code dma_debug_entries=N}).
 * It begins when the
 * first driver sets a mask; a machine without such drivers has none of it. When there is no memory for another entry it gives up, as Linux's does, and the log
 * says so.
 *
 * <p>What it knows decides what the calls do, so it is kept whichever rules are checked. Any context, but for {@link #start}.
 */
final class DmaDebug {

    /** How memory came to be mapped, and how it is unmapped. */
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
    private static final int MOST_ENTRIES = 1 << 20;
    private static final int MOST = 1 << 20;

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
        if (word.matches("[0-9]{1,7}") && Integer.parseInt(word) >= 1 && Integer.parseInt(word) <= MOST_ENTRIES) {
            return Integer.parseInt(word);
        }
        throw new KernelPanic("dma_debug_entries=" + word + " on the kernel's command line: 1 to " + MOST_ENTRIES + " is expected");
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

    /** Gives back the pages of entries that nobody has used, of which the first of each page is met last. */
    private void freePages(long firstEntry) {
        for (long entry = firstEntry; entry != 0; ) {
            long next = memory.loadAddress(entry + DmaDebugLayout.NEXT);
            if (entry % AddressSpace.PAGE_SIZE == 0) {
                pages.freePagesAt(entry, 0);
            }
            entry = next;
        }
    }

    /** Another device's driver may have been quicker. */
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

    /** The table, or 0 while nothing is known. */
    private long table() {
        long table = memory.loadAddress(root + RootLayout.DMA_DEBUG);
        return table == 0 || memory.load32(table + DmaDebugLayout.GIVEN_UP) != 0 ? 0 : table;
    }

    private static long bucket(long table, long pa) {
        return table + DmaDebugLayout.TABLE + 4 * ((pa >>> AddressSpace.PAGE_SHIFT) % DmaDebugLayout.BUCKETS);
    }

    // ---- making and undoing ----

    /** Memory has become a device's. Of a list this is one of its segments, and {@code count} how many entries it has. */
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

    /** {@code dma_mapping_error} was asked about an address. */
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
     * Memory is about to be the driver's again. Of several mappings at one address the one is meant that was made most like this.
     *
     * @param pa    of the memory, -1 where the bus address stands for none
     * @param first of a list: whether this is its first segment, for which the rest speaks
     * @return whether there is such a mapping: the caller leaves everything as it is where there is none
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

    /** Part of a mapping is to be synced. Returns whether it is one. */
    boolean syncing(String call, long dev, long pa, long dma, int bytes) {
        long table = table();
        if (table == 0 || pa >= 0 && containing(reports.peek(), table, dev, pa) != 0) {
            return true;
        }
        reports.notMapped(call, dev, dma, bytes);
        return false;
    }

    // ---- looking ----

    /** A live mapping that has bytes in common with these, where that may harm; or 0. Only looks. */
    private long overlapped(long table, long pa, int bytes, int direction) {
        ReadableMemory view = reports.peek();
        long last = pa + bytes - 1 >>> AddressSpace.PAGE_SHIFT;
        for (long page = firstPage(view, table, pa, last); page <= last; page++) {
            long entry = view.loadAddress(bucket(table, page << AddressSpace.PAGE_SHIFT));
            for (int seen = 0; entry != 0 && seen < MOST; entry = view.loadAddress(entry + DmaDebugLayout.NEXT), seen++) {
                boolean harmless = direction == DmaDirection.DMA_TO_DEVICE && view.load32(entry + DmaDebugLayout.DIRECTION) == DmaDirection.DMA_TO_DEVICE;
                long start = view.loadAddress(entry + DmaDebugLayout.PA);
                if (!harmless && start < pa + bytes && start + view.load32(entry + DmaDebugLayout.LENGTH) > pa) {
                    return entry;
                }
            }
        }
        return 0;
    }

    /** The first page in which a mapping may begin that reaches these; so many pages that every bucket is one of theirs are enough. */
    private static long firstPage(ReadableMemory view, long table, long pa, long last) {
        long first = Math.max(0, pa - view.load32(table + DmaDebugLayout.LONGEST)) >>> AddressSpace.PAGE_SHIFT;
        return Math.max(first, last - DmaDebugLayout.BUCKETS + 1);
    }

    /** The mapping of a device that an address lies in, or 0. */
    private static long containing(ReadableMemory view, long table, long dev, long pa) {
        long last = pa >>> AddressSpace.PAGE_SHIFT;
        for (long page = firstPage(view, table, pa, last); page <= last; page++) {
            long entry = view.loadAddress(bucket(table, page << AddressSpace.PAGE_SHIFT));
            for (int seen = 0; entry != 0 && seen < MOST; entry = view.loadAddress(entry + DmaDebugLayout.NEXT), seen++) {
                long start = view.loadAddress(entry + DmaDebugLayout.PA);
                if ((dev == 0 || view.loadAddress(entry + DmaDebugLayout.DEV) == dev) && start <= pa && start + view.load32(entry + DmaDebugLayout.LENGTH) > pa) {
                    return entry;
                }
            }
        }
        return 0;
    }

    /** What is known of the mapping that a physical address lies in, as a sentence; null when it lies in none. */
    String describe(ReadableMemory view, long pa) {
        long table = view.loadAddress(root + RootLayout.DMA_DEBUG);
        long entry = table == 0 || view.load32(table + DmaDebugLayout.GIVEN_UP) != 0 ? 0 : containing(view, table, 0, pa);
        return entry == 0 ? null : DmaDebugReports.describe(view, entry);
    }

    /** How many mappings are live. */
    int live(ReadableMemory view) {
        long table = view.loadAddress(root + RootLayout.DMA_DEBUG);
        int live = 0;
        for (int bucket = 0; table != 0 && bucket < DmaDebugLayout.BUCKETS; bucket++) {
            for (long entry = view.loadAddress(table + DmaDebugLayout.TABLE + 4L * bucket); entry != 0 && live < MOST; entry = view.loadAddress(entry + DmaDebugLayout.NEXT)) {
                live++;
            }
        }
        return live;
    }
}
