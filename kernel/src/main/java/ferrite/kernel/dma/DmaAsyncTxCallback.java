package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;

/**
 * Linux's {@code dma_async_tx_callback}, called by a tasklet when a transfer has ended: it must not sleep. It may
 * prepare, submit and issue further transfers.
 */
@DriverApi
@FunctionalInterface
public interface DmaAsyncTxCallback {

    /** @param param the descriptor's {@code callback_param} */
    void complete(long param);
}
