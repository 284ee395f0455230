package ferrite.kernel;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.driver.Holdings;
import ferrite.kernel.driver.Modules;
import ferrite.kernel.mm.AddressSpace;
import ferrite.kernel.mm.Bootmem;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.HighPages;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.Kmap;
import ferrite.kernel.mm.KmemCaches;
import ferrite.kernel.mm.MemMap;
import ferrite.kernel.mm.Mempool;
import ferrite.kernel.mm.PerCpu;
import ferrite.kernel.mm.Reclaim;
import ferrite.kernel.mm.Vmalloc;
import ferrite.kernel.sched.Context;

/**
 * What drivers call to get and give back memory, under Linux's names: the families of LDD3 chapter 8. The small calls are here; those of families with a
 * class of their own are found there ({@link #vmalloc}, {@link #kmap}, {@link #perCpu}, {@link #mempools}, {@link #bootmem}). What the code of a loaded driver
 * takes is noted down until it is given back, see {@link Holdings}.
 *
 * <p>The views of memory are filled in by {@link Kernel}, step by step, while it boots.
 */
public abstract class MemoryCalls {

    final KernelMemory memory;
    final AddressSpace space;
    Context context;
    MemMap memMap;
    Bootmem bootmem;
    BuddyAllocator pages;
    HighPages highPages;
    Reclaim reclaim;
    KmemCaches caches;
    Kmalloc kmalloc;
    Vmalloc vmalloc;
    Kmap kmap;
    PerCpu perCpuVariables;
    Mempool mempools;
    Modules modules;

    final Holdings.Tracker holdings = new Holdings.Tracker() {
        @Override
        public long took(Holdings.Kind kind, long key, int bytes) {
            if (modules != null) {
                modules.holdings().took(kind, key, bytes, modules::moduleOf);
            }
            return key;
        }

        @Override
        public void gaveBack(Holdings.Kind kind, long key) {
            if (modules != null) {
                modules.holdings().gaveBack(kind, key);
            }
        }
    };

    MemoryCalls(KernelMemory memory, AddressSpace space) {
        this.memory = memory;
        this.space = space;
    }

    /** {@code kmalloc} (LDD3 page 213). May sleep if the flags may. Returns 0 when there is no memory. */
    public long kmalloc(int size, int gfp) {
        return holdings.took(Holdings.Kind.MEMORY, kmalloc.kmalloc(size, gfp), size);
    }

    /** {@code kzalloc}: zeroed. May sleep if the flags may. Returns 0 when there is no memory. */
    public long kzalloc(int size, int gfp) {
        return holdings.took(Holdings.Kind.MEMORY, kmalloc.kzalloc(size, gfp), size);
    }

    /** {@code kfree}; 0 is legal. Any context. */
    public void kfree(long va) {
        kmalloc.kfree(va);
        holdings.gaveBack(Holdings.Kind.MEMORY, va);
    }

    /**
     * {@code __get_free_pages} (LDD3 page 221): 2^order pages, physically contiguous. May sleep if the flags may.
     *
     * @return their address in the linear map, or 0
     */
    public long getFreePages(int gfp, int order) {
        return holdings.took(Holdings.Kind.PAGES, pages.getFreePages(gfp, order), AddressSpace.PAGE_SIZE << order);
    }

    /** {@code __get_free_page}: a single page, see {@link #getFreePages}. */
    public long getFreePage(int gfp) {
        return getFreePages(gfp, 0);
    }

    /** {@code get_zeroed_page}: a single page of zeros, see {@link #getFreePages}. */
    public long getZeroedPage(int gfp) {
        return getFreePages(gfp | Gfp.__GFP_ZERO, 0);
    }

    /** {@code __get_dma_pages}: of the DMA zone, see {@link #getFreePages}. */
    public long getDmaPages(int gfp, int order) {
        return getFreePages(gfp | Gfp.GFP_DMA, order);
    }

    /**
     * {@code alloc_pages} (LDD3 page 223): 2^order pages, physically contiguous; with {@code __GFP_HIGHMEM} perhaps without an address. May sleep if the flags may.
     *
     * @return the {@code struct page} of the first, or 0
     */
    public long allocPages(int gfp, int order) {
        long page = pages.allocPages(gfp, order);
        holdings.took(Holdings.Kind.PAGES, pagesKey(page), AddressSpace.PAGE_SIZE << Math.max(order, 0));
        return page;
    }

    /** {@code alloc_page}: a single page, see {@link #allocPages}. */
    public long allocPage(int gfp) {
        return allocPages(gfp, 0);
    }

    /** {@code alloc_pages_node}, of the one node there is: 0, or -1 for any. */
    public long allocPagesNode(int node, int gfp, int order) {
        return node == 0 || node == -1 ? allocPages(gfp, order) : 0;
    }

    /** {@code free_pages}, with the order of the allocation; 0 is legal. What is not such a block is reported, and stays as it is. Any context. */
    public void freePages(long va, int order) {
        if (pages.freePagesAt(va, order)) {
            holdings.gaveBack(Holdings.Kind.PAGES, va);
        }
    }

    /** {@code free_page}, see {@link #freePages}. */
    public void freePage(long va) {
        freePages(va, 0);
    }

    /** {@code __free_pages}: as {@link #freePages}, by {@code struct page}. */
    public void __freePages(long page, int order) {
        if (pages.freePages(page, order)) {
            holdings.gaveBack(Holdings.Kind.PAGES, pagesKey(page));
        }
    }

    /** {@code __free_page}, see {@link #__freePages}. */
    public void __freePage(long page) {
        __freePages(page, 0);
    }

    /** How blocks are remembered that a loaded driver holds: by address, those of high memory by their {@code struct page}. */
    private long pagesKey(long page) {
        long va = page == 0 ? 0 : memMap.pageAddress(page);
        return va == 0 ? page : va;
    }

    /** {@code get_page}: one more reference to the block that a page lies in; it is not free before each has been given up. Any context. */
    public void getPage(long page) {
        pages.getPage(page);
    }

    /** {@code put_page}: gives a reference up. Any context. */
    public void putPage(long page) {
        pages.putPage(page);
    }

    /** {@code get_order}: the order of the smallest block that holds so many bytes. */
    public int getOrder(long bytes) {
        return Kmalloc.order(bytes);
    }

    /** {@code page_address}: where a page is; 0 for high memory that is not kmapped. Any context. */
    public long pageAddress(long page) {
        return kmap.pageAddress(page);
    }

    /** {@code virt_to_page}: the {@code struct page} behind an address of the linear map, or 0. Any context. */
    public long virtToPage(long va) {
        return memMap.virtToPage(va);
    }

    /** {@code pfn_to_page}; 0 where there is no memory. Any context. */
    public long pfnToPage(long pfn) {
        return memMap.isValid(pfn) ? memMap.pfnToPage(pfn) : 0;
    }

    /** {@code page_to_pfn}. Any context. */
    public long pageToPfn(long page) {
        return memMap.pageToPfn(page);
    }

    /** {@code memcpy_from_page}: copies bytes of one page, of any zone. Any context. */
    public void memcpyFromPage(long to, long page, int offset, int bytes) {
        long low = memMap.pageAddress(page);
        if (low != 0) {
            memory.copy(to, low + offset, bytes);
        } else {
            highPages.copyFrom(to, (memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT) + offset, bytes);
        }
    }

    /** {@code memcpy_to_page}: copies bytes into one page, of any zone. Any context. */
    public void memcpyToPage(long page, int offset, long from, int bytes) {
        long low = memMap.pageAddress(page);
        if (low != 0) {
            memory.copy(low + offset, from, bytes);
        } else {
            highPages.copyTo((memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT) + offset, from, bytes);
        }
    }

    /** {@code register_shrinker}: see {@link ferrite.kernel.mm.ShrinkerLayout}. Task context; may sleep. */
    public void registerShrinker(long shrinker) {
        reclaim.shrinkers().register(shrinker);
        holdings.took(Holdings.Kind.SHRINKER, shrinker, 0);
    }

    /** {@code unregister_shrinker}: its callbacks are not running when this returns, and are not called any more. May sleep. */
    public void unregisterShrinker(long shrinker) {
        reclaim.shrinkers().unregister(shrinker);
        holdings.gaveBack(Holdings.Kind.SHRINKER, shrinker);
    }

    /** {@code kcalloc}: an array, zeroed; 0 also when its size is more than 32 bits can hold. May sleep if the flags may. */
    public long kcalloc(int count, int size, int gfp) {
        return holdings.took(Holdings.Kind.MEMORY, kmalloc.kcalloc(count, size, gfp), count * size);
    }

    /** {@code krealloc}, see {@link Kmalloc#krealloc}. May sleep if the flags may. */
    public long krealloc(long va, int size, int gfp) {
        long next = kmalloc.krealloc(va, size, gfp);
        if (next != 0 && next != va) {
            holdings.gaveBack(Holdings.Kind.MEMORY, va);
            holdings.took(Holdings.Kind.MEMORY, next, size);
        }
        return next;
    }

    /** {@code ksize}: how many bytes are really there. Any context. */
    public int ksize(long va) {
        return kmalloc.ksize(va);
    }

    /** {@code kmem_cache_create}, see {@link KmemCaches#create}. May sleep. */
    public long kmemCacheCreate(String name, int size, int align, int flags, long constructor) {
        return holdings.took(Holdings.Kind.CACHE, caches.create(name, size, align, flags, constructor, 0), 0);
    }

    /** {@code kmem_cache_destroy}; 0 is legal. May sleep. Returns whether the cache is gone: with objects still allocated it stays. */
    public boolean kmemCacheDestroy(long cache) {
        boolean gone = caches.destroy(cache);
        if (gone) {
            holdings.gaveBack(Holdings.Kind.CACHE, cache);
        }
        return gone;
    }

    /** {@code kmem_cache_alloc} (LDD3 page 218). May sleep if the flags may. Returns 0 when there is no memory. */
    public long kmemCacheAlloc(long cache, int gfp) {
        return holdings.took(Holdings.Kind.OBJECT, caches.objects().alloc(cache, gfp), 0);
    }

    /** {@code kmem_cache_zalloc}: zeroed. May sleep if the flags may. Returns 0 when there is no memory. */
    public long kmemCacheZalloc(long cache, int gfp) {
        return kmemCacheAlloc(cache, gfp | Gfp.__GFP_ZERO);
    }

    /** {@code kmem_cache_free}; 0 is legal. Any context. */
    public void kmemCacheFree(long cache, long object) {
        caches.objects().free(cache, object);
        holdings.gaveBack(Holdings.Kind.OBJECT, object);
    }

    /** {@code kmem_cache_shrink}: gives back slabs with no object in use. May sleep. Returns 0 when none is left. */
    public int kmemCacheShrink(long cache) {
        return caches.shrink(cache);
    }

    /** {@code virt_to_phys}: the physical address behind one of the linear map. Any context. */
    public long virtToPhys(long va) {
        if (!AddressSpace.isLinear(va)) {
            throw new KernelBug("virt_to_phys of 0x" + Long.toHexString(va) + ", which is not an address of the linear map"
                    + (Vmalloc.isVmallocAddr(va) ? ": an area's pages lie anywhere, vmalloc_to_page gives them one by one" : ""));
        }
        return space.phys(va);
    }

    /** {@code ioremap} (LDD3 page 249): an address for device registers, or 0. May sleep. */
    public long ioremap(long pa, long bytes) {
        return vmalloc.ioremap(pa, bytes);
    }

    /** {@code iounmap}: gives back what {@link #ioremap} gave; 0 is legal. May sleep. */
    public void iounmap(long va) {
        vmalloc.iounmap(va);
    }

    /** {@code alloc_bootmem}, which refuses everything after boot; and what was taken by it. */
    public Bootmem bootmem() {
        return bootmem;
    }

    /** Memory pools: {@code mempool_create}, {@code mempool_alloc}. */
    public Mempool mempools() {
        return mempools;
    }

    /** Per-CPU variables: {@code get_cpu_var}, {@code alloc_percpu}, {@code get_cpu}. */
    public PerCpu perCpu() {
        return perCpuVariables;
    }

    /** {@code kmap}, {@code kmap_atomic}: addresses for high memory. */
    public Kmap kmap() {
        return kmap;
    }

    /** {@code vmalloc}, {@code vfree}, and what else there is to the vmalloc area. */
    public Vmalloc vmalloc() {
        return vmalloc;
    }

    /** {@code copy_to_user}; there is no user memory yet, so that it always succeeds. May sleep. */
    public void copyToUser(long to, long from, int bytes) {
        context.mightSleep("copy_to_user", "copy before the atomic section begins or after it has ended");
        memory.copy(to, from, bytes);
    }

    /** {@code copy_from_user}, as {@link #copyToUser}. May sleep. */
    public void copyFromUser(long to, long from, int bytes) {
        context.mightSleep("copy_from_user", "copy before the atomic section begins or after it has ended");
        memory.copy(to, from, bytes);
    }
}
