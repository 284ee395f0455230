package ferrite.kernel.dma;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.HighPages;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.MemMap;
import ferrite.kernel.mm.MemoryManager;

/**
 * The software I/O TLB (Linux's kernel/dma/swiotlb.c): a pool of slots in the DMA zone, which replace buffers that a
 * device cannot reach. The pool is allocated when the first driver sets a mask that could need it, and is never freed.
 * The word {@code swiotlb=SLOTS} of the kernel's command line sets its size.
 *
 * <p>A mapping takes neighbouring slots, at most {@link #SEGMENT_SLOTS}. Any context, except {@link #start}.
 */
public final class Swiotlb {

    /** {@code IO_TLB_SIZE}: the bytes of a slot. */
    public static final int SLOT_BYTES = 1 << 11;
    /** {@code IO_TLB_SEGSIZE}: the maximum number of slots of a mapping. */
    public static final int SEGMENT_SLOTS = 128;
    /** Half a megabyte: a thirty-second of the DMA zone, as Linux's 64 MiB are of the memory that 32 bits reach. */
    public static final int DEFAULT_SLOTS = 256;
    private static final int MAX_SLOTS = 2048;

    /** {@code --swiotlb}: whether buffers are bounced never, when necessary, or always. */
    public enum Mode { OFF, ON, FORCE }

    private final KernelMemory memory;
    private final SpinLock locks;
    private final AddressSpace space;
    private final MemMap memMap;
    private final BuddyAllocator pages;
    private final Kmalloc kmalloc;
    private final HighPages highPages;
    private final KernelLog log;
    private final long root;
    private final Mode mode;
    private final int slots;

    Swiotlb(KernelBase base, MemoryManager mm) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.space = base.space();
        this.memMap = mm.memMap();
        this.pages = mm.pages();
        this.kmalloc = mm.kmalloc();
        this.highPages = mm.frames().highPages();
        this.log = base.log();
        this.root = base.root();
        Mode chosen = Mode.ON;
        int size = DEFAULT_SLOTS;
        for (String word : base.commandLine().get("swiotlb", "on").split(",", -1)) {
            switch (word) {
                case "on" -> chosen = Mode.ON;
                case "off", "noforce" -> chosen = Mode.OFF;
                case "force" -> chosen = Mode.FORCE;
                default -> size = slots(word);
            }
        }
        this.mode = chosen;
        this.slots = size;
    }

    private static int slots(String word) {
        if (word.matches("[0-9]{1,4}") && Integer.parseInt(word) >= 1 && Integer.parseInt(word) <= MAX_SLOTS) {
            return Integer.parseInt(word);
        }
        throw new KernelPanic("swiotlb=" + word + " on the kernel's command line: the value must be on, off, force, or 1 to " + MAX_SLOTS + " slots");
    }

    public Mode mode() {
        return mode;
    }

    /**
     * Allocates the pool, once. Task context or boot; may sleep. Without memory for the pool, no buffer can be bounced;
     * the log says so.
     */
    void start() {
        if (mode == Mode.OFF || memory.load32(root + RootLayout.SWIOTLB) != 0) {
            return;
        }
        int bytes = slots * SLOT_BYTES;
        long pool = pages.getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA, Kmalloc.order(bytes));
        long record = kmalloc.kzalloc(SwiotlbLayout.TABLE + slots * SwiotlbLayout.SLOT_SIZE, Gfp.GFP_KERNEL);
        if (pool == 0 || record == 0) {
            pages.freePagesAt(pool, Kmalloc.order(bytes));
            kmalloc.kfree(record);
            log.print("software IO TLB: no memory for " + slots + " slots: memory that a device cannot reach cannot be mapped for it");
            return;
        }
        memory.storeAddress(record + SwiotlbLayout.POOL_PA, space.phys(pool));
        memory.store32(record + SwiotlbLayout.SLOTS, slots);
        int flags = locks.lockIrqSave(root + RootLayout.DMA_POOLS_LOCK);
        boolean first = memory.load32(root + RootLayout.SWIOTLB) == 0;
        if (first) {
            memory.storeAddress(root + RootLayout.SWIOTLB, record);
        }
        locks.unlockIrqRestore(root + RootLayout.DMA_POOLS_LOCK, flags);
        if (!first) {                                  // another device's driver has published its pool first
            pages.freePagesAt(pool, Kmalloc.order(bytes));
            kmalloc.kfree(record);
            return;
        }
        log.print("software IO TLB: mapped [mem 0x" + Long.toHexString(space.phys(pool)) + "-0x" + Long.toHexString(space.phys(pool) + bytes - 1) + "] ("
                + bytes / 1024 + " KiB)");
    }

    /** Returns whether an address is in the pool. */
    boolean contains(long dma) {
        long record = memory.loadAddress(root + RootLayout.SWIOTLB);
        long offset = record == 0 ? -1 : dma - memory.loadAddress(record + SwiotlbLayout.POOL_PA);
        return offset >= 0 && offset < (long) memory.load32(record + SwiotlbLayout.SLOTS) * SLOT_BYTES;
    }

    /**
     * Returns the physical address of a bus address: itself outside the pool, the original buffer's in a slot, -1 in a
     * free slot.
     */
    long original(long dma) {
        if (!contains(dma)) {
            return dma;
        }
        long record = memory.loadAddress(root + RootLayout.SWIOTLB);
        long offset = dma - memory.loadAddress(record + SwiotlbLayout.POOL_PA);
        int slot = begin(record, (int) (offset / SLOT_BYTES));
        return slot < 0 ? -1 : memory.loadAddress(entry(record, slot) + SwiotlbLayout.ORIGINAL_PA) + offset - (long) slot * SLOT_BYTES;
    }

    /**
     * {@code swiotlb_map}: takes slots for a buffer, and copies its bytes into them. It copies for every direction: if
     * a device writes only a part of the buffer, the other bytes must not be old ones of another mapping (Linux, since
     * 5.18).
     *
     * @param mask     the device's highest address
     * @param boundary the boundary that the slots must not cross, as its size minus 1
     * @return the slots' bus address, or {@link DmaAddress#DMA_MAPPING_ERROR} if no such slots are free, which is
     *         logged
     */
    long map(String device, long pa, int bytes, long mask, long boundary) {
        long record = memory.loadAddress(root + RootLayout.SWIOTLB);
        int slot = record == 0 ? -1 : take(record, pa, bytes, mask, boundary);
        if (slot < 0) {
            log.print(device + ": swiotlb buffer is full (sz: " + bytes + " bytes), total " + total(memory) + " (slots), used " + used(memory) + " (slots)");
            return DmaAddress.DMA_MAPPING_ERROR;
        }
        long dma = memory.loadAddress(record + SwiotlbLayout.POOL_PA) + (long) slot * SLOT_BYTES;
        copy(pa, dma, bytes, true);
        return dma;
    }

    private int take(long record, long pa, int bytes, long mask, long boundary) {
        int wanted = (int) (((long) bytes + SLOT_BYTES - 1) / SLOT_BYTES);
        if (wanted > SEGMENT_SLOTS) {
            return -1;
        }
        int flags = locks.lockIrqSave(record + SwiotlbLayout.LOCK);
        int slot = find(record, wanted, bytes, mask, boundary);
        if (slot >= 0) {
            for (int i = 1; i < wanted; i++) {
                memory.store32(entry(record, slot + i) + SwiotlbLayout.SPAN, SwiotlbLayout.INSIDE);
            }
            long entry = entry(record, slot);
            memory.store32(entry + SwiotlbLayout.SPAN, wanted);
            memory.storeAddress(entry + SwiotlbLayout.ORIGINAL_PA, pa);
            memory.store32(entry + SwiotlbLayout.BYTES, bytes);
            memory.store32(record + SwiotlbLayout.NEXT, slot + wanted);
            memory.store32(record + SwiotlbLayout.BOUNCED, memory.load32(record + SwiotlbLayout.BOUNCED) + 1);
            int used = memory.load32(record + SwiotlbLayout.USED) + wanted;
            memory.store32(record + SwiotlbLayout.USED, used);
            if (used > memory.load32(record + SwiotlbLayout.MOST_USED)) {
                memory.store32(record + SwiotlbLayout.MOST_USED, used);
            }
        }
        locks.unlockIrqRestore(record + SwiotlbLayout.LOCK, flags);
        return slot;
    }

    /**
     * Finds the first run of free slots, searching once round the pool from the end of the last search; -1 if there is
     * none.
     */
    private int find(long record, int wanted, int bytes, long mask, long boundary) {
        int total = memory.load32(record + SwiotlbLayout.SLOTS);
        long pool = memory.loadAddress(record + SwiotlbLayout.POOL_PA);
        int start = memory.load32(record + SwiotlbLayout.NEXT);
        int run = 0;
        for (int step = 0; step < total + wanted; step++) {
            int slot = (start + step) % total;
            if (slot == 0) {
                run = 0;                               // a mapping does not wrap round the pool's end
            }
            run = memory.load32(entry(record, slot) + SwiotlbLayout.SPAN) == 0 ? run + 1 : 0;
            long first = pool + (long) (slot - wanted + 1) * SLOT_BYTES;
            if (run >= wanted && first + bytes - 1 <= mask && !DmaMapping.crosses(first, bytes, boundary)) {
                return slot - wanted + 1;
            }
        }
        return -1;
    }

    private static long entry(long record, int slot) {
        return record + SwiotlbLayout.TABLE + (long) slot * SwiotlbLayout.SLOT_SIZE;
    }

    /**
     * {@code swiotlb_sync_single_for_cpu} and {@code _for_device}: copies part of a mapping.
     *
     * @param toSlots whether to copy from the buffer into the slots, rather than back; bytes beyond the mapping are not
     *                copied
     */
    void sync(long dma, int bytes, boolean toSlots) {
        long record = memory.loadAddress(root + RootLayout.SWIOTLB);
        int slot = first(record, dma, "dma_sync");
        long entry = entry(record, slot);
        long offset = dma - memory.loadAddress(record + SwiotlbLayout.POOL_PA) - (long) slot * SLOT_BYTES;
        long inside = Math.min(bytes, memory.load32(entry + SwiotlbLayout.BYTES) - offset);
        copy(memory.loadAddress(entry + SwiotlbLayout.ORIGINAL_PA) + offset, dma, (int) Math.max(inside, 0), toSlots);
    }

    /**
     * {@code swiotlb_tbl_unmap_single}: frees the slots of a mapping, after copying them back to the buffer if the
     * device may have written them.
     */
    void unmap(long dma, boolean copyBack) {
        long record = memory.loadAddress(root + RootLayout.SWIOTLB);
        int slot = first(record, dma, "dma_unmap");
        long entry = entry(record, slot);
        if (copyBack) {
            copy(memory.loadAddress(entry + SwiotlbLayout.ORIGINAL_PA), dma, memory.load32(entry + SwiotlbLayout.BYTES), false);
        }
        int flags = locks.lockIrqSave(record + SwiotlbLayout.LOCK);
        int span = memory.load32(entry + SwiotlbLayout.SPAN);
        for (int i = 0; i < span; i++) {
            memory.store32(entry(record, slot + i) + SwiotlbLayout.SPAN, 0);
        }
        memory.store32(record + SwiotlbLayout.USED, memory.load32(record + SwiotlbLayout.USED) - span);
        locks.unlockIrqRestore(record + SwiotlbLayout.LOCK, flags);
    }

    /** Returns the first slot of the mapping that contains an address of the pool. */
    private int first(long record, long dma, String call) {
        int slot = begin(record, (int) ((dma - memory.loadAddress(record + SwiotlbLayout.POOL_PA)) / SLOT_BYTES));
        if (slot < 0) {
            throw new KernelBug(call + " of 0x" + Long.toHexString(dma) + ", which is a bounce buffer without a mapping; unmap once, and sync before that");
        }
        return slot;
    }

    /** Returns the first slot of a slot's mapping; -1 if the slot is free. */
    private int begin(long record, int slot) {
        int first = slot;
        while (memory.load32(entry(record, first) + SwiotlbLayout.SPAN) == SwiotlbLayout.INSIDE) {
            first--;
        }
        return memory.load32(entry(record, first) + SwiotlbLayout.SPAN) == 0 ? -1 : first;
    }

    /**
     * {@code swiotlb_bounce}: copies between a buffer and its slots, page by page. The buffer may be in high memory.
     */
    private void copy(long pa, long dma, int bytes, boolean toSlots) {
        long slots = space.virt(dma);
        for (int done = 0; done < bytes; ) {
            int inPage = AddressSpace.PAGE_SIZE - ((int) (pa + done) & AddressSpace.PAGE_SIZE - 1);
            int piece = Math.min(bytes - done, inPage);
            if (pa + done >>> AddressSpace.PAGE_SHIFT < memMap.lowEndPfn()) {
                long buffer = space.virt(pa + done);
                memory.copy(toSlots ? slots + done : buffer, toSlots ? buffer : slots + done, piece);
            } else if (toSlots) {
                highPages.copyFrom(slots + done, pa + done, piece);
            } else {
                highPages.copyTo(pa + done, slots + done, piece);
            }
            done += piece;
        }
    }

    // ---- looking ----

    /** The number of mappings that were bounced since boot. */
    public int bounced(ReadableMemory view) {
        return counter(view, SwiotlbLayout.BOUNCED);
    }

    /** Slots in use. */
    public int used(ReadableMemory view) {
        return counter(view, SwiotlbLayout.USED);
    }

    /** Slots of the pool; 0 if there is no pool. */
    public int total(ReadableMemory view) {
        return counter(view, SwiotlbLayout.SLOTS);
    }

    private int counter(ReadableMemory view, int field) {
        long record = view.loadAddress(root + RootLayout.SWIOTLB);
        return record == 0 ? 0 : view.load32(record + field);
    }
}
