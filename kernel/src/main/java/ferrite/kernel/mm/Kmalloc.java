package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernelLog;
import java.util.Map;

/**
 * {@code kmalloc} (LDD3 pages 213-217): size classes from 8 bytes, with 96 and 192, each a lookaside cache, one set for any low memory and
 * one for the DMA zone. What is larger than the largest class comes straight from the page allocator.
 *
 * <p>Objects whose class is a power of two are aligned to it, up to a page; all are aligned to 8 bytes.
 */
public final class Kmalloc {

    private static final int[] CLASSES = {8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192};
    private static final int LARGEST_CLASS = 8192;
    /** The normal caches, then those for the DMA zone. */
    private static final int CACHES = 2 * CLASSES.length;
    public static final int CACHES_BYTES = CACHES * KmemCacheLayout.BYTES;
    /** What {@code kmalloc(0)} gives: not null, and faulting when touched. */
    public static final long ZERO_SIZE_PTR = 16;
    /** {@code KMALLOC_MAX_SIZE}: the largest block of the page allocator. */
    public static final int MAX_SIZE = AddressSpace.PAGE_SIZE << Zones.MAX_ORDER - 1;

    /** The class of each size up to 192, by eighths; above, classes are powers of two. */
    private static final byte[] SMALL = new byte[192 / 8 + 1];

    static {
        for (int eighths = 1; eighths < SMALL.length; eighths++) {
            while (CLASSES[SMALL[eighths]] < 8 * eighths) {
                SMALL[eighths]++;
            }
        }
    }

    private static final int CLASS_OF_256 = 7;
    private static final int LOG_256 = 8;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final Context context;
    private final KmemCaches all;
    private final KmemCache slab;
    private final BuddyAllocator pages;
    private final MemMap memMap;
    private final KernelLog log;
    private final long caches;

    Kmalloc(KernelBase base, KmemCaches all, BuddyAllocator pages) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.context = base.context();
        this.all = all;
        this.slab = all.objects();
        this.pages = pages;
        this.memMap = pages.frames().memMap();
        this.log = base.log();
        this.caches = base.rootAddress(RootLayout.KMALLOC_CACHES);
    }

    /** Makes the caches. */
    public void init() {
        for (int dma = 0; dma < 2; dma++) {
            for (int i = 0; i < CLASSES.length; i++) {
                int size = CLASSES[i];
                int align = Integer.bitCount(size) == 1 ? Math.min(size, AddressSpace.PAGE_SIZE) : 0;
                all.add(cache(i, dma != 0), (dma != 0 ? "dma-" : "") + "kmalloc-" + className(size), size, align,
                        SlabFlags.SLAB_KMALLOC | (dma != 0 ? SlabFlags.SLAB_CACHE_DMA : 0), 0, 0);
            }
        }
    }

    private static String className(int size) {
        return size >= 1024 ? size / 1024 + "k" : Integer.toString(size);
    }

    private long cache(int sizeClass, boolean dma) {
        return caches + (long) (sizeClass + (dma ? CLASSES.length : 0)) * KmemCacheLayout.BYTES;
    }

    private static int sizeClass(int size) {
        return size <= 192 ? SMALL[size + 7 >> 3] : CLASS_OF_256 - LOG_256 + 32 - Integer.numberOfLeadingZeros(size - 1 | 255);
    }

    /** {@code kmalloc}: at least {@code size} bytes, physically contiguous; 0 when there are none. May sleep if the flags may. */
    public long kmalloc(int size, int gfp) {
        context.mightAlloc(gfp, "kmalloc");
        if (size - 1 >>> 13 == 0) {                    // 1 to 8192
            return slab.allocObject(cache(sizeClass(size), (gfp & Gfp.__GFP_DMA) != 0), gfp, size);
        }
        return size == 0 ? ZERO_SIZE_PTR : large(size, gfp);
    }

    private long large(int size, int gfp) {
        if (size < 0 || size > MAX_SIZE) {
            if ((gfp & Gfp.__GFP_NOWARN) == 0) {
                log.print("WARNING: CPU: " + cpu.hartId() + " PID: " + memory.load32(cpu.tp() + TaskLayout.PID) + " at mm/page_alloc.c __alloc_pages: kmalloc of "
                        + Integer.toUnsignedString(size) + " bytes, more than KMALLOC_MAX_SIZE (" + MAX_SIZE + ")");
            }
            return 0;
        }
        if ((gfp & Gfp.__GFP_HIGHMEM) != 0) {
            return all.reports().highMemory(cache(CLASSES.length - 1, false), gfp);
        }
        if (all.failures().shouldFail(gfp)) {
            return 0;
        }
        long page = pages.allocBlock(gfp, order(size));
        return page == 0 ? 0 : memMap.pageAddress(page);
    }

    /** {@code kzalloc}: zeroed. */
    public long kzalloc(int size, int gfp) {
        return kmalloc(size, gfp | Gfp.__GFP_ZERO);
    }

    /** {@code kcalloc}: an array, zeroed; 0 when its size is more than 32 bits can hold. */
    public long kcalloc(int count, int size, int gfp) {
        long bytes = Integer.toUnsignedLong(count) * Integer.toUnsignedLong(size);
        return bytes >>> 32 != 0 ? 0 : kzalloc((int) bytes, gfp);
    }

    /**
     * {@code krealloc}: what was at {@code va}, in as many bytes as are wanted now. May sleep if the flags may. 0 as address allocates; size 0 frees.
     *
     * @return the address from now on, which may be the old one; 0 when there is no memory, and then nothing has changed
     */
    public long krealloc(long va, int size, int gfp) {
        if (size == 0) {
            kfree(va);
            return ZERO_SIZE_PTR;
        }
        if (va == 0 || va == ZERO_SIZE_PTR) {
            return kmalloc(size, gfp);
        }
        int old = usable(va);
        if (old == 0) {
            all.reports().notAnObject("krealloc", va);
            return 0;
        }
        if (size > 0 && size <= old) {
            context.mightAlloc(gfp, "krealloc");
            return va;
        }
        long next = kmalloc(size, gfp);
        if (next != 0) {
            memory.copy(next, va, old);
            kfree(va);
        }
        return next;
    }

    /** Bytes at an address that were asked for: of an object in a cache without checks, of a block, all of it; 0 when kmalloc never gave the address. */
    private int usable(long va) {
        long head = slab.slabOf(va);
        return head != 0 ? all.debug().requested(memory.loadAddress(head + PageLayout.SLAB_CACHE), va) : blockBytes(va);
    }

    private int blockBytes(long va) {
        long page = memMap.virtToPage(va);
        boolean head = page != 0 && (memory.load32(page + PageLayout.FLAGS) & PageLayout.HEAD) != 0 && va == memMap.pageAddress(page);
        return head ? AddressSpace.PAGE_SIZE << memory.load32(page + PageLayout.ORDER) : 0;
    }

    /** {@code ksize}: how many bytes are really there, all of which may be used from now on; 0 for 0 and the zero-size pointer. */
    public int ksize(long va) {
        if (va == 0 || va == ZERO_SIZE_PTR) {
            return 0;
        }
        long head = slab.slabOf(va);
        if (head == 0) {
            int bytes = blockBytes(va);
            if (bytes == 0) {
                all.reports().notAnObject("ksize", va);
            }
            return bytes;
        }
        long cache = memory.loadAddress(head + PageLayout.SLAB_CACHE);
        all.debug().useAll(cache, va);
        return memory.load32(cache + KmemCacheLayout.OBJECT_SIZE);
    }

    /** {@code kfree}: what kmalloc gave; 0 and the zero-size pointer are legal. Any context. */
    public void kfree(long va) {
        if (va <= ZERO_SIZE_PTR && (va == 0 || va == ZERO_SIZE_PTR)) {
            return;
        }
        if (!slab.freeInFirstPage("kfree", va)) {
            kfreeSlowly(va);
        }
    }

    private void kfreeSlowly(long va) {
        long head = slab.slabOf(va);
        if (head != 0) {
            slab.freeObject("kfree", memory.loadAddress(head + PageLayout.SLAB_CACHE), head, va);
        } else if (blockBytes(va) != 0) {
            long page = memMap.virtToPage(va);
            pages.freePages(page, memory.load32(page + PageLayout.ORDER));
        } else {
            all.reports().notAnObject("kfree", va);
        }
    }

    /** {@code get_order}: the order of the smallest block that holds so many bytes. */
    public static int order(long bytes) {
        return bytes <= AddressSpace.PAGE_SIZE ? 0 : 64 - Long.numberOfLeadingZeros((bytes - 1) >>> AddressSpace.PAGE_SHIFT);
    }

    /** How many objects of each cache are allocated, of those with any. */
    public Map<String, Long> liveObjects(ReadableMemory view) {
        return all.live(view);
    }

    /** Pages in slabs of all caches. */
    public long slabPages(ReadableMemory view) {
        return all.view().pages(view);
    }
}
