package ferrite.kernel.dma;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/**
 * {@code struct dma_async_tx_descriptor}: a transfer. Its copies follow it ({@link DmaCopyLayout}). The driver sets the
 * callback between {@code dmaengine_prep_dma_memcpy} and {@code dmaengine_submit}; from then on the descriptor belongs
 * to the engine, which frees it.
 */
@DriverApi
public final class DmaAsyncTxLayout {

    public static final int SIZE = 60;

    public static final Struct STRUCT = Struct.of("dma_async_tx_descriptor", SIZE);

    /** Text address of a {@link DmaAsyncTxCallback}, or 0. */
    public static final Pointer CALLBACK = STRUCT.function("callback", 0);
    /** A word for the callback. */
    public static final Pointer CALLBACK_PARAM = STRUCT.pointer("callback_param", 4, "void");

    static final Word COOKIE = STRUCT.s32("cookie", 8);
    static final Word FLAGS = STRUCT.u32("flags", 12);
    /** The channel; 0 for a copy of which the caller awaits the end. */
    static final Pointer CHAN = STRUCT.pointer("chan", 16, "struct virt_dma_chan");
    static final Embedded NODE = STRUCT.list("node", 20);
    static final Word STATE = STRUCT.u32("state", 28);
    /** The descriptors of the engine's driver. */
    static final Pointer CHAIN = STRUCT.pointer("chain", 32, "void");
    static final Word COPIES = STRUCT.u32("copies", 36);
    /** The bytes of all copies. */
    static final Word BYTES = STRUCT.u32("bytes", 40);
    /** 0, or a negative error number. */
    static final Word RESULT = STRUCT.s32("result", 44);
    /** The callback and its word as they were submitted. */
    static final Pointer SUBMITTED_CALLBACK = STRUCT.function("submitted_callback", 48);
    static final Pointer SUBMITTED_PARAM = STRUCT.pointer("submitted_param", 52, "void");
    /** The line that submitted the transfer, while owners are recorded. */
    static final Pointer SITE = STRUCT.pointer("site", 56, "char");

    static final int PREPARED = 0;
    static final int SUBMITTED = 1;
    /** In the engine's queue. */
    static final int ISSUED = 2;
    static final int ACTIVE = 3;
    /** The engine has ended it; its callback has not been called. */
    static final int DONE = 4;
    /** The engine still has it, and its channel was terminated. */
    static final int ABORTED = 5;
    /** The channel was terminated; {@code dmaengine_synchronize} frees the descriptor. */
    static final int TERMINATED = 6;

    private DmaAsyncTxLayout() { }

    static long copy(long tx, int index) {
        return tx + SIZE + (long) index * DmaCopyLayout.SIZE;
    }
}
