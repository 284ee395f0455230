package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.KernelBug;
import ferrite.kernel.sched.Context;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code kmalloc} (LDD3 pages 213-217): size classes from 8 bytes, with 96 and 192, each a lookaside cache, one set for any low memory and
 * one for the DMA zone. What is larger than the largest class comes straight from the page allocator.
 */
public final class Kmalloc {

    private static final int[] CLASSES = {8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192};
    private static final int LARGEST_CLASS = 8192;
    /** The normal caches, then those for the DMA zone. */
    private static final int CACHES = 2 * CLASSES.length;
    public static final int CACHES_BYTES = CACHES * KmemCache.SIZE;
    /** What {@code kmalloc(0)} gives: not null, and faulting when touched. */
    public static final long ZERO_SIZE_PTR = 16;

    private final KernelMemory memory;
    private final KmemCache slab;
    private final Context context;
    private final BuddyAllocator pages;
    private final MemMap memMap;
    private final long caches;

    public Kmalloc(KernelMemory memory, Context context, KmemCache slab, BuddyAllocator pages, MemMap memMap, long caches) {
        this.memory = memory;
        this.context = context;
        this.slab = slab;
        this.pages = pages;
        this.memMap = memMap;
        this.caches = caches;
    }

    /** Makes the caches, in {@link #CACHES_BYTES} zeroed bytes. */
    public void init() {
        for (int i = 0; i < CLASSES.length; i++) {
            slab.init(cache(i, false), "kmalloc-" + className(CLASSES[i]), CLASSES[i], 0);
            slab.init(cache(i, true), "dma-kmalloc-" + className(CLASSES[i]), CLASSES[i], Gfp.__GFP_DMA);
        }
    }

    private static String className(int size) {
        return size >= 1024 ? size / 1024 + "k" : Integer.toString(size);
    }

    private long cache(int sizeClass, boolean dma) {
        return caches + (long) (sizeClass + (dma ? CLASSES.length : 0)) * KmemCache.SIZE;
    }

    /** {@code kmalloc}: at least {@code size} bytes, physically contiguous; 0 when there are none. May sleep if the flags may. */
    public long kmalloc(int size, int gfp) {
        context.mightAlloc(gfp, "kmalloc");
        if (size == 0) {
            return ZERO_SIZE_PTR;
        }
        if (size < 0 || size > LARGEST_CLASS) {
            long page = size < 0 ? 0 : pages.allocBlock(gfp, order(size));
            return page == 0 ? 0 : memMap.pageAddress(page);
        }
        return slab.allocObject(cache(sizeClass(size), (gfp & Gfp.__GFP_DMA) != 0), gfp);
    }

    /** {@code kzalloc}: zeroed. */
    public long kzalloc(int size, int gfp) {
        return kmalloc(size, gfp | Gfp.__GFP_ZERO);
    }

    /** {@code kfree}: what kmalloc gave; 0 and the zero-size pointer are legal. Does not sleep. */
    public void kfree(long va) {
        if (va == 0 || va == ZERO_SIZE_PTR) {
            return;
        }
        long page = memMap.virtToPage(va);
        long head = page == 0 ? 0 : memMap.head(memory, page);
        int flags = head == 0 ? 0 : memory.load32(head + PageLayout.FLAGS);
        if ((flags & PageLayout.SLAB) != 0) {
            slab.free(slab.cacheOf(head), va);
        } else if ((flags & PageLayout.HEAD) != 0 && va == memMap.pageAddress(head)) {
            pages.freePages(head, memory.load32(head + PageLayout.ORDER));
        } else {
            throw new KernelBug("kfree of 0x" + Long.toHexString(va) + ", which kmalloc never gave");
        }
    }

    /** {@code get_order}: the order of the smallest block that holds so many bytes. */
    public static int order(long bytes) {
        return bytes <= AddressSpace.PAGE_SIZE ? 0 : 64 - Long.numberOfLeadingZeros((bytes - 1) >>> AddressSpace.PAGE_SHIFT);
    }

    private static int sizeClass(int size) {
        int sizeClass = 0;
        while (CLASSES[sizeClass] < size) {
            sizeClass++;
        }
        return sizeClass;
    }

    /** How many objects of each size class are allocated, of those with any. */
    public Map<String, Long> liveObjects(ReadableMemory view) {
        Map<String, Long> live = new LinkedHashMap<>();
        for (int i = 0; i < CACHES; i++) {
            long cache = caches + (long) i * KmemCache.SIZE;
            long count = view.loadAddress(cache + KmemCache.LIVE);
            if (count > 0) {
                live.put(KmemCache.name(view, cache), count);
            }
        }
        return live;
    }

    /** Pages in slabs of all size classes. */
    public long slabPages(ReadableMemory view) {
        long sum = 0;
        for (int i = 0; i < CACHES; i++) {
            sum += KmemCache.pages(view, caches + (long) i * KmemCache.SIZE);
        }
        return sum;
    }
}
