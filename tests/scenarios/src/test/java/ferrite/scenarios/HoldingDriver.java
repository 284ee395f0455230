package ferrite.scenarios;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaDeviceLayout;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;

/** A driver that holds one resource of each kind, for inspectors to find. */
final class HoldingDriver implements Driver {

    private static final long MASK = 0xff_ffffL;

    private KernelCalls kernel;
    /** The per-CPU variable {@code test_packets}. */
    long variable;
    /** An object of 40 bytes. */
    long object;
    /** A live DMA mapping of 100 bytes. */
    long mapped;
    /** Two blocks of a DMA pool; the second one has been freed. */
    long block;
    long freedBlock;
    /** An area of vmalloc, and one that has been freed. */
    long area;
    long freedArea;

    @Override
    public String name() {
        return "test";
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        variable = kernel.definePerCpu(text, "test_packets", 8, 8);
    }

    @Override
    public int init() {
        object = kernel.kmalloc(40, Gfp.GFP_KERNEL);
        long dev = kernel.kzalloc(DmaDeviceLayout.SIZE, Gfp.GFP_KERNEL);
        long handle = kernel.kmalloc(8, Gfp.GFP_KERNEL);
        kernel.dmaSetMaskAndCoherent(dev, MASK);
        mapped = kernel.kmalloc(128, Gfp.GFP_KERNEL | Gfp.GFP_DMA);
        kernel.dmaMappingError(dev, kernel.dmaMapSingle(dev, mapped, 100, DmaDirection.DMA_TO_DEVICE));
        long pool = kernel.dmaPoolCreate("test_pool", dev, 48, 16, 1024);
        block = kernel.dmaPoolAlloc(pool, Gfp.GFP_KERNEL, handle);
        freedBlock = kernel.dmaPoolAlloc(pool, Gfp.GFP_KERNEL, handle);
        kernel.dmaPoolFree(pool, freedBlock, kernel.memory().loadAddress(handle));
        freedArea = kernel.vmalloc(4096);              // the gap is too small for the stack of a later task
        area = kernel.vmalloc(10_000);
        kernel.vfree(freedArea);
        return 0;
    }
}
