package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.dma.MemcpyEngine;

/**
 * The generic DMA layer (LDD3 pages 444-452): masks, coherent memory, mappings, pools, and copy engines. {@code dev}
 * is {@link Device#dev}.
 */
@DriverApi
public interface DmaCalls {

    /**
     * Returns whether there is memory below a mask for a device's mappings. Any context.
     *
     * @param mask the highest bus address of the device, all ones
     */
    @CName("dma_supported")
    boolean dmaSupported(long dev, long mask);

    /**
     * Sets the highest bus address of streaming mappings (LDD3 page 444). Task context; may sleep.
     *
     * @return 0, or -EIO: then nothing can be mapped for the device
     */
    @CName("dma_set_mask")
    int dmaSetMask(long dev, long mask);

    /**
     * Sets the highest bus address of coherent memory. Any context.
     *
     * @return 0 or -EIO
     */
    @CName("dma_set_coherent_mask")
    int dmaSetCoherentMask(long dev, long mask);

    /**
     * Sets both masks. Task context; may sleep.
     *
     * @return 0 or -EIO
     */
    @CName("dma_set_mask_and_coherent")
    int dmaSetMaskAndCoherent(long dev, long mask);

    /** Sets the longest segment that {@link #dmaMapSg} makes. Any context. */
    @CName("dma_set_max_seg_size")
    void dmaSetMaxSegSize(long dev, int bytes);

    /** Returns the longest segment. Any context. */
    @CName("dma_get_max_seg_size")
    int dmaGetMaxSegSize(long dev);

    /** Sets the boundary that no segment crosses, as its last byte's address, all ones. Any context. */
    @CName("dma_set_seg_boundary")
    void dmaSetSegBoundary(long dev, long mask);

    /** Returns the boundary of {@link #dmaSetSegBoundary}. Any context. */
    @CName("dma_get_seg_boundary")
    long dmaGetSegBoundary(long dev);

    /** Returns the longest buffer that can be mapped in one piece, in any zone. Any context. */
    @CName("dma_max_mapping_size")
    int dmaMaxMappingSize(long dev);

    /**
     * Allocates zeroed whole pages that harts and device share (LDD3 page 446). May sleep if the flags allow it.
     *
     * @param handleVa address of a word for the bus address
     * @return the linear address, or 0
     */
    @CName("dma_alloc_coherent")
    long dmaAllocCoherent(long dev, int bytes, long handleVa, int gfp);

    /** Frees coherent memory, with the size of the allocation; 0 is legal. Task context, interrupts on. */
    @CName("dma_free_coherent")
    void dmaFreeCoherent(long dev, int bytes, long va, long handle);

    /**
     * Maps a buffer of the linear map: it belongs to the device until it is unmapped (LDD3 page 448). Any context.
     *
     * @param direction of {@link DmaDirection}
     * @return the bus address, or {@link DmaAddress#DMA_MAPPING_ERROR}
     */
    @CName("dma_map_single")
    long dmaMapSingle(long dev, long va, int bytes, int direction);

    /** Unmaps a buffer, with the arguments of its mapping. Any context. */
    @CName("dma_unmap_single")
    void dmaUnmapSingle(long dev, long dma, int bytes, int direction);

    /** Maps part of a page of any zone, see {@link #dmaMapSingle} (LDD3 page 449). Any context. */
    @CName("dma_map_page")
    long dmaMapPage(long dev, long page, int offset, int bytes, int direction);

    /** Unmaps part of a page, with the arguments of its mapping. Any context. */
    @CName("dma_unmap_page")
    void dmaUnmapPage(long dev, long dma, int bytes, int direction);

    /** Returns -ENOMEM for the bus address of a refused mapping, else 0. Any context. */
    @CName("dma_mapping_error")
    int dmaMappingError(long dev, long dma);

    /** Gives a mapped buffer to the driver for a while (LDD3 page 449). Any context. */
    @CName("dma_sync_single_for_cpu")
    void dmaSyncSingleForCpu(long dev, long dma, int bytes, int direction);

    /** Gives a mapped buffer back to the device. Any context. */
    @CName("dma_sync_single_for_device")
    void dmaSyncSingleForDevice(long dev, long dma, int bytes, int direction);

    /** Gives part of a mapped buffer to the driver for a while. Any context. */
    @CName("dma_sync_single_range_for_cpu")
    void dmaSyncSingleRangeForCpu(long dev, long dma, int offset, int bytes, int direction);

    /** Gives part of a mapped buffer back to the device. Any context. */
    @CName("dma_sync_single_range_for_device")
    void dmaSyncSingleRangeForDevice(long dev, long dma, int offset, int bytes, int direction);

    /**
     * Maps the entries of a list; neighbours may become one segment (LDD3 page 450). Any context.
     *
     * @return the number of segments; 0 if the list could not be mapped
     */
    @CName("dma_map_sg")
    int dmaMapSg(long dev, long sgl, int entries, int direction);

    /** Unmaps a list, with the number of entries given to {@link #dmaMapSg}. Any context. */
    @CName("dma_unmap_sg")
    void dmaUnmapSg(long dev, long sgl, int entries, int direction);

    /** Gives the buffers of a mapped list to the driver for a while. Any context. */
    @CName("dma_sync_sg_for_cpu")
    void dmaSyncSgForCpu(long dev, long sgl, int entries, int direction);

    /** Gives the buffers of a mapped list back to the device. Any context. */
    @CName("dma_sync_sg_for_device")
    void dmaSyncSgForDevice(long dev, long sgl, int entries, int direction);

    /**
     * Makes a pool of small blocks of coherent memory (LDD3 page 447). Task context; may sleep.
     *
     * @param align    a power of two, or 0
     * @param boundary a power of two that no block crosses, or 0
     * @return the pool; 0 if an argument is wrong or there is no memory
     */
    @CName("dma_pool_create")
    long dmaPoolCreate(String name, long dev, int bytes, int align, int boundary);

    /**
     * Destroys a pool; 0 is legal. Task context; may sleep.
     *
     * @return whether the pool is gone: it stays, and is reported, while blocks are allocated from it
     */
    @CName("dma_pool_destroy")
    boolean dmaPoolDestroy(long pool);

    /**
     * Allocates a block. May sleep if the flags allow it.
     *
     * @param handleVa address of a word for the bus address
     * @return the linear address, or 0
     */
    @CName("dma_pool_alloc")
    long dmaPoolAlloc(long pool, int gfp, long handleVa);

    /** Allocates a zeroed block, see {@link #dmaPoolAlloc}. May sleep if the flags allow it. */
    @CName("dma_pool_zalloc")
    long dmaPoolZalloc(long pool, int gfp, long handleVa);

    /** Frees a block, with both of its addresses. Any context. A wrong address is reported and frees nothing. */
    @CName("dma_pool_free")
    void dmaPoolFree(long pool, long va, long dma);

    /**
     * Offers a copy engine to the kernel. Task context.
     *
     * @param engine text address of a {@link MemcpyEngine}
     * @param data   given to its methods
     * @return 0, -EBUSY if there is one already, or -ENOMEM
     */
    @CName("dma_async_device_register")
    int dmaAsyncDeviceRegister(long engine, long data);

    /** Takes the copy engine back; the transfers of its channels are terminated. Task context; may sleep. */
    @CName("dma_async_device_unregister")
    void dmaAsyncDeviceUnregister();

    /**
     * Sets the copy engine up and returns its {@code struct device}, to map memory for; 0 if there is none. Task
     * context; may sleep.
     */
    @CName("dma_request_chan")
    long dmaRequestChan();

    /**
     * Copies between two bus addresses, and sleeps until that is done. Task context.
     *
     * @return 0 or a negative {@link ferrite.kernel.base.Errno}
     */
    @CName("dma_memcpy")
    int dmaMemcpy(long targetDma, long sourceDma, int bytes);

    /**
     * Copies between the segments of two mapped lists, and sleeps until that is done. Task context.
     *
     * @return 0 or a negative {@link ferrite.kernel.base.Errno}
     */
    @CName("dma_memcpy_sg")
    int dmaMemcpySg(long target, int targetSegments, long source, int sourceSegments);
}
