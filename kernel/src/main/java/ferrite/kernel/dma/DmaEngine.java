package ferrite.kernel.dma;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.shadow.Claim;
import ferrite.kernel.shadow.MemoryStates;

/**
 * Copies of memory by a device (the {@code DMA_MEMCPY} part of Linux's dmaengine). The driver of a copy engine
 * registers it. Other drivers map their memory for the engine's {@link #dev}, and call it to copy.
 *
 * <pre>{@code
 * long dev = engine.dev();
 * long from = dma.dmaMapSingle(dev, source, bytes, DmaDirection.DMA_TO_DEVICE);
 * long to = dma.dmaMapSingle(dev, target, bytes, DmaDirection.DMA_FROM_DEVICE);     // and dma_mapping_error for both
 * int result = engine.memcpy(to, from, bytes);
 * … dma_unmap_single of both
 * }</pre>
 */
public final class DmaEngine {

    private final KernelMemory memory;
    private final Context context;
    private final MemoryStates states;
    private final DmaClaims claims;
    private final TextTable text;
    private final long root;

    DmaEngine(KernelBase base, DmaClaims claims) {
        this.claims = claims;
        this.memory = base.memory();
        this.context = base.context();
        this.states = base.states();
        this.text = base.text();
        this.root = base.root();
    }

    /**
     * Registers a driver's copy engine. Any context.
     *
     * @param engine text address of a {@link MemcpyEngine}
     * @param data   the engine's word, passed to its methods
     * @return 0, or -EBUSY if an engine is registered already
     */
    public int register(long engine, long data) {
        if (RootLayout.MEMCPY_ENGINE.get(memory, root) != 0) {
            return -Errno.EBUSY;
        }
        RootLayout.MEMCPY_ENGINE_DATA.set(memory, root, data);
        RootLayout.MEMCPY_ENGINE.set(memory, root, engine);
        return 0;
    }

    /** Unregisters the engine. The caller makes sure that no copy is in progress. */
    public void unregister() {
        RootLayout.MEMCPY_ENGINE.set(memory, root, 0);
        RootLayout.MEMCPY_ENGINE_DATA.set(memory, root, 0);
    }

    private MemcpyEngine engine() {
        long address = RootLayout.MEMCPY_ENGINE.get(memory, root);
        return address == 0 ? null : text.at(address, MemcpyEngine.class);
    }

    /**
     * {@code dma_request_chan}: returns the {@code struct device} to map memory for; 0 if there is no engine, or its
     * set-up fails. May sleep.
     */
    public long dev() {
        context.mightSleep("dma_request_chan", "ask for the engine when the driver starts");
        MemcpyEngine engine = engine();
        return engine == null ? 0 : engine.request(RootLayout.MEMCPY_ENGINE_DATA.get(memory, root));
    }

    /**
     * Copies between two bus addresses, and sleeps until the copy is complete. Returns 0 or a negative {@link Errno}.
     */
    public int memcpy(long targetDma, long sourceDma, int bytes) {
        context.mightSleep("dmaengine memcpy", "copy by hand in atomic context");
        claims.checkAddress("dma_memcpy", targetDma);
        claims.checkAddress("dma_memcpy", sourceDma);
        Claim source = claims.copying(sourceDma, bytes, false);
        Claim target = claims.copying(targetDma, bytes, true);
        try {
            return ask((engine, data) -> engine.memcpy(data, targetDma, sourceDma, bytes));
        } finally {
            claims.copied(source);
            claims.copied(target);
        }
    }

    /**
     * Copies from the segments of one mapped list to those of another, and sleeps until the copy is complete. It copies
     * as many bytes as the shorter list has.
     *
     * @return 0 or a negative {@link Errno}
     */
    public int memcpySg(long target, int targetSegments, long source, int sourceSegments) {
        context.mightSleep("dmaengine memcpy_sg", "copy by hand in atomic context");
        return ask((engine, data) -> engine.memcpySg(data, target, targetSegments, source, sourceSegments));
    }

    /** A request of an engine, with its data. */
    private interface Request {
        int of(MemcpyEngine engine, long data);
    }

    private int ask(Request request) {
        MemcpyEngine engine = engine();
        if (engine == null) {
            return -Errno.ENODEV;
        }
        states.asks();
        try {
            return request.of(engine, RootLayout.MEMCPY_ENGINE_DATA.get(memory, root));
        } finally {
            states.hasAsked();
        }
    }
}
