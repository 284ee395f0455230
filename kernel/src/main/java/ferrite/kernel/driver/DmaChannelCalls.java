package ferrite.kernel.driver;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.dma.DmaAsyncTxLayout;
import ferrite.kernel.dma.DmaChannelLayout;
import ferrite.kernel.dma.DmaPrep;
import ferrite.kernel.dma.DmaStatus;
import ferrite.kernel.dma.DmaTxStateLayout;

/**
 * Transfers of the copy engine that go on while their driver does something else: Linux's dmaengine, as far as there is
 * hardware for it. The book is older; pages 440-445 tell of devices that do DMA in general.
 *
 * <pre>{@code
 * long chan = kernel.dmaRequestChannel(1 << DmaPrep.DMA_MEMCPY);
 * long dev = DmaChannelLayout.DEV.get(memory, chan);                // dma_map_single for it, both buffers
 * long tx = kernel.dmaenginePrepDmaMemcpy(chan, to, from, bytes, DmaPrep.DMA_PREP_INTERRUPT);
 * DmaAsyncTxLayout.CALLBACK.set(memory, tx, callback);              // text address of a DmaAsyncTxCallback
 * DmaAsyncTxLayout.CALLBACK_PARAM.set(memory, tx, record);
 * int cookie = kernel.dmaengineSubmit(tx);
 * kernel.dmaAsyncIssuePending(chan);
 * … the callback unmaps the buffers
 * }</pre>
 */
@DriverApi
public interface DmaChannelCalls {

    /**
     * Makes a channel of the copy engine for the caller. All channels share the engine, in the order in which they
     * issue their transfers. Task context; may sleep.
     *
     * @param mask the capabilities that the caller needs: {@code 1 << DmaPrep.DMA_MEMCPY}
     * @return the channel, see {@link DmaChannelLayout}; 0 if no engine has them, or there is no memory
     */
    @CName("dma_request_channel")
    long dmaRequestChannel(int mask);

    /** Releases a channel after its transfers have ended or were terminated. Task context; may sleep. */
    @CName("dma_release_channel")
    void dmaReleaseChannel(long channel);

    /**
     * Prepares a copy between two bus addresses. The descriptor must be submitted. Any context.
     *
     * @param flags {@link DmaPrep#DMA_PREP_INTERRUPT} for a callback, {@link DmaPrep#DMA_CTRL_ACK}
     * @return a descriptor, see {@link DmaAsyncTxLayout}; 0 if there is no memory, or {@code bytes} is not positive
     */
    @CName("dmaengine_prep_dma_memcpy")
    long dmaenginePrepDmaMemcpy(long channel, long targetDma, long sourceDma, int bytes, int flags);

    /**
     * Prepares a copy between the segments of two mapped lists, of as many bytes as the shorter one has (Linux up to
     * 4.14). The lists may be freed afterwards. Any context.
     *
     * @return a descriptor, as {@link #dmaenginePrepDmaMemcpy}
     */
    @CName("dmaengine_prep_dma_sg")
    long dmaenginePrepDmaSg(long channel, long target, int targetSegments, long source, int sourceSegments, int flags);

    /**
     * Submits a descriptor. It waits for {@link #dmaAsyncIssuePending}, and belongs to the engine, which frees it after
     * its callback. Any context.
     *
     * @return the transfer's cookie, at least {@link DmaPrep#DMA_MIN_COOKIE}; -EINVAL if it is submitted already
     */
    @CName("dmaengine_submit")
    int dmaengineSubmit(long descriptor);

    /** Lets the engine begin with all transfers that were submitted to a channel. Any context. */
    @CName("dma_async_issue_pending")
    void dmaAsyncIssuePending(long channel);

    /**
     * Returns the state of a transfer: a {@link DmaStatus}. Any context.
     *
     * @param state gets the channel's progress and the transfer's residue, see {@link DmaTxStateLayout}; or 0
     */
    @CName("dmaengine_tx_status")
    int dmaengineTxStatus(long channel, int cookie, long state);

    /** Returns the state of a transfer: a {@link DmaStatus}. Any context. */
    @CName("dma_async_is_tx_complete")
    int dmaAsyncIsTxComplete(long channel, int cookie);

    /**
     * Takes all transfers of a channel from the engine. Their callbacks are not called, but one may be running, and the
     * engine may still access the memory of one transfer: see {@link #dmaengineSynchronize}. Any context.
     *
     * @return 0
     */
    @CName("dmaengine_terminate_async")
    int dmaengineTerminateAsync(long channel);

    /** Terminates as {@link #dmaengineTerminateAsync}, and waits. Not in a callback. Task context; may sleep. */
    @CName("dmaengine_terminate_sync")
    int dmaengineTerminateSync(long channel);

    /**
     * Waits until no callback of the channel runs and the engine has none of its terminated transfers; then their
     * memory may be unmapped and freed. Not in a callback. Task context; may sleep.
     */
    @CName("dmaengine_synchronize")
    void dmaengineSynchronize(long channel);

    /** Tells the kernel that its engine has ended the chain that it was given last. Any context. */
    @CName("vchan_cookie_complete")
    void vchanCookieComplete(boolean successful);
}
