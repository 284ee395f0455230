package ferrite.kernel.check;

/**
 * The rules that are checked. A broken rule is reported, and the run goes on as it would have without the check. The
 * choice of rules therefore changes no run.
 */
public enum Rule {

    DMA_ABOVE_REACH("dma-above-reach", "a DMA channel is given a buffer beyond the controller's address lines",
            "allocate the buffer from the DMA zone with GFP_DMA"),
    SLEEP_IN_ATOMIC("sleep-in-atomic", "a call that may sleep is made with a spinlock held, with preemption or "
            + "interrupts off, or in an interrupt handler",
            "allocate with GFP_ATOMIC, or make the call before the atomic section begins"),
    DOUBLE_FREE("double-free", "an object is freed a second time", "free it once, and store 0 in the pointer"),
    INVALID_FREE("invalid-free", "a free is given an address that no allocation of its kind returned: the "
            + "inside of an object, or another kind of memory",
            "give each free the address that its own kind of allocation returned"),
    WRONG_CACHE("wrong-cache", "an object is freed to a lookaside cache that it did not come from",
            "free it to the cache that it came from"),
    OBJECT_OVERRUN("object-overrun",
            "bytes just before or past an object are accessed; noticed at a driver's access, or when the object is "
                    + "freed or allocated, if its cache has red zones", "allocate as many bytes as are used"),
    USE_AFTER_FREE("use-after-free",
            "an object is accessed after its free; noticed at a driver's access, or after a write when it is allocated "
                    + "again or its slab is released, if its cache has poison",
            "make the access before the free, and store 0 in the pointer"),
    CACHE_IN_USE("cache-in-use", "a lookaside cache is destroyed while objects are allocated from it",
            "free the objects to the cache first"), HIGHMEM_OBJECT("highmem-object",
            "kmalloc or a lookaside cache is asked for high memory, which has no kernel address",
            "leave __GFP_HIGHMEM out, or call alloc_pages and kmap the pages"),
    PAGE_DOUBLE_FREE("page-double-free", "a block of pages is freed a second time",
            "free each block once; a second user of it calls get_page first and put_page when done"),
    PAGE_WRONG_ORDER("page-wrong-order", "a block of pages is freed with another order than it was allocated with",
            "give free_pages the order of the allocation"), PAGE_BAD_FREE("page-bad-free", "a free of pages is given "
                    + "no allocated block: the middle of a block, reserved memory, a slab, or no page at all",
                    "give free_pages the address from __get_free_pages, and __free_pages the page from alloc_pages"),
    PAGE_BAD_REFERENCE("page-bad-reference", "get_page, put_page or set_page_dirty is called for a page that is not "
            + "allocated, or vm_ops.fault answers with such a page",
            "call get_page while another reference is held, and put_page once for each reference"),
    PAGE_OVERRUN("page-overrun",
            "memory just past the end of a page block is accessed", "allocate as many pages as are used"),
    PAGE_USE_AFTER_FREE("page-use-after-free", "a free page is accessed: it was freed, or never allocated",
            "let every user of the pages finish before free_pages, and store 0 in the pointer"),
    HIGHMEM_ADDRESS("highmem-address",
            "a call that returns an address is given __GFP_HIGHMEM, whose memory may have no kernel address",
            "leave __GFP_HIGHMEM out, or use alloc_pages, which returns a struct page"),
    DMA_MASK_UNCHECKED("dma-mask-unchecked", "memory is mapped or allocated for a device whose driver set no "
            + "mask, or went on after its mask was refused",
            "call dma_set_mask and dma_set_coherent_mask in probe, and give up if they fail"),
    DMA_BAD_ADDRESS("dma-bad-address",
            "memory outside the linear map is mapped for a device: a vmalloc, user or device address, or no memory",
            "map memory from kmalloc or __get_free_pages, or map page by page with dma_map_page"),
    DMA_STACK("dma-stack", "memory of a kernel stack is given to a device",
            "allocate the buffer with kmalloc: a stack lies in the vmalloc area, shares its cache lines with other "
                    + "locals, and belongs to the next function after the return"),
    DMA_BAD_DIRECTION("dma-bad-direction", "a mapping is made with DMA_NONE, or with a value that is no direction",
            "use DMA_TO_DEVICE, DMA_FROM_DEVICE or DMA_BIDIRECTIONAL"), DMA_EMPTY_MAPPING("dma-empty-mapping",
            "a mapping of zero bytes or fewer is requested", "map as many bytes as the transfer moves, at least one"),
    DMA_SEGMENT_TOO_LONG("dma-segment-too-long", "a scatterlist entry is longer than the device's segment limit",
            "split it, or raise the limit with dma_set_max_seg_size if the device supports longer segments"),
    DMA_BOUNDARY_CROSSED("dma-boundary-crossed",
            "a scatterlist entry crosses the device's segment boundary, or the buffer of an ISA channel its page",
            "split it at the boundary, or allocate it with __get_dma_pages, which aligns a block to its size; a device "
                    + "that supports wider segments says so with dma_set_seg_boundary"),
    DMA_BAD_UNMAP("dma-bad-unmap",
            "an unmap or sync is given an address that is not mapped: it never was, or it was unmapped before",
            "unmap each mapping once, with the address that the mapping call returned"),
    DMA_WRONG_UNMAP("dma-wrong-unmap",
            "a mapping is unmapped with another size, direction, number of entries or call than it was made with",
            "undo dma_map_single with dma_unmap_single, with the same size and direction, and a list with "
                    + "the number of entries given to dma_map_sg"), DMA_ERROR_UNCHECKED("dma-error-unchecked",
                    "a mapping is used without a call of dma_mapping_error; noticed when it is unmapped",
                    "call dma_mapping_error before the device gets the address: the same mapping call fails with "
                            + "another mask, with bouncing off, or with a full pool"),
    DMA_OVERLAP("dma-overlap", "two live mappings share bytes that a device may write",
            "unmap the first mapping before the second is made, or map with DMA_TO_DEVICE if the devices only read"),
    DMA_STRAY_ACCESS("dma-stray-access", "a device accesses memory that no driver gave it: past the end of a mapping, "
            + "after its unmap, against its direction, or never mapped",
            "map the memory before the device gets its address, with the length and direction of the transfer, and "
                    + "unmap it after the device has finished"),
    DEVICE_MISUSE("device-misuse", "a device of the user's own is used as its data sheet forbids, as its model finds",
            "use it in the order that its data sheet gives"),
    DMA_FREED_MEMORY("dma-freed-memory", "a device accesses memory that is free, or lies between objects",
            "free memory only after the device has finished with it, and give the device whole buffers"),
    DMA_FREED_IN_USE("dma-freed-in-use", "memory is freed while it is mapped for a device, or while an enabled DMA "
            + "channel accesses it", "stop the device and unmap the memory first, or disable_dma"),
    DMA_CPU_ACCESS("dma-cpu-access", "a driver accesses memory while it belongs to a device: between map and unmap, or "
            + "while a channel transfers it",
            "unmap the memory first, or call dma_sync_single_for_cpu before the access and "
                    + "dma_sync_single_for_device after it"),
    DMA_SHARED_LINE("dma-shared-line", "a driver writes to a cache line of which a device writes another part",
            "give a buffer that a device writes cache lines of its own, in an allocation of its own"),
    DMA_UNWRITTEN("dma-unwritten",
            "a driver uses bytes of a device's buffer that neither the device nor anybody else has written",
            "use only as many bytes as the device says that it has written"),
    DMA_UNINITIALIZED("dma-uninitialized", "a device reads bytes of a buffer that nobody has written",
            "write the whole buffer before the device reads it, or allocate it with kzalloc"),
    DMA_BAD_BUFFER("dma-bad-buffer", "a buffer for a device is not all of one allocated object or block: it is free, "
            + "runs past the end, or belongs to the kernel itself",
            "give the device memory that the driver has allocated, and no more bytes than it has"),
    DMA_WRONG_FREE("dma-wrong-free",
            "coherent memory is freed with another size or bus address than it was allocated with",
            "keep the size and both addresses of dma_alloc_coherent, and free with them"),
    DMA_WRONG_SYNC("dma-wrong-sync", "a sync goes past the end of its mapping, or has another direction",
            "give the sync the direction of the mapping, and bytes inside it"),
    DMA_CHANNEL_UNOWNED("dma-channel-unowned",
            "an ISA DMA channel is used that was not requested, or that another driver has requested",
            "call request_dma first, and use the channel only if it returned 0"),
    DMA_CHANNEL_SETUP("dma-channel-setup", "an ISA DMA channel is programmed without claim_dma_lock, without "
            + "clear_dma_ff, or while it is enabled",
            "call claim_dma_lock, disable_dma, clear_dma_ff, set_dma_mode, set_dma_addr, set_dma_count, enable_dma and "
                    + "release_dma_lock, in this order"),
    OOPS("kernel-oops", "a task accesses what is not mapped, or an exception ends a driver's "
                    + "function; the task is ended",
            "check the pointer, or catch what may be thrown, at the line of the report"),
    HELD_AT_REMOVAL("held-at-removal",
            "a driver is removed or unbound, or its init or probe fails, while it holds memory, mappings, channels, "
                    + "interrupts or timers",
            "give back in remove, exit and on each error path what was taken, in reverse order, or take it by devm_*"),
    IRQ_NOBODY_CARED("irq-nobody-cared",
            "an interrupt comes again and again and no handler says that its device asked for it; it is switched off",
            "acknowledge the interrupt at the device, and return IRQ_HANDLED only for interrupts of that device, else "
                    + "IRQ_NONE"),
    HUNG_TASK("hung-task", "a task sleeps where no signal reaches it, and nothing is left that could wake it, or "
            + "nothing has for 120 seconds (hung_task_timeout_secs)",
            "wake the queue or release the lock on every path; sleep interruptibly where a person waits"),
    SOFT_LOCKUP("soft-lockup", "a hart runs an atomic section for 20 seconds (twice watchdog_thresh), so that no other "
            + "task runs there", "end the section, and call cond_resched or sleep in a loop that takes long"),
    IRQ_BAD_FREE("irq-bad-free",
            "an interrupt is freed that another driver requested, or a managed one is freed by free_irq",
            "call free_irq only after request_irq has returned 0, and leave managed interrupts to the kernel"),
    LOCK_RECURSION("lock-recursion", "a lock is taken by its own holder, who then waits for itself",
            "split the function in two: one that takes the lock, and one that expects it to be held"),
    LOCK_ORDER("lock-order", "two locks are taken in one order here and in the other order elsewhere",
            "choose one order, and take the locks in it everywhere"),
    LOCK_IRQ_UNSAFE("lock-irq-unsafe",
            "a spinlock is taken by an interrupt handler or a softirq, and elsewhere where that may interrupt its "
                    + "holder",
            "take it with spin_lock_irqsave outside the handler, or with spin_lock_bh if only softirqs (timers, "
                    + "tasklets) take it"),
    LOCK_NOT_HELD("lock-not-held",
            "a lock is released, or initialised, that is not held, or that another task holds",
            "release each lock once, on every path, in the task that took it"),
    LOCK_UNINITIALIZED("lock-uninitialized",
            "a lock, wait queue or timer is used in memory that nobody has written since it was allocated",
            "allocate the memory with kzalloc, and call the record's init before its first use"),
    LOCK_LEFT("lock-left", "a driver's function returns with a spinlock held, preemption off, or inside get_cpu_var",
            "release it on every path, also where the function gives up"),
    IOCTL_NUMBER("ioctl-number",
            "an ioctl copies bytes of its argument against the direction of its number, or more than the number says",
            "make the number with _IOR, _IOW or _IOWR, seen from the program, and the size of what is copied"),
    STACK_OVERFLOW("stack-overflow", "a task or handler has more locals than its kernel stack of 8 KiB has room for",
            "allocate large buffers with kmalloc, and do not recurse without a limit"),
    STACK_OVERRUN("stack-overrun", "bytes past a local on a kernel stack are accessed: the return address, or other "
            + "locals", "give the local as many bytes as are used"),
    STACK_USE_AFTER_RETURN("stack-use-after-return",
            "a local on a kernel stack is accessed after its function has returned",
            "wait until every user of the local has finished before the function returns, or allocate it with kmalloc"),
    DMA_POOL_IN_USE("dma-pool-in-use", "a DMA pool is destroyed while blocks are allocated from it",
            "free the blocks with dma_pool_free first"), DMA_POOL_DOUBLE_FREE("dma-pool-double-free",
            "a block of a DMA pool is freed a second time", "free it once, after the device has finished with it"),
    DMA_POOL_BAD_FREE("dma-pool-bad-free",
            "dma_pool_free is given no block of its pool: a block of another pool, the inside of a block, "
                    + "or a bus address that is not the block's",
                    "give dma_pool_free the pool, the address and the bus address of the allocation"),
    DMA_POOL_USE_AFTER_FREE("dma-pool-use-after-free",
            "a driver or a device writes to a block of a DMA pool after its free; noticed when the block "
                    + "is allocated again, if the pool has poison",
                    "free a block only after the device's last use of it, and store 0 in the pointer"),
    AREA_DOUBLE_FREE("area-double-free", "vfree or iounmap is called a second time for an area",
            "free the area once, and store 0 in the pointer"), AREA_BAD_FREE("area-bad-free",
            "vfree or iounmap is given no area of its kind: the inside of an area, or another kind of memory",
            "give vfree the address from vmalloc, iounmap the address from "
                    + "ioremap, and kfree the address from kmalloc"),
    AREA_OVERRUN("area-overrun",
            "bytes past an area of vmalloc, or the guard page after an area of vmalloc or ioremap, are accessed",
            "allocate as many bytes as are used"),
    AREA_USE_AFTER_FREE("area-use-after-free", "an area of vmalloc or ioremap is accessed after its free",
            "let every user of the area finish before vfree or iounmap, and store 0 in the pointer"),
    STALE_TRANSLATION("stale-translation", "a hart uses a TLB entry for a page that has been unmapped",
            "let every user of the area finish before it is unmapped"),
    HIGHMEM_UNMAPPED("highmem-unmapped", "high memory is accessed while it is not mapped",
            "kmap the page, use the address that kmap returned, and kunmap the page after the last use"),
    KMAP_BAD_UNMAP("kmap-bad-unmap", "kunmap is called for a page that is not mapped, or kunmap_atomic out of order",
            "call each once for each mapping; kunmap_atomic takes the address of the latest kmap_atomic"),
    PAGE_FREED_MAPPED("page-freed-mapped", "a page of high memory is freed while kmap or kmap_atomic maps it",
            "unmap it first: the page's next owner would find it written through the old address"),
    MISSING_BARRIER("missing-barrier", "a device reads coherent memory that was stored to before the write to its "
            + "register, with no barrier in between",
            "write the register with writel, or call wmb before writel_relaxed; dma_wmb orders memory alone"),
    AIO_COMPLETED_TWICE("aio-completed-twice", "an asynchronous operation is completed a second time: by two calls of "
            + "aio_complete, or by one and the result of the driver's operation",
            "return -EIOCBQUEUED and call aio_complete once, or return the result and do not call it; a synchronous "
                    + "operation (is_sync_kiocb) is best done at once"),
    PORT_NOT_REQUESTED("port-not-requested", "an I/O port is accessed that no driver has requested",
            "call request_region in init or probe, use the ports only if it did not return 0, and release them at the "
                    + "end"),
    PAGE_NOT_DIRTY("page-not-dirty",
            "a page of a program, which a device has written to, is unpinned and was not marked dirty",
            "call unpin_user_pages_dirty_lock with make_dirty, or set_page_dirty_lock before unpin_user_page"),
    DMA_IN_FLIGHT("dma-in-flight",
            "memory is unmapped, or a channel released, while a transfer of the copy engine has not ended",
            "wait for the transfer's callback or for DMA_COMPLETE, or call dmaengine_terminate_sync first"),
    DMA_DESCRIPTOR_USE("dma-descriptor-use",
            "the descriptor of a transfer is submitted twice or never, changed after it was submitted, or has a "
                    + "callback without DMA_PREP_INTERRUPT",
            "prepare with DMA_PREP_INTERRUPT, set the callback, submit once, and do not use the descriptor any more"),
    PERCPU_PREEMPTIBLE("percpu-preemptible", "a task accesses a hart's own data while it may be moved to another hart",
            "stay on the hart from get_cpu_var to put_cpu_var, or from get_cpu to put_cpu"),
    PERCPU_BAD_FREE("percpu-bad-free", "free_percpu is given no dynamic per-CPU variable, or one that is free already",
            "give free_percpu the address from alloc_percpu, once"),
    POOL_IN_USE("pool-in-use", "a memory pool is destroyed while elements are allocated from it",
            "free the elements with mempool_free first"), POOL_BAD_FREE("pool-bad-free",
            "mempool_free is given an element that is in the pool already, or never came from it",
            "free each element once, to the pool that it came from"),
    BOOTMEM_TOO_LATE("bootmem-too-late", "the boot-time allocator is called after the page allocator has taken over, "
            + "or by a driver that is not linked into the kernel",
            "link the driver into the kernel and allocate in reserveMemory, or call __get_free_pages or vmalloc"),
    BOOTMEM_BAD_FREE("bootmem-bad-free", "free_bootmem is given memory that alloc_bootmem did not allocate",
            "give free_bootmem the physical address and size of an allocation, during boot");

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

    /** The mistake, as a clause. */
    public String wrong() {
        return wrong;
    }

    /** The correct way, as a clause. */
    public String right() {
        return right;
    }

    /** Finds a rule by its name; returns null if there is none. */
    public static Rule of(String name) {
        for (Rule rule : values()) {
            if (rule.text.equals(name)) {
                return rule;
            }
        }
        return null;
    }
}
