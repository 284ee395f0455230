package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;

/** Capabilities of an engine, and flags of a transfer (Linux's {@code dmaengine.h}). */
@DriverApi
public final class DmaPrep {

    /** Capability: copies from memory to memory. A mask of capabilities has the bit of this number. */
    public static final int DMA_MEMCPY = 0;

    /** Flag: the engine tells of the end of this transfer. A callback needs it. */
    public static final int DMA_PREP_INTERRUPT = 1;
    /** Flag: the descriptor may be used again as soon as the transfer is complete, which it is here in any case. */
    public static final int DMA_CTRL_ACK = 1 << 1;

    /** The first cookie of a channel; cookies below it are errors. */
    public static final int DMA_MIN_COOKIE = 1;

    private DmaPrep() { }
}
