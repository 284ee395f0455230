package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;

/** Linux's {@code enum dma_status}: the state of a transfer. */
@DriverApi
public final class DmaStatus {

    /** The engine has copied all bytes. */
    public static final int DMA_COMPLETE = 0;
    /** The transfer waits, or is in flight. */
    public static final int DMA_IN_PROGRESS = 1;
    /** The engine has failed, or the transfer was terminated. */
    public static final int DMA_ERROR = 3;

    private DmaStatus() { }
}
