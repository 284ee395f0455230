package ferrite.kernel.dma;

import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.DeviceMapper;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.StaticData;
import ferrite.kernel.sched.TaskSystem;
import java.util.List;

/**
 * DMA: the ISA channels, and the generic layer with mappings, coherent memory, pools and copy engines (LDD3 pages
 * 440-458).
 */
public final class DmaLayer {

    /** Memory that boot allocates for the channels. */
    public static final StaticData STATIC_DATA = new StaticData(RootLayout.DMA_TABLE, IsaDma.TABLE_BYTES);

    private final IsaDma isa;
    private final DmaMapping mapping;
    private final DmaPool pools;
    private final DmaEngine engine;

    public DmaLayer(KernelBase base, TaskSystem tasks, MemoryManager mm, PhysicalBus bus) {
        DeviceAccessChecks.install(base, bus, mm);
        DmaCoherent coherent = new DmaCoherent(base, mm.pages());
        DmaClaims claims = new DmaClaims(base);
        BufferChecks buffers = new BufferChecks(base, mm);
        isa = new IsaDma(base, claims, buffers);
        mapping = new DmaMapping(base, mm.memMap(), coherent, new Swiotlb(base, mm), new DmaDebug(base, mm, claims),
                new DmaMapping.Checks(claims, buffers));
        pools = new DmaPool(base, mm, coherent, claims);
        engine = new DmaEngine(base, tasks, mm, claims, mapping.lists());
    }

    /** Maps the controller's registers, and sets up its cascade channel. Boot. */
    public void boot(DeviceMapper devices) {
        isa.boot(devices);
        pools.init();
    }

    /**
     * Tells the shadow what devices may access, for a kernel that attaches. Only looks.
     *
     * @param devices the addresses of all {@code struct device}
     */
    public void attach(ReadableMemory view, List<Long> devices) {
        isa.attach(view);
        mapping.attach(view, devices);
        pools.attach(view);
        engine.attach(view);
    }

    /** The ISA DMA calls, {@code request_dma} to {@code get_dma_residue}. */
    public IsaDma isa() {
        return isa;
    }

    /** The generic DMA layer, {@code dma_set_mask} to {@code dma_unmap_sg}. */
    public DmaMapping mapping() {
        return mapping;
    }

    /** Pools of small blocks of coherent memory, {@code dma_pool_create} to {@code dma_pool_destroy}. */
    public DmaPool pools() {
        return pools;
    }

    /** Copies by a device, while a driver has registered an engine. */
    public DmaEngine engine() {
        return engine;
    }
}
