package ferrite.board.matrix;

import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.driver.KernelCalls;

/** Runs the cells of {@code dma_alloc_coherent}. */
final class CoherentCells {

    private final Bench bench;
    private final KernelCalls kernel;

    CoherentCells(Bench bench) {
        this.bench = bench;
        this.kernel = bench.kernel();
    }

    /** Runs a cell, and frees the memory. */
    void run(Cell cell, int seed, Observation seen) {
        int bytes = cell.order().bytes();
        boolean atomic = cell.setting() == Setting.ATOMIC;
        bench.use(cell.mask());
        kernel.dmaSetCoherentMask(bench.dev(), DmaAddress.bitMask(cell.mask().bits()));
        if (atomic) {
            kernel.preemptDisable();
        }
        long va = kernel.dmaAllocCoherent(bench.dev(), bytes, bench.handle(), cell.flags().gfp());
        if (atomic) {
            kernel.preemptEnable();
        }
        if (va == 0) {
            return;
        }
        long dma = kernel.memory().load32(bench.handle()) & 0xffff_ffffL;
        long pa = kernel.virtToPhys(va);
        seen.memoryAt(pa);
        seen.path(dma == pa ? Path.DIRECT : Path.BOUNCED);
        if (dma + bytes - 1 > cell.mask().highest()) {
            seen.flaw("the bus address is above the mask");
        }
        if (pa % bytes != 0) {
            seen.flaw("the block is not aligned to its size");
        }
        if (kernel.memory().findOther32(va, 0, bytes / 4) < bytes / 4) {
            seen.flaw("the memory is not zeroed");
        }
        move(cell, va, dma, seed, seen);
        kernel.dmaFreeCoherent(bench.dev(), bytes, va, dma);
    }

    /** Moves bytes both ways. Each side sees the bytes of the other at once, without a call in between. */
    private void move(Cell cell, long va, long dma, int seed, Observation seen) {
        int order = cell.order().order();
        long page = kernel.virtToPage(va);
        long tail = dma + cell.order().bytes() - Bench.TAIL;
        seen.bytesMoved();
        bench.writeEnds(page, order, 0, seed);
        if (!bench.deviceReads(dma, tail, seed)) {
            seen.flaw("the device read other bytes than the driver wrote");
        }
        if (!bench.deviceWrites(dma, tail, seed + 2) || !bench.endsAre(page, order, 0, seed + 2)) {
            seen.flaw("the driver read other bytes than the device wrote");
        }
    }
}
