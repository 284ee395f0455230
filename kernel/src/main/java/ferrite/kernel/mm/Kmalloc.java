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
import ferrite.kernel.shadow.Blocks;
import ferrite.kernel.shadow.MemoryStates;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * {@code kmalloc} (LDD3 pages 213-217). Each size class is a lookaside cache: powers of two from 8 to 8192 bytes, and
 * 96 and 192. There is one set of caches for any low memory and one for the DMA zone. Larger requests go to the page
 * allocator.
 *
 * <p>An object of a power-of-two class is aligned to its size, at most to a page. Every object is aligned to 8 bytes.
 */
public final class Kmalloc {

    private static final int[] CLASSES = {8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192};
    /** The normal caches, then those for the DMA zone. */
    private static final int CACHES = 2 * CLASSES.length;
    public static final int CACHES_BYTES = CACHES * KmemCacheLayout.BYTES;
    /** The result of {@code kmalloc(0)}: not 0, but an access to it faults. */
    public static final long ZERO_SIZE_PTR = 16;
    /** {@code KMALLOC_MAX_SIZE}: the largest block of the page allocator. */
    public static final int MAX_SIZE = AddressSpace.PAGE_SIZE << Zones.MAX_ORDER - 1;

    /** The class of each size up to 192, indexed by size / 8 rounded up; larger classes are powers of two. */
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
    private final MemoryStates states;
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
        this.states = base.states();
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
        return size <= 192 ? SMALL[size + 7 >> 3]
                : CLASS_OF_256 - LOG_256 + 32 - Integer.numberOfLeadingZeros(size - 1 | 255);
    }

    /** Allocates physically contiguous memory. May sleep if the flags allow it. Returns the linear address, or 0. */
    public long kmalloc(int size, int gfp) {
        if (size - 1 >>> 13 == 0) {                    // 1 to 8192
            return slab.kmallocObject(cache(sizeClass(size), (gfp & Gfp.__GFP_DMA) != 0), gfp, size);
        }
        context.mightAlloc(gfp, "kmalloc");
        return size == 0 ? ZERO_SIZE_PTR : large(size, gfp);
    }

    private long large(int size, int gfp) {
        if (size < 0 || size > MAX_SIZE) {
            if ((gfp & Gfp.__GFP_NOWARN) == 0) {
                log.print("WARNING: CPU: " + cpu.hartId() + " PID: " + TaskLayout.PID.get(memory, cpu.tp())
                        + " at mm/page_alloc.c __alloc_pages: kmalloc of "
                        + Integer.toUnsignedString(size) + " bytes, more than KMALLOC_MAX_SIZE (" + MAX_SIZE + ")");
            }
            return 0;
        }
        if ((gfp & Gfp.__GFP_HIGHMEM) != 0) {
            return all.reports().highMemory(cache(CLASSES.length - 1, false), gfp);
        }
        if (all.failures().shouldFail(gfp)) {
            pages.events().blockFailed(gfp, order(size));
            return 0;
        }
        long page = pages.allocBlock(gfp, order(size));
        if (page == 0) {
            return 0;
        }
        long va = memMap.pageAddress(page);
        states.block(Blocks.Kind.KMALLOC, va, memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT, size,
                (long) AddressSpace.PAGE_SIZE << order(size));
        return va;
    }

    /** Allocates zeroed memory, see {@link #kmalloc}. May sleep if the flags allow it. */
    public long kzalloc(int size, int gfp) {
        return kmalloc(size, gfp | Gfp.__GFP_ZERO);
    }

    /** {@code kstrdup}: stores a string in UTF-8, with a NUL. May sleep. Returns 0 without memory. */
    public long kstrdup(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long stored = kzalloc(bytes.length + 1, Gfp.GFP_KERNEL);
        if (stored != 0) {
            memory.write(stored, bytes, 0, bytes.length);
        }
        return stored;
    }

    /** Allocates a zeroed array. May sleep if the flags allow it. Returns 0 also if the size exceeds 32 bits. */
    public long kcalloc(int count, int size, int gfp) {
        long bytes = Integer.toUnsignedLong(count) * Integer.toUnsignedLong(size);
        return bytes >>> 32 != 0 ? 0 : kzalloc((int) bytes, gfp);
    }

    /**
     * Changes the size of an allocation; the memory may move. May sleep if the flags allow it.
     *
     * @param va   of {@link #kmalloc}, or 0 for a new allocation
     * @param size in bytes; 0 frees the allocation
     * @return the new address; 0 if there is no memory, and then the old allocation stays
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
            states.resized(va, size);
            return va;
        }
        long next = kmalloc(size, gfp);
        if (next != 0) {
            memory.copy(next, va, old);
            kfree(va);
        }
        return next;
    }

    /**
     * Returns the bytes that were requested. That is the whole object in a cache without checks, and the whole block
     * for pages. Returns 0 if the address is not from kmalloc.
     */
    private int usable(long va) {
        long head = slab.slabOf(va);
        return head != 0 ? all.debug().requested(PageLayout.SLAB_CACHE.get(memory, head), va) : blockBytes(va);
    }

    private int blockBytes(long va) {
        long page = memMap.virtToPage(va);
        boolean head = page != 0 && (PageLayout.FLAGS.get(memory, page) & PageLayout.HEAD) != 0
                && va == memMap.pageAddress(page);
        return head ? AddressSpace.PAGE_SIZE << PageLayout.ORDER.get(memory, page) : 0;
    }

    /**
     * Returns the bytes that an allocation really has; the caller may use all of them from now on. Returns 0 for 0 and
     * the zero-size pointer. Any context.
     */
    public int ksize(long va) {
        if (va == 0 || va == ZERO_SIZE_PTR) {
            return 0;
        }
        long head = slab.slabOf(va);
        if (head == 0) {
            int bytes = blockBytes(va);
            if (bytes == 0) {
                all.reports().notAnObject("ksize", va);
            } else {
                states.usesWholeBlock(va, bytes);
            }
            return bytes;
        }
        long cache = PageLayout.SLAB_CACHE.get(memory, head);
        all.debug().useAll(cache, va);
        return KmemCacheLayout.OBJECT_SIZE.get(memory, cache);
    }

    /**
     * Frees memory of {@link #kmalloc}; 0 and the zero-size pointer are legal. Any context. A wrong address is reported
     * and frees nothing.
     */
    public void kfree(long va) {
        if (va <= ZERO_SIZE_PTR && (va == 0 || va == ZERO_SIZE_PTR)) {
            return;
        }
        if (!slab.freeInFirstPage("kfree", va)) {
            kfreeSlow(va);
        }
    }

    private void kfreeSlow(long va) {
        long head = slab.slabOf(va);
        if (head != 0) {
            slab.freeObject("kfree", PageLayout.SLAB_CACHE.get(memory, head), head, va);
        } else if (blockBytes(va) != 0) {
            long page = memMap.virtToPage(va);
            long pa = memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT;
            Blocks.Block block = states.blocks().at(pa);
            if (states.blocks().areDrivers(pa) || block != null && block.kind() != Blocks.Kind.KMALLOC) {
                all.reports().notOfKmalloc(va, block == null ? null : block.kind());
            }
            pages.freePages(page, PageLayout.ORDER.get(memory, page));
        } else if (memMap.virtToPage(va) != 0
                && states.blocks().wasFreed(memMap.pageToPfn(memMap.virtToPage(va)) << AddressSpace.PAGE_SHIFT)) {
            all.reports().largeFreedTwice(va);
        } else {
            all.reports().notAnObject("kfree", va);
        }
    }

    /** Returns the order of the smallest block that holds the bytes, {@code get_order}. */
    public static int order(long bytes) {
        return bytes <= AddressSpace.PAGE_SIZE ? 0
                : 64 - Long.numberOfLeadingZeros((bytes - 1) >>> AddressSpace.PAGE_SHIFT);
    }

    /** Returns the number of allocated objects per cache; caches without any are left out. */
    public Map<String, Long> liveObjects(ReadableMemory view) {
        return all.live(view);
    }

    /** Returns the pages in the slabs of all caches. */
    public long slabPages(ReadableMemory view) {
        return all.view().pages(view);
    }

    /** The spinlock that keeps the caches of {@link #slabPages}. */
    public long cachesLock() {
        return all.view().lock();
    }
}
