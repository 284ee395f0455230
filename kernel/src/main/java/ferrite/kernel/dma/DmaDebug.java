package ferrite.kernel.dma;

import static ferrite.kernel.dma.DmaDebugEntryLayout.CALL;
import static ferrite.kernel.dma.DmaDebugEntryLayout.CHECKED;
import static ferrite.kernel.dma.DmaDebugEntryLayout.DEV;
import static ferrite.kernel.dma.DmaDebugEntryLayout.DIRECTION;
import static ferrite.kernel.dma.DmaDebugEntryLayout.DMA;
import static ferrite.kernel.dma.DmaDebugEntryLayout.ENTRIES;
import static ferrite.kernel.dma.DmaDebugEntryLayout.LENGTH;
import static ferrite.kernel.dma.DmaDebugEntryLayout.NEXT;
import static ferrite.kernel.dma.DmaDebugEntryLayout.PA;
import static ferrite.kernel.dma.DmaDebugEntryLayout.PID;
import static ferrite.kernel.dma.DmaDebugEntryLayout.SITE;
import static ferrite.kernel.dma.DmaDebugEntryLayout.TASK;
import static ferrite.kernel.dma.DmaDebugLayout.COHERENT;
import static ferrite.kernel.dma.DmaDebugLayout.FREE;
import static ferrite.kernel.dma.DmaDebugLayout.GIVEN_UP;
import static ferrite.kernel.dma.DmaDebugLayout.LOCK;
import static ferrite.kernel.dma.DmaDebugLayout.TABLE;

import ferrite.hardware.bus.BusFault;
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
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.PageOwner;
import ferrite.kernel.shadow.Claim;
import java.util.HashSet;
import java.util.Set;

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
        SINGLE("dma_map_single", "dma_unmap_single"), PAGE("dma_map_page", "dma_unmap_page"),
                LIST("dma_map_sg", "dma_unmap_sg");

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
    private final DmaClaims claims;
    private final boolean wanted;
    private final int entries;
    private final long root;

    DmaDebug(KernelBase base, MemoryManager mm, DmaClaims claims) {
        this.claims = claims;
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
        throw new KernelPanic("dma_debug_entries=" + word
                + " on the kernel's command line: the value must be 1 to " + MAX_ENTRIES);
    }

    /** Makes the table, once. May sleep. */
    void start() {
        if (!wanted || RootLayout.DMA_DEBUG.get(memory, root) != 0) {
            return;
        }
        long table = kmalloc.kzalloc(DmaDebugLayout.BYTES, Gfp.GFP_KERNEL);
        if (table == 0) {
            log.print(KernLevels.KERN_ERR + "DMA-API: no memory for debugging");
            return;
        }
        boolean enough = true;
        for (int made = 0; enough && made < entries; made += AddressSpace.PAGE_SIZE / DmaDebugEntryLayout.SIZE) {
            enough = grow(table, Gfp.GFP_KERNEL);
        }
        if (!publish(table)) {
            freePages(FREE.get(memory, table));
            kmalloc.kfree(table);
        } else if (!enough) {
            giveUp(table);
        }
    }

    /** Frees the pages of unused entries. The list has the first entry of each page after the page's other entries. */
    private void freePages(long firstEntry) {
        for (long entry = firstEntry; entry != 0; ) {
            long next = NEXT.get(memory, entry);
            if (entry % AddressSpace.PAGE_SIZE == 0) {
                pages.freePagesAt(entry, 0);
            }
            entry = next;
        }
    }

    /** Publishes the table, unless another device's driver has already published one. Returns whether it did. */
    private boolean publish(long table) {
        int flags = locks.lockIrqSave(RootLayout.DMA_POOLS_LOCK.at(root));
        boolean first = RootLayout.DMA_DEBUG.get(memory, root) == 0;
        if (first) {
            RootLayout.DMA_DEBUG.set(memory, root, table);
        }
        locks.unlockIrqRestore(RootLayout.DMA_POOLS_LOCK.at(root), flags);
        return first;
    }

    private boolean grow(long table, int gfp) {
        long page = pages.getFreePages(gfp | Gfp.__GFP_NOWARN, 0);
        for (int at = 0; page != 0 && at + DmaDebugEntryLayout.SIZE <= AddressSpace.PAGE_SIZE;
                at += DmaDebugEntryLayout.SIZE) {
            release(table, page + at);
        }
        return page != 0;
    }

    private void giveUp(long table) {
        GIVEN_UP.set(memory, table, 1);
        log.print(KernLevels.KERN_ERR + "DMA-API: debugging out of memory - disabling");
    }

    private void release(long table, long entry) {
        int flags = locks.lockIrqSave(LOCK.at(table));
        NEXT.set(memory, entry, FREE.get(memory, table));
        FREE.set(memory, table, entry);
        locks.unlockIrqRestore(LOCK.at(table), flags);
    }

    /** Returns the table; 0 if there is none, or it has given up. */
    private long table() {
        long table = RootLayout.DMA_DEBUG.get(memory, root);
        return table == 0 || GIVEN_UP.get(memory, table) != 0 ? 0 : table;
    }

    private static long bucket(long table, long pa) {
        return TABLE.at(table, (pa >>> AddressSpace.PAGE_SHIFT) % DmaDebugLayout.BUCKETS);
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
            claims.mapped(dev, pa, dma, bytes, direction, call, null);
            return;
        }
        long overlapped = overlapped(table, pa, bytes, direction);
        long entry = take(table);
        if (entry == 0) {
            giveUp(table);
            claims.mapped(dev, pa, dma, bytes, direction, call, null);
            return;
        }
        fill(entry, dev, pa, dma, bytes, direction);
        CALL.set(memory, entry, call.ordinal());
        ENTRIES.set(memory, entry, count);
        CHECKED.set(memory, entry, 0);
        long site = SITE.get(reports.peek(), entry);
        claims.mapped(dev, pa, dma, bytes, direction, call,
                site == 0 ? null : StringTable.read(reports.peek(), site));
        if (overlapped != 0) {
            reports.overlap(entry, overlapped);
        }
        int flags = locks.lockIrqSave(LOCK.at(table));
        DmaDebugLayout.LONGEST.set(memory, table, Math.max(bytes, DmaDebugLayout.LONGEST.get(memory, table)));
        NEXT.set(memory, entry, memory.loadAddress(bucket(table, pa)));
        memory.storeAddress(bucket(table, pa), entry);
        locks.unlockIrqRestore(LOCK.at(table), flags);
    }

    /** Fills an entry with a buffer, and with the line and the task that call. */
    private void fill(long entry, long dev, long pa, long dma, int bytes, int direction) {
        DEV.set(memory, entry, dev);
        PA.set(memory, entry, pa);
        DMA.set(memory, entry, dma);
        LENGTH.set(memory, entry, bytes);
        DIRECTION.set(memory, entry, direction);
        SITE.set(memory, entry, owners.site());
        TASK.set(memory, entry, TaskLayout.NAME.get(memory, cpu.tp()));
        PID.set(memory, entry, TaskLayout.PID.get(memory, cpu.tp()));
    }

    /** Records coherent memory, so that a kernel that attaches knows it. */
    void coherent(long dev, long dma, int bytes) {
        claims.coherent(dev, dma, bytes, "dma_alloc_coherent");
        long table = table();
        long entry = table == 0 ? 0 : take(table);
        if (entry == 0) {
            if (table != 0) {
                giveUp(table);
            }
            return;
        }
        fill(entry, dev, dma, dma, bytes, DmaDirection.DMA_BIDIRECTIONAL);
        int flags = locks.lockIrqSave(LOCK.at(table));
        NEXT.set(memory, entry, COHERENT.get(memory, table));
        COHERENT.set(memory, table, entry);
        locks.unlockIrqRestore(LOCK.at(table), flags);
    }

    /** Removes coherent memory. */
    void coherentFreed(long dev, long dma, int bytes) {
        claims.coherentFreed(dev, dma, bytes, "dma_free_coherent");
        long table = table();
        if (table == 0) {
            return;
        }
        int flags = locks.lockIrqSave(LOCK.at(table));
        long link = COHERENT.at(table);
        long entry = memory.loadAddress(link);
        while (entry != 0 && DMA.get(memory, entry) != dma) {
            link = NEXT.at(entry);
            entry = memory.loadAddress(link);
        }
        if (entry != 0) {
            memory.storeAddress(link, NEXT.get(memory, entry));
        }
        locks.unlockIrqRestore(LOCK.at(table), flags);
        if (entry != 0) {
            release(table, entry);
        }
    }

    private long take(long table) {
        if (FREE.get(memory, table) == 0) {
            grow(table, Gfp.GFP_ATOMIC);
        }
        int flags = locks.lockIrqSave(LOCK.at(table));
        long entry = FREE.get(memory, table);
        if (entry != 0) {
            FREE.set(memory, table, NEXT.get(memory, entry));
        }
        locks.unlockIrqRestore(LOCK.at(table), flags);
        return entry;
    }

    /** Records a call of {@code dma_mapping_error} for an address. */
    void checked(long dev, long pa, long dma) {
        claims.asked(dev, dma);
        long table = table();
        if (table == 0) {
            return;
        }
        int flags = locks.lockIrqSave(LOCK.at(table));
        for (long entry = memory.loadAddress(bucket(table, pa)); entry != 0; entry = NEXT.get(memory, entry)) {
            if (DMA.get(memory, entry) == dma && DEV.get(memory, entry) == dev) {
                CHECKED.set(memory, entry, 1);
            }
        }
        locks.unlockIrqRestore(LOCK.at(table), flags);
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
        boolean toldUnasked = claims.isAsked(dev, dma);
        claims.unmapped(dev, dma, bytes, call.unmap);
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
            reports.unmapped(entry, bytes, direction, call, count, toldUnasked);
        }
        release(table, entry);
        return true;
    }

    private long remove(long table, long dev, long pa, long dma, int bytes, int direction, Call call) {
        int flags = locks.lockIrqSave(LOCK.at(table));
        long best = 0;
        long bestLink = 0;
        int bestScore = -1;
        long link = bucket(table, pa);
        for (long entry = memory.loadAddress(link); entry != 0; entry = NEXT.get(memory, entry)) {
            if (DMA.get(memory, entry) == dma && DEV.get(memory, entry) == dev) {
                int score = (LENGTH.get(memory, entry) == bytes ? 1 : 0) + (DIRECTION.get(memory, entry) == direction
                        ? 1 : 0) + (CALL.get(memory, entry) == call.ordinal() ? 1 : 0);
                if (score > bestScore) {
                    best = entry;
                    bestLink = link;
                    bestScore = score;
                }
            }
            link = NEXT.at(entry);
        }
        if (best != 0) {
            memory.storeAddress(bestLink, NEXT.get(memory, best));
        }
        locks.unlockIrqRestore(LOCK.at(table), flags);
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
     * Tells the shadow of all mappings and coherent memory, for a kernel that attaches. Returns whether all are known:
     * there is a table, and nobody has damaged it.
     */
    boolean attach(ReadableMemory view) {
        long table = RootLayout.DMA_DEBUG.get(view, root);
        if (table == 0) {
            return false;
        }
        try {
            boolean sound = GIVEN_UP.get(view, table) == 0;
            for (int bucket = 0; sound && bucket < DmaDebugLayout.BUCKETS; bucket++) {
                sound = restore(view, TABLE.get(view, table, bucket), Claim.Kind.MAPPING);
            }
            return sound && restore(view, COHERENT.get(view, table), Claim.Kind.COHERENT);
        } catch (BusFault damaged) {
            return false;
        }
    }

    /** Tells the shadow of the entries of a list. Returns whether it has an end, and its entries are sound. */
    private boolean restore(ReadableMemory view, long first, Claim.Kind kind) {
        Set<Long> seen = new HashSet<>();
        for (long entry = first; entry != 0; entry = NEXT.get(view, entry)) {
            int call = CALL.get(view, entry);
            boolean isCall = kind == Claim.Kind.COHERENT || call >= 0 && call < Call.values().length;
            if (!seen.add(entry) || !isCall || LENGTH.get(view, entry) <= 0) {
                return false;
            }
            claims.restored(view, entry, kind == Claim.Kind.COHERENT ? "dma_alloc_coherent" : Call.values()[call].map,
                    kind);
        }
        return true;
    }

    /**
     * Finds a live mapping that shares bytes with these, if a device may write one of the two; 0 if there is none. Only
     * looks.
     */
    private long overlapped(long table, long pa, int bytes, int direction) {
        ReadableMemory view = reports.peek();
        long last = pa + bytes - 1 >>> AddressSpace.PAGE_SHIFT;
        for (long page = firstPage(view, table, pa, last); page <= last; page++) {
            long entry = view.loadAddress(bucket(table, page << AddressSpace.PAGE_SHIFT));
            for (int seen = 0; entry != 0 && seen < MAX_WALK; entry = NEXT.get(view, entry), seen++) {
                boolean harmless = direction == DmaDirection.DMA_TO_DEVICE
                        && DIRECTION.get(view, entry) == DmaDirection.DMA_TO_DEVICE;
                long start = PA.get(view, entry);
                if (!harmless && start < pa + bytes && start + LENGTH.get(view, entry) > pa) {
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
        long first = Math.max(0, pa - DmaDebugLayout.LONGEST.get(view, table)) >>> AddressSpace.PAGE_SHIFT;
        return Math.max(first, last - DmaDebugLayout.BUCKETS + 1);
    }

    /** Finds the mapping that contains an address, of one device or, with {@code dev} 0, of any; 0 if there is none. */
    private static long containing(ReadableMemory view, long table, long dev, long pa) {
        long last = pa >>> AddressSpace.PAGE_SHIFT;
        for (long page = firstPage(view, table, pa, last); page <= last; page++) {
            long entry = view.loadAddress(bucket(table, page << AddressSpace.PAGE_SHIFT));
            for (int seen = 0; entry != 0 && seen < MAX_WALK; entry = NEXT.get(view, entry), seen++) {
                long start = PA.get(view, entry);
                if ((dev == 0 || DEV.get(view, entry) == dev) && start <= pa && start + LENGTH.get(view, entry) > pa) {
                    return entry;
                }
            }
        }
        return 0;
    }

    /** Describes the mapping that contains a physical address, as a sentence; null if none does. */
    String describe(ReadableMemory view, long pa) {
        long table = RootLayout.DMA_DEBUG.get(view, root);
        long entry = table == 0 || GIVEN_UP.get(view, table) != 0 ? 0 : containing(view, table, 0, pa);
        return entry == 0 ? null : DmaDebugReports.describe(view, entry);
    }

    /** Returns the number of live mappings. */
    int live(ReadableMemory view) {
        long table = RootLayout.DMA_DEBUG.get(view, root);
        int live = 0;
        for (int bucket = 0; table != 0 && bucket < DmaDebugLayout.BUCKETS; bucket++) {
            for (long entry = TABLE.get(view, table, bucket); entry != 0 && live < MAX_WALK;
                    entry = NEXT.get(view, entry)) {
                live++;
            }
        }
        return live;
    }
}
