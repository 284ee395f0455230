package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.dma.DmaMode;

/**
 * ISA DMA (LDD3 pages 452-458). The calls from {@link #setDmaMode} on are made on a channel that was requested, with
 * the DMA lock held.
 */
@DriverApi
public interface IsaDmaCalls {

    /**
     * Requests a DMA channel (LDD3 page 453). Task context.
     *
     * @param owner for {@code /proc/dma}
     * @return 0, -EINVAL for a channel that does not exist, -EBUSY for a channel that is taken
     */
    @CName("request_dma")
    int requestDma(int channel, String owner);

    /** Frees a DMA channel. Task context. */
    @CName("free_dma")
    void freeDma(int channel);

    /**
     * Takes the lock of the DMA controllers' registers. Any context.
     *
     * @return the flags for {@link #releaseDmaLock}
     */
    @CName("claim_dma_lock")
    int claimDmaLock();

    /** Releases the lock of {@link #claimDmaLock}. Any context. */
    @CName("release_dma_lock")
    void releaseDmaLock(int flags);

    /**
     * Sets a channel's mode: {@link DmaMode#DMA_MODE_READ}, {@link DmaMode#DMA_MODE_WRITE} or {@link
     * DmaMode#DMA_MODE_CASCADE}. Any context.
     */
    @CName("set_dma_mode")
    void setDmaMode(int channel, int mode);

    /** Sets the bus address of a channel's buffer; an even one on channels 5-7. Any context. */
    @CName("set_dma_addr")
    void setDmaAddr(int channel, long dma);

    /** Sets the bytes of a transfer, 1 to 64 KiB; on channels 5-7 an even number up to 128 KiB. Any context. */
    @CName("set_dma_count")
    void setDmaCount(int channel, int bytes);

    /** Unmasks a channel. Its buffer must not cross a boundary of 64 KiB (128 KiB on channels 5-7). Any context. */
    @CName("enable_dma")
    void enableDma(int channel);

    /** Masks a channel. Any context. */
    @CName("disable_dma")
    void disableDma(int channel);

    /** Clears the flip-flop: the next byte of an address or count is the low one. Any context. */
    @CName("clear_dma_ff")
    void clearDmaFf(int channel);

    /** Returns the bytes that were not transferred. Any context. */
    @CName("get_dma_residue")
    int getDmaResidue(int channel);

    /**
     * Returns, and clears, the channel's error: the controller refused its address (this machine's own: ISA has no
     * such bit). Any context.
     */
    @CName("take_dma_error")
    boolean takeDmaError(int channel);
}
