package ferrite.kernel.check;

/**
 * The rules that are checked. What breaks one is reported and the run goes on as it would have without the check; so which rules are checked
 * changes no run.
 */
public enum Rule {

    DMA_ABOVE_REACH("dma-above-reach", "a DMA channel is given a buffer beyond the controller's address lines",
            "give it memory of the DMA zone: GFP_DMA"),
    SLEEP_IN_ATOMIC("sleep-in-atomic", "a call that may sleep is made with a spinlock held, preemption or interrupts off, or in an interrupt handler",
            "ask for GFP_ATOMIC, or make the call before the atomic section begins"),
    DOUBLE_FREE("double-free", "an object that is free already is freed", "free it once, and store 0 where the pointer was"),
    INVALID_FREE("invalid-free", "something is freed that was never allocated so: the inside of an object, or another kind of memory",
            "give each call what its own kind of allocation returned"),
    WRONG_CACHE("wrong-cache", "an object is given to another lookaside cache than its own", "free it to the cache it is from"),
    OBJECT_OVERRUN("object-overrun", "bytes before or behind an object are written; noticed when it is freed or allocated, where the cache has red zones",
            "ask for as many bytes as are written"),
    USE_AFTER_FREE("use-after-free", "an object is written to after it was freed; noticed when it is allocated again or its slab goes, where the cache has poison",
            "write before the free, and store 0 where the pointer was"),
    CACHE_IN_USE("cache-in-use", "a lookaside cache is destroyed of which objects are still allocated", "free them to the cache first"),
    HIGHMEM_OBJECT("highmem-object", "kmalloc or a lookaside cache is asked for high memory, which has no address",
            "leave __GFP_HIGHMEM out, or ask alloc_pages and kmap what it gives"),
    PAGE_DOUBLE_FREE("page-double-free", "a block of pages is freed that is free already",
            "free each block once; who shares it takes a reference with get_page and gives it up with put_page"),
    PAGE_WRONG_ORDER("page-wrong-order", "a block of pages is freed with another order than it was allocated with",
            "give free_pages the order of the allocation"),
    PAGE_BAD_FREE("page-bad-free", "what is freed as pages is no block of pages: the middle of one, reserved memory, a slab, or no page at all",
            "give free_pages what __get_free_pages returned, and __free_pages what alloc_pages returned"),
    PAGE_BAD_REFERENCE("page-bad-reference", "get_page or put_page is called for a page that is not allocated",
            "take the reference while another one is still held, and give each up once"),
    PAGE_OVERRUN("page-overrun", "memory right behind a block of pages is touched, which belongs to nobody", "ask for as many pages as are used"),
    PAGE_USE_AFTER_FREE("page-use-after-free", "a page is touched that nobody has: it was freed, or never given to anybody",
            "let nobody use the pages any more before free_pages, and store 0 where the pointer was"),
    HIGHMEM_ADDRESS("highmem-address", "a call that returns an address is given __GFP_HIGHMEM, whose memory may have none",
            "leave __GFP_HIGHMEM out, or use alloc_pages, which returns a struct page"),
    DMA_MASK_UNCHECKED("dma-mask-unchecked", "memory is mapped or allocated for a device whose driver has set no mask, or went on after its mask was refused",
            "call dma_set_mask and dma_set_coherent_mask in probe, and give up when they fail"),
    DMA_BAD_ADDRESS("dma-bad-address", "what is mapped for a device is no address of the linear map: a vmalloc, user or device address, or no memory",
            "map memory from kmalloc or __get_free_pages, or map page by page with dma_map_page"),
    DMA_BAD_DIRECTION("dma-bad-direction", "a mapping is made with DMA_NONE, or with no direction at all",
            "say DMA_TO_DEVICE, DMA_FROM_DEVICE or DMA_BIDIRECTIONAL"),
    DMA_EMPTY_MAPPING("dma-empty-mapping", "a mapping of no bytes, or of a negative number of them, is asked for", "map as many bytes as are to move, at least one"),
    DMA_SEGMENT_TOO_LONG("dma-segment-too-long", "a scatterlist's entry is longer than a segment that the device can take",
            "split it, or raise the limit with dma_set_max_seg_size if the device can do more"),
    DMA_BOUNDARY_CROSSED("dma-boundary-crossed", "a scatterlist's entry crosses a boundary that the device cannot count across",
            "split it at the boundary, or widen it with dma_set_seg_boundary if the device can do more"),
    DMA_BAD_UNMAP("dma-bad-unmap", "what is unmapped or synced is not mapped: it never was, or it was unmapped already",
            "unmap each mapping once, with the address that the mapping call returned"),
    DMA_WRONG_UNMAP("dma-wrong-unmap", "a mapping is unmapped with another size, direction, number of entries or call than it was made with",
            "unmap with what the mapping was made with: dma_unmap_single what dma_map_single mapped, and a list with the number of entries given to dma_map_sg"),
    DMA_ERROR_UNCHECKED("dma-error-unchecked", "a mapping is used whose success nobody asked about; noticed when it is unmapped",
            "ask dma_mapping_error before the address is given to the device: with another mask, or bouncing off or full, the same call fails"),
    DMA_OVERLAP("dma-overlap", "the same bytes are mapped twice at a time, and a device may write them",
            "unmap the first mapping before the second is made, or map DMA_TO_DEVICE what devices only read"),
    DMA_POOL_IN_USE("dma-pool-in-use", "a DMA pool is destroyed of which blocks are still out", "give them back with dma_pool_free first"),
    DMA_POOL_DOUBLE_FREE("dma-pool-double-free", "a block of a DMA pool is freed that is free already", "free it once, after the device has done with it"),
    DMA_POOL_BAD_FREE("dma-pool-bad-free", "what is given to dma_pool_free is no block of that pool: another pool's, the inside of one, or another address than the bus address's",
            "give dma_pool_free the pool, the address and the bus address of the allocation"),
    DMA_POOL_USE_AFTER_FREE("dma-pool-use-after-free",
            "a block of a DMA pool is written to after it was freed, by a driver or by the device; noticed when it is allocated again, where the pool has poison",
            "free a block only when the device does not use it any more, and store 0 where the pointer was"),
    AREA_DOUBLE_FREE("area-double-free", "vfree or iounmap is called for an area that was given back already", "give it back once, and store 0 where the pointer was"),
    AREA_BAD_FREE("area-bad-free", "vfree or iounmap is called for what is no area of its own: the inside of one, or another kind of memory",
            "give vfree what vmalloc returned, iounmap what ioremap returned, kfree what kmalloc returned"),
    AREA_OVERRUN("area-overrun", "the guard page behind an area of vmalloc or ioremap is touched", "ask for as many bytes as are used"),
    AREA_USE_AFTER_FREE("area-use-after-free", "an area of vmalloc or ioremap is touched after it was given back",
            "let nobody use it any more before vfree or iounmap, and store 0 where the pointer was"),
    STALE_TRANSLATION("stale-translation", "a hart uses an entry of its TLB for a page that has been unmapped",
            "let nobody use the area any more before it is given back"),
    HIGHMEM_UNMAPPED("highmem-unmapped", "high memory is touched that is not mapped", "kmap the page, use the address that it gives, and kunmap it when it is not used any more"),
    KMAP_BAD_UNMAP("kmap-bad-unmap", "kunmap is called for a page that is not mapped, or kunmap_atomic not in the opposite order",
            "call each once for each mapping; kunmap_atomic takes the address that the last kmap_atomic gave"),
    PAGE_FREED_MAPPED("page-freed-mapped", "a page of high memory is freed while kmap or kmap_atomic shows it",
            "unmap it first: whoever gets the page next finds it written through the old address"),
    PERCPU_PREEMPTIBLE("percpu-preemptible", "a hart's own data is touched by a task that may be moved to another hart meanwhile",
            "stay on the hart from get_cpu_var to put_cpu_var, or from get_cpu to put_cpu"),
    PERCPU_BAD_FREE("percpu-bad-free", "free_percpu is called for what is no dynamic per-CPU variable, or is free already", "give free_percpu what alloc_percpu returned, once"),
    POOL_IN_USE("pool-in-use", "a memory pool is destroyed of which elements are still out", "give them back with mempool_free first"),
    POOL_BAD_FREE("pool-bad-free", "mempool_free is called for an element that the pool has already, or has not given", "give each element back once, to the pool that it is from"),
    BOOTMEM_TOO_LATE("bootmem-too-late", "memory is asked of the boot-time allocator after the page allocator has taken over, or by a driver that is not linked into the kernel",
            "link the driver into the kernel and take the memory in reserveMemory, or ask __get_free_pages or vmalloc"),
    BOOTMEM_BAD_FREE("bootmem-bad-free", "free_bootmem is called for what alloc_bootmem has not given", "give free_bootmem the physical address and size of an allocation, while boot lasts");

    private final String text;
    private final String wrong;
    private final String right;

    Rule(String text, String wrong, String right) {
        this.text = text;
        this.wrong = wrong;
        this.right = right;
    }

    /** The rule's name, as in {@code --check} and in reports. */
    public String text() {
        return text;
    }

    /** What is wrong, as a clause. */
    public String wrong() {
        return wrong;
    }

    /** What would be right, as a clause. */
    public String right() {
        return right;
    }

    /** The rule of a name, or null. */
    public static Rule of(String name) {
        for (Rule rule : values()) {
            if (rule.text.equals(name)) {
                return rule;
            }
        }
        return null;
    }
}
