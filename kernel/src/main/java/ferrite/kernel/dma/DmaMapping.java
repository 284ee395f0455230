package ferrite.kernel.dma;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.ResourceTracker;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.MemMap;
import ferrite.kernel.shadow.Blocks;
import java.util.List;

/**
 * The generic DMA layer (LDD3 pages 440-452; Linux's Documentation/core-api/dma-api.rst): bus addresses for devices
 * that are bus masters. There is no IOMMU, and the harts' caches are coherent. A bus address is therefore a physical
 * address, and a sync has an effect only for a bounced buffer ({@link Swiotlb}).
 *
 * <p>{@code dev} is {@link ferrite.kernel.driver.Device#dev()}; directions are those of {@link DmaDirection}. A refused
 * mapping returns {@link DmaAddress#DMA_MAPPING_ERROR}, a refused list 0 segments, refused coherent memory the address
 * 0. A refusal because of a driver's mistake is also reported as a broken rule.
 *
 * <pre>{@code
 * if (dma.dmaSetMask(dev, DmaAddress.bitMask(24)) != 0) { return -Errno.EIO; }
 * long handle = dma.dmaMapSingle(dev, buffer, 4096, DmaDirection.DMA_FROM_DEVICE);
 * if (dma.dmaMappingError(dev, handle) != 0) { return -Errno.ENOMEM; }
 * …                                                        // the device writes; the driver must not access the buffer
 * dma.dmaUnmapSingle(dev, handle, 4096, DmaDirection.DMA_FROM_DEVICE);
 * }</pre>
 */
public final class DmaMapping {

    /** The maximum segment size that holds until a driver sets one, as in Linux's {@code dma_get_max_seg_size}. */
    public static final int DEFAULT_SEG_SIZE = 64 << 10;
    public static final long DEFAULT_SEG_BOUNDARY = 0xffff_ffffL;

    private final KernelMemory memory;
    private final Context context;
    private final AddressSpace space;
    private final MemMap memMap;
    private final DmaCoherent coherent;
    private final Swiotlb swiotlb;
    private final DmaDebug debug;
    private final DmaClaims claims;
    private final BufferChecks buffers;
    private final ScatterList lists;
    private final SgMapping sg;
    private final Violations violations;
    private final KernelLog log;
    private final ResourceTracker tracker;

    /** What the mapping calls tell of, and ask. */
    record Checks(DmaClaims claims, BufferChecks buffers) { }

    DmaMapping(KernelBase base, MemMap memMap, DmaCoherent coherent, Swiotlb swiotlb, DmaDebug debug,
            Checks checks) {
        this.claims = checks.claims;
        this.buffers = checks.buffers;
        this.memory = base.memory();
        this.context = base.context();
        this.space = base.space();
        this.memMap = memMap;
        this.coherent = coherent;
        this.swiotlb = swiotlb;
        this.debug = debug;
        this.lists = new ScatterList(base, memMap, buffers);
        this.violations = base.violations();
        this.log = base.log();
        this.tracker = base.tracker();
        this.sg = new SgMapping(this, lists, memMap, swiotlb, debug, tracker);
    }

    /** Tells the shadow what devices may access, for a kernel that attaches. */
    void attach(ReadableMemory view, List<Long> devices) {
        if (debug.attach(view)) {
            devices.stream().filter(dev -> DmaDeviceLayout.MASK.get(view, dev) != 0).forEach(claims::expect);
        }
    }

    /** The calls on scatterlists. */
    public ScatterList lists() {
        return lists;
    }

    public Swiotlb swiotlb() {
        return swiotlb;
    }

    // ---- masks and limits ----

    /**
     * {@code dma_supported}: returns whether a mask reaches all memory, or at least the whole DMA zone. Any context.
     *
     * @param mask the highest address, all ones
     */
    public boolean dmaSupported(long dev, long mask) {
        long all = (memMap.endPfn() << AddressSpace.PAGE_SHIFT) - 1;
        return mask > 0 && (mask & mask + 1) == 0 && mask <= DEFAULT_SEG_BOUNDARY
                && mask >= Math.min(all, coherent.endOfDmaZone() - 1);
    }

    /**
     * {@code dma_set_mask}: sets the highest address for streaming mappings. Task context; may sleep, since the first
     * device that may need bounce buffers causes their allocation.
     *
     * @return 0, or -EIO if {@link #dmaSupported} is false; the device then has no mask, and no memory can be mapped
     *         for it
     */
    public int dmaSetMask(long dev, long mask) {
        context.mightSleep("dma_set_mask", "set masks when the driver probes");
        boolean supported = dmaSupported(dev, mask);
        DmaDeviceLayout.MASK.set(memory, dev, supported ? mask : 0);
        boolean mayBounce = swiotlb.mode() == Swiotlb.Mode.FORCE
                || mask < (memMap.endPfn() << AddressSpace.PAGE_SHIFT) - 1;
        if (supported && mayBounce) {
            swiotlb.start();
        }
        if (supported) {
            claims.expect(dev);
            debug.start();
        }
        return supported ? 0 : -Errno.EIO;
    }

    /**
     * {@code dma_set_coherent_mask}: sets the highest address for coherent memory. Any context. Returns 0 or -EIO, as
     * {@link #dmaSetMask}.
     */
    public int dmaSetCoherentMask(long dev, long mask) {
        boolean supported = dmaSupported(dev, mask);
        DmaDeviceLayout.COHERENT_MASK.set(memory, dev, supported ? mask : 0);
        return supported ? 0 : -Errno.EIO;
    }

    /** {@code dma_set_mask_and_coherent}. May sleep. Returns 0 or -EIO. */
    public int dmaSetMaskAndCoherent(long dev, long mask) {
        int result = dmaSetMask(dev, mask);
        return result != 0 ? result : dmaSetCoherentMask(dev, mask);
    }

    /** {@code dma_set_max_seg_size}: sets the longest segment that {@link #dmaMapSg} may make. Any context. */
    public void dmaSetMaxSegSize(long dev, int bytes) {
        DmaDeviceLayout.MAX_SEG_SIZE.set(memory, dev, bytes);
    }

    /** {@code dma_set_seg_boundary}: sets the boundary that no segment may cross, as its size minus 1. Any context. */
    public void dmaSetSegBoundary(long dev, long mask) {
        DmaDeviceLayout.SEG_BOUNDARY.set(memory, dev, mask);
    }

    /** {@code dma_get_max_seg_size}. */
    public int dmaGetMaxSegSize(long dev) {
        int bytes = DmaDeviceLayout.MAX_SEG_SIZE.get(memory, dev);
        return bytes == 0 ? DEFAULT_SEG_SIZE : bytes;
    }

    /** {@code dma_get_seg_boundary}. */
    public long dmaGetSegBoundary(long dev) {
        long mask = DmaDeviceLayout.SEG_BOUNDARY.get(memory, dev);
        return mask == 0 ? DEFAULT_SEG_BOUNDARY : mask;
    }

    /** {@code dma_max_mapping_size}: returns the longest buffer that can be mapped in one piece, at any address. */
    public int dmaMaxMappingSize(long dev) {
        long all = (memMap.endPfn() << AddressSpace.PAGE_SHIFT) - 1;
        boolean mayBounce = swiotlb.mode() == Swiotlb.Mode.FORCE || DmaDeviceLayout.MASK.get(memory, dev) < all;
        return mayBounce ? Swiotlb.SEGMENT_SLOTS * Swiotlb.SLOT_BYTES : Integer.MAX_VALUE;
    }

    static boolean crosses(long dma, long bytes, long boundary) {
        return (dma & ~boundary) != (dma + bytes - 1 & ~boundary);
    }

    // ---- coherent memory ----

    /**
     * {@code dma_alloc_coherent} (LDD3 page 446): allocates zeroed whole pages that the harts and the device may access
     * at any time. The coherent mask selects the zone. May sleep if the flags allow it.
     *
     * @param handleVa address of a word that receives the bus address
     * @return the memory's linear map address, or 0
     */
    public long dmaAllocCoherent(long dev, int bytes, long handleVa, int gfp) {
        long mask = DmaDeviceLayout.COHERENT_MASK.get(memory, dev);
        if (mask == 0) {
            refuse(dev, Rule.DMA_MASK_UNCHECKED, "dma_alloc_coherent for a device without a coherent mask");
            return 0;
        }
        long va = coherent.alloc(Blocks.Kind.COHERENT, mask, bytes, handleVa, gfp);
        if (va == 0) {
            return 0;
        }
        debug.coherent(dev, space.phys(va), bytes);
        return tracker.took(ResourceTracker.Kind.COHERENT, va, bytes);
    }

    /**
     * {@code dma_free_coherent}, with the size of the allocation; an address of 0 is legal. Task context, with
     * interrupts on.
     */
    public void dmaFreeCoherent(long dev, int bytes, long va, long handle) {
        if (va != 0) {
            context.irqsMustBeOn("dma_free_coherent", "free coherent memory with interrupts on: it may have to be "
                    + "unmapped on all harts");
            claims.checkCoherentFree(dev, bytes, space.phys(va), handle);
        }
        if (va != 0 && coherent.free(va, bytes)) {
            debug.coherentFreed(dev, space.phys(va), bytes);
            tracker.gaveBack(ResourceTracker.Kind.COHERENT, va);
        }
    }

    // ---- streaming mappings ----

    /**
     * {@code dma_map_single}: maps a buffer of the linear map, which then belongs to the device until it is unmapped.
     * Any context. Returns the bus address, or {@link DmaAddress#DMA_MAPPING_ERROR}.
     */
    public long dmaMapSingle(long dev, long va, int bytes, int direction) {
        long last = va + Math.max(bytes, 1) - 1;
        if (memMap.virtToPage(va) == 0 || memMap.virtToPage(last) == 0) {
            String stack = buffers.stackAt(va);
            return stack != null ? refuse(dev, Rule.DMA_STACK, "dma_map_single of " + bytes + " bytes at "
                    + Hex.grouped(va) + ", which is on " + stack) : refuse(dev, Rule.DMA_BAD_ADDRESS,
                    "dma_map_single of 0x" + Long.toHexString(va) + ", which is " + what(va));
        }
        return map(dev, space.phys(va), bytes, direction, DmaDebug.Call.SINGLE);
    }

    private static String what(long va) {
        if (va < AddressSpace.PAGE_OFFSET) {
            return "a user address";
        }
        if (va >= AddressSpace.VMALLOC_START && va < AddressSpace.VMALLOC_END) {
            return "an address of the vmalloc area, whose pages lie scattered in physical memory";
        }
        return AddressSpace.isLinear(va) ? "beyond the end of low memory" : "no address of memory";
    }

    /**
     * {@code dma_unmap_single}, with the size and direction of the mapping: the buffer belongs to the driver again. Any
     * context.
     */
    public void dmaUnmapSingle(long dev, long dma, int bytes, int direction) {
        unmap(dev, dma, bytes, direction, DmaDebug.Call.SINGLE);
    }

    /**
     * {@code dma_map_page}: maps bytes from {@code offset} in a page of any zone, as {@link #dmaMapSingle}. Any
     * context.
     */
    public long dmaMapPage(long dev, long page, int offset, int bytes, int direction) {
        if (!memMap.isPage(page) || offset < 0) {
            return refuse(dev, Rule.DMA_BAD_ADDRESS,
                    "dma_map_page of 0x" + Long.toHexString(page) + ", which is no struct page");
        }
        return map(dev, (memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT) + offset, bytes, direction,
                DmaDebug.Call.PAGE);
    }

    /** {@code dma_unmap_page}, with the size and direction of the mapping. Any context. */
    public void dmaUnmapPage(long dev, long dma, int bytes, int direction) {
        unmap(dev, dma, bytes, direction, DmaDebug.Call.PAGE);
    }

    /** {@code dma_mapping_error}: returns -ENOMEM for the result of a refused mapping, else 0. Any context. */
    public int dmaMappingError(long dev, long dma) {
        if (dma == DmaAddress.DMA_MAPPING_ERROR) {
            return -Errno.ENOMEM;
        }
        long pa = swiotlb.original(dma);
        if (pa >= 0) {
            debug.checked(dev, pa, dma);
        }
        return 0;
    }

    /** {@code dma_sync_single_for_cpu}: shows the driver the bytes that the device has written so far. Any context. */
    public void dmaSyncSingleForCpu(long dev, long dma, int bytes, int direction) {
        sync("dma_sync_for_cpu", dev, dma, bytes, direction, false);
    }

    /**
     * {@code dma_sync_single_for_device}: shows the device the bytes that the driver has written since. Any context.
     */
    public void dmaSyncSingleForDevice(long dev, long dma, int bytes, int direction) {
        sync("dma_sync_for_device", dev, dma, bytes, direction, true);
    }

    /** {@code dma_sync_single_range_for_cpu}: as {@link #dmaSyncSingleForCpu}, for part of a mapping. */
    public void dmaSyncSingleRangeForCpu(long dev, long dma, int offset, int bytes, int direction) {
        dmaSyncSingleForCpu(dev, dma + offset, bytes, direction);
    }

    /** {@code dma_sync_single_range_for_device}: as {@link #dmaSyncSingleForDevice}, for part of a mapping. */
    public void dmaSyncSingleRangeForDevice(long dev, long dma, int offset, int bytes, int direction) {
        dmaSyncSingleForDevice(dev, dma + offset, bytes, direction);
    }

    private void sync(String call, long dev, long dma, int bytes, int direction, boolean forDevice) {
        boolean moves = forDevice ? DmaDirection.deviceReads(direction) : DmaDirection.deviceWrites(direction);
        boolean mapped = debug.syncing(call, dev, swiotlb.original(dma), dma, bytes);
        if (mapped) {
            claims.synced(call, dev, dma, bytes, direction, forDevice);
        }
        if (mapped && moves && swiotlb.contains(dma)) {
            swiotlb.sync(dma, bytes, forDevice);
        }
    }

    private long map(long dev, long pa, int bytes, int direction, DmaDebug.Call call) {
        if (!mayMap(dev, pa, bytes, direction, call.map)) {
            return DmaAddress.DMA_MAPPING_ERROR;
        }
        long dma = mapped(dev, pa, bytes);
        if (dma != DmaAddress.DMA_MAPPING_ERROR) {
            debug.mapped(dev, pa, dma, bytes, direction, call, 0);
            tracker.took(ResourceTracker.Kind.DMA_MAPPING, dma, bytes);
        }
        return dma;
    }

    private void unmap(long dev, long dma, int bytes, int direction, DmaDebug.Call call) {
        if (!debug.unmapping(dev, swiotlb.original(dma), dma, bytes, direction, call, 0, true)) {
            return;
        }
        if (swiotlb.contains(dma)) {
            swiotlb.unmap(dma, DmaDirection.deviceWrites(direction));
        }
        tracker.gaveBack(ResourceTracker.Kind.DMA_MAPPING, dma);
    }

    boolean mayMap(long dev, long pa, int bytes, int direction, String call) {
        if (DmaDeviceLayout.MASK.get(memory, dev) == 0) {
            refuse(dev, Rule.DMA_MASK_UNCHECKED, call + " for a device without a DMA mask");
            return false;
        }
        if (!DmaDirection.isValid(direction)) {
            refuse(dev, Rule.DMA_BAD_DIRECTION, call + " with direction "
                    + (direction == DmaDirection.DMA_NONE ? "DMA_NONE" : Integer.toString(direction)));
            return false;
        }
        if (bytes <= 0) {
            refuse(dev, Rule.DMA_EMPTY_MAPPING, call + " of " + bytes + " bytes");
            return false;
        }
        if (!memMap.isValid(pa >>> AddressSpace.PAGE_SHIFT)
                || !memMap.isValid(pa + bytes - 1 >>> AddressSpace.PAGE_SHIFT)) {
            refuse(dev, Rule.DMA_BAD_ADDRESS,
                    call + " of " + bytes + " bytes at physical 0x" + Long.toHexString(pa) + ", which is not all RAM");
            return false;
        }
        buffers.check(call, claims.name(dev), pa, bytes);
        return true;
    }

    /** Returns the bus address of memory, or of bounce slots if the device cannot reach the memory. */
    long mapped(long dev, long pa, int bytes) {
        long mask = DmaDeviceLayout.MASK.get(memory, dev);
        boolean reached = pa + bytes - 1 <= mask;
        if (reached && swiotlb.mode() != Swiotlb.Mode.FORCE) {
            return pa;
        }
        if (swiotlb.mode() == Swiotlb.Mode.OFF) {
            log.print(KernLevels.KERN_ERR + name(dev) + ": DMA addr 0x" + Long.toHexString(pa) + "+" + bytes
                    + " overflow (mask 0x" + Long.toHexString(mask)
                    + "): the device cannot reach it, and bouncing is off");
            return DmaAddress.DMA_MAPPING_ERROR;
        }
        return swiotlb.map(name(dev), pa, bytes, mask, dmaGetSegBoundary(dev));
    }

    // ---- scatter/gather ----

    /**
     * {@code dma_map_sg} (LDD3 page 450): maps the first {@code entries} entries of a list. Entries that are neighbours
     * in memory become one segment, if the device's limits allow it. {@link ScatterList#sgDmaAddress} and {@link
     * ScatterList#sgDmaLen} of the first entries hold the segments' bus addresses and lengths. Any context.
     *
     * @return the number of segments, at most {@code entries}; 0 if the list is refused, and no entry is mapped then
     */
    public int dmaMapSg(long dev, long sgl, int entries, int direction) {
        return sg.map(dev, sgl, entries, direction);
    }

    /**
     * {@code dma_unmap_sg}, with the number of entries given to {@link #dmaMapSg}, not the number that it returned. Any
     * context.
     */
    public void dmaUnmapSg(long dev, long sgl, int entries, int direction) {
        sg.unmap(dev, sgl, entries, direction);
    }

    /**
     * {@code dma_sync_sg_for_cpu}: {@link #dmaSyncSingleForCpu} for a list, with the number of entries given to {@link
     * #dmaMapSg}.
     */
    public void dmaSyncSgForCpu(long dev, long sgl, int entries, int direction) {
        sg.forEachSegment(sgl, entries, (segment, i) ->
                dmaSyncSingleForCpu(dev, lists.sgDmaAddress(segment), lists.sgDmaLen(segment), direction));
    }

    /**
     * {@code dma_sync_sg_for_device}: {@link #dmaSyncSingleForDevice} for a list, with the number of entries given to
     * {@link #dmaMapSg}.
     */
    public void dmaSyncSgForDevice(long dev, long sgl, int entries, int direction) {
        sg.forEachSegment(sgl, entries, (segment, i) ->
                dmaSyncSingleForDevice(dev, lists.sgDmaAddress(segment), lists.sgDmaLen(segment), direction));
    }

    // ---- looking ----

    /** Describes the live mapping that contains a physical address; null if none does. */
    public String whoseMapping(ReadableMemory view, long pa) {
        return debug.describe(view, pa);
    }

    /** Returns the number of live mappings; each segment of a list counts. */
    public int liveMappings(ReadableMemory view) {
        return debug.live(view);
    }

    // ---- reports ----

    private String name(long dev) {
        long name = DmaDeviceLayout.NAME.get(memory, dev);
        return name == 0 ? "device" : StringTable.read(memory, name);
    }

    /** Reports a driver's mistake. The caller returns the same error as without the check. */
    long refuse(long dev, Rule rule, String summary) {
        if (violations.checks(rule)) {
            long name = DmaDeviceLayout.NAME.get(violations.peek(), dev);
            String device = name == 0 ? "device" : StringTable.read(violations.peek(), name);
            violations.of(rule, summary).line("device", device).line("instead", rule.right())
                    .text("device", device).report();
        }
        return DmaAddress.DMA_MAPPING_ERROR;
    }
}
