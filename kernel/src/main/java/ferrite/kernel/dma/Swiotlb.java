package ferrite.kernel.dma;

import static ferrite.kernel.dma.SwiotlbLayout.BOUNCED;
import static ferrite.kernel.dma.SwiotlbLayout.LOCK;
import static ferrite.kernel.dma.SwiotlbLayout.MAX_USED;
import static ferrite.kernel.dma.SwiotlbLayout.NEXT;
import static ferrite.kernel.dma.SwiotlbLayout.POOL_PA;
import static ferrite.kernel.dma.SwiotlbLayout.SLOTS;
import static ferrite.kernel.dma.SwiotlbLayout.TABLE;
import static ferrite.kernel.dma.SwiotlbLayout.USED;
import static ferrite.kernel.dma.SwiotlbSlotLayout.BYTES;
import static ferrite.kernel.dma.SwiotlbSlotLayout.ORIGINAL_PA;
import static ferrite.kernel.dma.SwiotlbSlotLayout.SPAN;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Word;
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
        throw new KernelPanic("swiotlb=" + word
                + " on the kernel's command line: the value must be on, off, force, or 1 to " + MAX_SLOTS + " slots");
    }

    public Mode mode() {
        return mode;
    }

    /**
     * Allocates the pool, once. Task context or boot; may sleep. Without memory for the pool, no buffer can be bounced;
     * the log says so.
     */
    void start() {
        if (mode == Mode.OFF || RootLayout.SWIOTLB.get(memory, root) != 0) {
            return;
        }
        int bytes = slots * SLOT_BYTES;
        long pool = pages.getFreePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA, Kmalloc.order(bytes));
        long record = kmalloc.kzalloc(TABLE.offset() + slots * SwiotlbSlotLayout.SIZE, Gfp.GFP_KERNEL);
        if (pool == 0 || record == 0) {
            pages.freePagesAt(pool, Kmalloc.order(bytes));
            kmalloc.kfree(record);
            log.print("software IO TLB: no memory for " + slots
                    + " slots: memory that a device cannot reach cannot be mapped for it");
            return;
        }
        POOL_PA.set(memory, record, space.phys(pool));
        SLOTS.set(memory, record, slots);
        int flags = locks.lockIrqSave(RootLayout.DMA_POOLS_LOCK.at(root));
        boolean first = RootLayout.SWIOTLB.get(memory, root) == 0;
        if (first) {
            RootLayout.SWIOTLB.set(memory, root, record);
        }
        locks.unlockIrqRestore(RootLayout.DMA_POOLS_LOCK.at(root), flags);
        if (!first) {                                  // another device's driver has published its pool first
            pages.freePagesAt(pool, Kmalloc.order(bytes));
            kmalloc.kfree(record);
            return;
        }
        log.info("software IO TLB: mapped [mem 0x" + Long.toHexString(space.phys(pool))
                + "-0x" + Long.toHexString(space.phys(pool) + bytes - 1) + "] (" + bytes / 1024 + " KiB)");
    }

    /** Returns whether an address is in the pool. */
    boolean contains(long dma) {
        long record = RootLayout.SWIOTLB.get(memory, root);
        long offset = record == 0 ? -1 : dma - POOL_PA.get(memory, record);
        return offset >= 0 && offset < (long) SLOTS.get(memory, record) * SLOT_BYTES;
    }

    /**
     * Returns the physical address of a bus address: itself outside the pool, the original buffer's in a slot, -1 in a
     * free slot.
     */
    long original(long dma) {
        if (!contains(dma)) {
            return dma;
        }
        long record = RootLayout.SWIOTLB.get(memory, root);
        long offset = dma - POOL_PA.get(memory, record);
        int slot = begin(record, (int) (offset / SLOT_BYTES));
        return slot < 0 ? -1 : ORIGINAL_PA.get(memory, entry(record, slot)) + offset - (long) slot * SLOT_BYTES;
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
        long record = RootLayout.SWIOTLB.get(memory, root);
        int slot = record == 0 ? -1 : take(record, pa, bytes, mask, boundary);
        if (slot < 0) {
            log.print(device + ": swiotlb buffer is full (sz: " + bytes + " bytes), total " + total(memory)
                    + " (slots), used " + used(memory) + " (slots)");
            return DmaAddress.DMA_MAPPING_ERROR;
        }
        long dma = POOL_PA.get(memory, record) + (long) slot * SLOT_BYTES;
        copy(pa, dma, bytes, true);
        return dma;
    }

    private int take(long record, long pa, int bytes, long mask, long boundary) {
        int wanted = (int) (((long) bytes + SLOT_BYTES - 1) / SLOT_BYTES);
        if (wanted > SEGMENT_SLOTS) {
            return -1;
        }
        int flags = locks.lockIrqSave(LOCK.at(record));
        int slot = find(record, wanted, bytes, mask, boundary);
        if (slot >= 0) {
            for (int i = 1; i < wanted; i++) {
                SPAN.set(memory, entry(record, slot + i), SwiotlbSlotLayout.INSIDE);
            }
            long entry = entry(record, slot);
            SPAN.set(memory, entry, wanted);
            ORIGINAL_PA.set(memory, entry, pa);
            BYTES.set(memory, entry, bytes);
            NEXT.set(memory, record, slot + wanted);
            BOUNCED.add(memory, record, 1);
            int used = USED.get(memory, record) + wanted;
            USED.set(memory, record, used);
            if (used > MAX_USED.get(memory, record)) {
                MAX_USED.set(memory, record, used);
            }
        }
        locks.unlockIrqRestore(LOCK.at(record), flags);
        return slot;
    }

    /**
     * Finds the first run of free slots, searching once round the pool from the end of the last search; -1 if there is
     * none.
     */
    private int find(long record, int wanted, int bytes, long mask, long boundary) {
        int total = SLOTS.get(memory, record);
        long pool = POOL_PA.get(memory, record);
        int start = NEXT.get(memory, record);
        int run = 0;
        for (int step = 0; step < total + wanted; step++) {
            int slot = (start + step) % total;
            if (slot == 0) {
                run = 0;                               // a mapping does not wrap round the pool's end
            }
            run = SPAN.get(memory, entry(record, slot)) == 0 ? run + 1 : 0;
            long first = pool + (long) (slot - wanted + 1) * SLOT_BYTES;
            if (run >= wanted && first + bytes - 1 <= mask && !DmaMapping.crosses(first, bytes, boundary)) {
                return slot - wanted + 1;
            }
        }
        return -1;
    }

    private static long entry(long record, int slot) {
        return TABLE.at(record, slot);
    }

    /**
     * {@code swiotlb_sync_single_for_cpu} and {@code _for_device}: copies part of a mapping.
     *
     * @param toSlots whether to copy from the buffer into the slots, rather than back; bytes beyond the mapping are not
     *                copied
     */
    void sync(long dma, int bytes, boolean toSlots) {
        long record = RootLayout.SWIOTLB.get(memory, root);
        int slot = first(record, dma, "dma_sync");
        long entry = entry(record, slot);
        long offset = dma - POOL_PA.get(memory, record) - (long) slot * SLOT_BYTES;
        long inside = Math.min(bytes, BYTES.get(memory, entry) - offset);
        copy(ORIGINAL_PA.get(memory, entry) + offset, dma, (int) Math.max(inside, 0), toSlots);
    }

    /**
     * {@code swiotlb_tbl_unmap_single}: frees the slots of a mapping, after copying them back to the buffer if the
     * device may have written them.
     */
    void unmap(long dma, boolean copyBack) {
        long record = RootLayout.SWIOTLB.get(memory, root);
        int slot = first(record, dma, "dma_unmap");
        long entry = entry(record, slot);
        if (copyBack) {
            copy(ORIGINAL_PA.get(memory, entry), dma, BYTES.get(memory, entry), false);
        }
        int flags = locks.lockIrqSave(LOCK.at(record));
        int span = SPAN.get(memory, entry);
        for (int i = 0; i < span; i++) {
            SPAN.set(memory, entry(record, slot + i), 0);
        }
        USED.add(memory, record, -span);
        locks.unlockIrqRestore(LOCK.at(record), flags);
    }

    /** Returns the first slot of the mapping that contains an address of the pool. */
    private int first(long record, long dma, String call) {
        int slot = begin(record, (int) ((dma - POOL_PA.get(memory, record)) / SLOT_BYTES));
        if (slot < 0) {
            throw new KernelBug(call + " of 0x" + Long.toHexString(dma)
                    + ", which is a bounce buffer without a mapping; unmap once, and sync before that");
        }
        return slot;
    }

    /** Returns the first slot of a slot's mapping; -1 if the slot is free. */
    private int begin(long record, int slot) {
        int first = slot;
        while (SPAN.get(memory, entry(record, first)) == SwiotlbSlotLayout.INSIDE) {
            first--;
        }
        return SPAN.get(memory, entry(record, first)) == 0 ? -1 : first;
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
        return counter(view, BOUNCED);
    }

    /** Slots in use. */
    public int used(ReadableMemory view) {
        return counter(view, USED);
    }

    /** Slots of the pool; 0 if there is no pool. */
    public int total(ReadableMemory view) {
        return counter(view, SLOTS);
    }

    private int counter(ReadableMemory view, Word field) {
        long record = RootLayout.SWIOTLB.get(view, root);
        return record == 0 ? 0 : field.get(view, record);
    }
}
