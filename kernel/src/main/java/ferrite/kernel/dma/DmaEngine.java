package ferrite.kernel.dma;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;

/**
 * Copying memory by a device, for whoever wants it (the part of Linux's dmaengine that {@code DMA_MEMCPY} is): the driver of a copy engine offers it, others
 * map their memory for the engine's
 * {@link #dev} and have it copied.
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
    private final TextTable text;
    private final long root;

    DmaEngine(KernelBase base) {
        this.memory = base.memory();
        this.context = base.context();
        this.text = base.text();
        this.root = base.root();
    }

    /** A driver offers its engine: the text address of a {@link MemcpyEngine}, and its data. Returns 0, or -EBUSY when there is one already. */
    public int register(long engine, long data) {
        if (memory.load32(root + RootLayout.MEMCPY_ENGINE) != 0) {
            return -Errno.EBUSY;
        }
        memory.storeAddress(root + RootLayout.MEMCPY_ENGINE_DATA, data);
        memory.storeAddress(root + RootLayout.MEMCPY_ENGINE, engine);
        return 0;
    }

    /** The driver takes its engine back. Nobody is using it. */
    public void unregister() {
        memory.storeAddress(root + RootLayout.MEMCPY_ENGINE, 0);
        memory.storeAddress(root + RootLayout.MEMCPY_ENGINE_DATA, 0);
    }

    private MemcpyEngine engine() {
        long address = memory.loadAddress(root + RootLayout.MEMCPY_ENGINE);
        return address == 0 ? null : text.at(address, MemcpyEngine.class);
    }

    /** {@code dma_request_chan}: the {@code struct device} to map memory for; 0 when there is no engine, or it cannot be set up. May sleep. */
    public long dev() {
        context.mightSleep("dma_request_chan", "ask for the engine when the driver starts");
        MemcpyEngine engine = engine();
        return engine == null ? 0 : engine.request(memory.loadAddress(root + RootLayout.MEMCPY_ENGINE_DATA));
    }

    /** Copies between two bus addresses, and sleeps until that is done. Returns 0 or a negative {@link Errno}. */
    public int memcpy(long targetDma, long sourceDma, int bytes) {
        context.mightSleep("dmaengine memcpy", "copy by hand in atomic context");
        MemcpyEngine engine = engine();
        return engine == null ? -Errno.ENODEV : engine.memcpy(memory.loadAddress(root + RootLayout.MEMCPY_ENGINE_DATA), targetDma, sourceDma, bytes);
    }

    /**
     * Copies from the segments of one mapped list to those of another, as many bytes as the shorter one has, and sleeps until that is done.
     *
     * @return 0 or a negative {@link Errno}
     */
    public int memcpySg(long target, int targetSegments, long source, int sourceSegments) {
        context.mightSleep("dmaengine memcpy_sg", "copy by hand in atomic context");
        MemcpyEngine engine = engine();
        return engine == null ? -Errno.ENODEV
                : engine.memcpySg(memory.loadAddress(root + RootLayout.MEMCPY_ENGINE_DATA), target, targetSegments, source, sourceSegments);
    }
}
