package ferrite.board.corpus;

import ferrite.board.corpus.Story.Bench;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaMode;
import java.util.List;

/** Mistakes with the channels of the ISA controller, and with the calls around them. */
final class ChannelStories {

    /** A channel that no driver of the board has. */
    private static final int FREE = 1;
    /** The disk's. */
    private static final int OF_DISK = 2;

    private ChannelStories() { }

    /** Programs a channel as the book does, with some steps left out. */
    private static void program(Bench bench, int channel, String without) {
        long buffer = bench.kernel.kmalloc(1024, Gfp.GFP_KERNEL | Gfp.GFP_DMA);
        boolean requests = !without.contains("request");
        if (requests) {
            bench.kernel.requestDma(channel, "corpus");
        }
        boolean locks = !without.contains("lock");
        int flags = locks ? bench.kernel.claimDmaLock() : 0;
        if (!without.contains("disable")) {
            bench.kernel.disableDma(channel);
        }
        if (!without.contains("flip")) {
            bench.kernel.clearDmaFf(channel);
        }
        bench.kernel.setDmaMode(channel, DmaMode.DMA_MODE_READ);
        bench.kernel.setDmaAddr(channel, bench.kernel.virtToPhys(buffer));
        bench.kernel.setDmaCount(channel, 1024);
        bench.kernel.enableDma(channel);
        if (locks) {
            bench.kernel.releaseDmaLock(flags);
        }
        int again = bench.kernel.claimDmaLock();
        bench.kernel.disableDma(channel);
        bench.kernel.releaseDmaLock(again);
        if (requests) {
            bench.kernel.freeDma(channel);
        }
        bench.kernel.kfree(buffer);
    }

    private static void lookWhileItFills(Bench bench, boolean early) {
        long handle = bench.buffer(4);
        bench.kernel.dmaSetCoherentMask(bench.dev(), 0xff_ffff);
        long ring = bench.kernel.dmaAllocCoherent(bench.dev(), 4096, handle, Gfp.GFP_KERNEL);
        bench.kernel.requestDma(FREE, "corpus");
        int flags = bench.kernel.claimDmaLock();
        bench.kernel.disableDma(FREE);
        bench.kernel.clearDmaFf(FREE);
        bench.kernel.setDmaMode(FREE, DmaMode.DMA_MODE_READ);
        bench.kernel.setDmaAddr(FREE, bench.load(handle) & 0xffff_ffffL);
        bench.kernel.setDmaCount(FREE, 4096);
        bench.kernel.enableDma(FREE);
        if (early) {
            bench.load(ring + 2048);
        }
        bench.kernel.disableDma(FREE);
        bench.kernel.releaseDmaLock(flags);
        bench.load(ring + 2048);
        bench.kernel.freeDma(FREE);
        bench.kernel.dmaFreeCoherent(bench.dev(), 4096, ring, bench.load(handle) & 0xffff_ffffL);
        bench.kernel.kfree(handle);
    }

    private static void stopTheDisk(Bench bench, int channel) {
        if (channel != OF_DISK) {
            bench.kernel.requestDma(channel, "corpus");
        }
        int flags = bench.kernel.claimDmaLock();
        bench.kernel.disableDma(channel);
        bench.kernel.releaseDmaLock(flags);
        if (channel != OF_DISK) {
            bench.kernel.freeDma(channel);
        }
    }

    private static void changeWhileEnabled(Bench bench, boolean disables) {
        long buffer = bench.kernel.kmalloc(2048, Gfp.GFP_KERNEL | Gfp.GFP_DMA);
        bench.kernel.requestDma(FREE, "corpus");
        int flags = bench.kernel.claimDmaLock();
        bench.kernel.clearDmaFf(FREE);
        bench.kernel.setDmaMode(FREE, DmaMode.DMA_MODE_WRITE);
        bench.kernel.setDmaAddr(FREE, bench.kernel.virtToPhys(buffer));
        bench.kernel.setDmaCount(FREE, 1024);
        bench.kernel.enableDma(FREE);
        if (disables) {
            bench.kernel.disableDma(FREE);
        }
        bench.kernel.setDmaCount(FREE, 2048);
        bench.kernel.disableDma(FREE);
        bench.kernel.releaseDmaLock(flags);
        bench.kernel.freeDma(FREE);
        bench.kernel.kfree(buffer);
    }

    /** Enables a channel on some bytes of a block of 128 KiB, which is aligned to its size. */
    private static void across64KiB(Bench bench, int offset) {
        long block = bench.kernel.__getDmaPages(Gfp.GFP_KERNEL, 5);
        enable(bench, bench.kernel.virtToPhys(block) + offset, 0x2000);
        bench.kernel.freePages(block, 5);
    }

    private static void enable(Bench bench, long pa, int bytes) {
        bench.kernel.requestDma(FREE, "corpus");
        int flags = bench.kernel.claimDmaLock();
        bench.kernel.disableDma(FREE);
        bench.kernel.clearDmaFf(FREE);
        bench.kernel.setDmaMode(FREE, DmaMode.DMA_MODE_READ);
        bench.kernel.setDmaAddr(FREE, pa);
        bench.kernel.setDmaCount(FREE, bytes);
        bench.kernel.enableDma(FREE);
        bench.kernel.disableDma(FREE);
        bench.kernel.releaseDmaLock(flags);
        bench.kernel.freeDma(FREE);
    }

    private static void countBeyondTheBuffer(Bench bench, int bytes) {
        long buffer = bench.kernel.__getDmaPages(Gfp.GFP_KERNEL, 0);
        enable(bench, bench.kernel.virtToPhys(buffer), bytes);
        bench.kernel.freePages(buffer, 0);
    }

    private static void intoTheKernel(Bench bench, boolean kernel) {
        long buffer = bench.kernel.__getDmaPages(Gfp.GFP_KERNEL, 0);
        enable(bench, kernel ? 0 : bench.kernel.virtToPhys(buffer), 4096);
        bench.kernel.freePages(buffer, 0);
    }

    // ---- coherent memory and syncs ----

    private static void freeCoherent(Bench bench, int bytes, int offset) {
        long handle = bench.buffer(4);
        long ring = bench.kernel.dmaAllocCoherent(bench.dev(), 3000, handle, Gfp.GFP_KERNEL);
        bench.kernel.dmaFreeCoherent(bench.dev(), bytes, ring, (bench.load(handle) & 0xffff_ffffL) + offset);
        bench.kernel.kfree(handle);
    }

    private static void freeCoherentWithIrqsOff(Bench bench, boolean off) {
        long handle = bench.buffer(4);
        long ring = bench.kernel.dmaAllocCoherent(bench.dev(), 4096, handle, Gfp.GFP_KERNEL);
        long dma = bench.load(handle) & 0xffff_ffffL;
        int flags = off ? bench.kernel.localIrqSave() : 0;
        bench.kernel.dmaFreeCoherent(bench.dev(), 4096, ring, dma);
        if (off) {
            bench.kernel.localIrqRestore(flags);
        }
        bench.kernel.kfree(handle);
    }

    private static void sync(Bench bench, int bytes, int direction) {
        long buffer = bench.buffer(256);
        long mapped = bench.map(buffer, 256, Bench.FROM);
        bench.kernel.dmaSyncSingleForCpu(bench.dev(), mapped, bytes, direction);
        bench.load(buffer);
        bench.kernel.dmaSyncSingleForDevice(bench.dev(), mapped, bytes, direction);
        bench.unmap(mapped, 256, Bench.FROM);
        bench.kernel.kfree(buffer);
    }

    private static void mapAFreeObject(Bench bench, boolean free) {
        long buffer = bench.buffer(256);
        if (free) {
            bench.kernel.kfree(buffer);
        }
        bench.unmap(bench.map(buffer, 256, Bench.TO), 256, Bench.TO);
        if (!free) {
            bench.kernel.kfree(buffer);
        }
    }

    static List<Story> all() {
        return List.of(
                new Story("coherent memory is read while a channel fills it", "dma-cpu-access",
                        bench -> lookWhileItFills(bench, true), bench -> lookWhileItFills(bench, false)),
                new Story("a channel that nobody requested", "dma-channel-unowned",
                        bench -> program(bench, FREE, "request"), bench -> program(bench, FREE, "")),
                new Story("another driver's channel", "dma-channel-unowned",
                        bench -> stopTheDisk(bench, OF_DISK), bench -> stopTheDisk(bench, FREE)),
                new Story("claim_dma_lock is forgotten", "dma-channel-setup",
                        bench -> program(bench, FREE, "lock"), bench -> program(bench, FREE, "")),
                new Story("clear_dma_ff is forgotten", "dma-channel-setup",
                        bench -> program(bench, FREE, "flip"), bench -> program(bench, FREE, "")),
                new Story("the count changes under a transfer", "dma-channel-setup",
                        bench -> changeWhileEnabled(bench, false), bench -> changeWhileEnabled(bench, true)),
                new Story("a buffer across 64 KiB", "dma-boundary-crossed",
                        bench -> across64KiB(bench, 0xf000), bench -> across64KiB(bench, 0xe000)),
                new Story("a count beyond the buffer", "dma-bad-buffer",
                        bench -> countBeyondTheBuffer(bench, 8192), bench -> countBeyondTheBuffer(bench, 4096)),
                new Story("a channel into the kernel's own memory", "dma-bad-buffer",
                        bench -> intoTheKernel(bench, true), bench -> intoTheKernel(bench, false)),
                new Story("coherent memory freed with another size", "dma-wrong-free",
                        bench -> freeCoherent(bench, 4096, 0), bench -> freeCoherent(bench, 3000, 0)),
                new Story("coherent memory freed with a wrong handle", "dma-wrong-free",
                        bench -> freeCoherent(bench, 3000, 64), bench -> freeCoherent(bench, 3000, 0)),
                new Story("coherent memory freed with interrupts off", "sleep-in-atomic",
                        bench -> freeCoherentWithIrqsOff(bench, true),
                        bench -> freeCoherentWithIrqsOff(bench, false)),
                new Story("a sync past the end", "dma-wrong-sync",
                        bench -> sync(bench, 300, Bench.FROM), bench -> sync(bench, 256, Bench.FROM)),
                new Story("a sync in the other direction", "dma-wrong-sync",
                        bench -> sync(bench, 256, Bench.TO), bench -> sync(bench, 256, Bench.FROM)),
                new Story("a freed object is mapped", "dma-bad-buffer",
                        bench -> mapAFreeObject(bench, true), bench -> mapAFreeObject(bench, false)));
    }
}
