package ferrite.board.corpus;

import ferrite.board.corpus.Story.Bench;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaMode;
import ferrite.kernel.driver.KernelCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** Mistakes and correct code that testers who did not know the checks wrote, and that the checks judged wrongly. */
final class FoundMemoryStories {

    private static final int K = Gfp.GFP_KERNEL;
    private static final int FROM = Bench.FROM;
    private static final int TO = Bench.TO;
    private static final int CHANNEL = 1;

    private FoundMemoryStories() { }

    private static void story(List<Story> all, String name, String rule, Story.Body body) {
        all.add(Story.of(name, rule, body));
    }

    private static long u(int word) {
        return word & 0xffff_ffffL;
    }

    /** Maps a buffer for the engine to read, runs the transfer, and undoes that. */
    private static void from(Bench b, int bytes, LongConsumer transfer) {
        long va = b.buffer(bytes);
        long dma = b.map(va, bytes, TO);
        transfer.accept(dma);
        b.unmap(dma, bytes, TO);
        b.kernel.kfree(va);
    }

    /** Programs a channel; leaves out the step that is named. */
    private static void channel(Bench b, String without) {
        KernelCalls k = b.kernel;
        long buffer = k.kmalloc(1024, K | Gfp.GFP_DMA);
        k.requestDma(CHANNEL, "corpus");
        int flags = k.claimDmaLock();
        k.disableDma(CHANNEL);
        k.clearDmaFf(CHANNEL);
        if (!without.equals("mode")) {
            k.setDmaMode(CHANNEL, DmaMode.DMA_MODE_READ);
        }
        k.setDmaAddr(CHANNEL, k.virtToPhys(buffer));
        if (!without.equals("count")) {
            k.setDmaCount(CHANNEL, 1024);
        }
        k.enableDma(CHANNEL);
        k.disableDma(CHANNEL);
        k.releaseDmaLock(flags);
        k.freeDma(CHANNEL);
        k.kfree(buffer);
    }

    static List<Story> all() {
        List<Story> all = new ArrayList<>();
        first(all);
        second(all);
        third(all);
        return all;
    }

    private static void first(List<Story> all) {
        story(all, "own lines of a kmalloc-192 object", "dma-cpu-access", (b, k, w) -> {
            long[] objects = new long[4];
            for (int i = 0; i < 4; i++) {
                long request = objects[i] = b.buffer(192);
                long dma = b.map(request, 128, FROM);
                b.store(request + (w ? 64 : 128), 1);
                b.unmap(dma, 128, FROM);
            }
            b.free(objects);
        });
        story(all, "written through another address of the page", "dma-unwritten", (b, k, w) -> {
            long page = k.__getFreePage(K);
            long area = k.getVmArea(4096);
            k.ioremapPageRange(area, area + 4096, k.virtToPhys(page), true);
            from(b, 256, source -> {
                long target = b.map(page, 4096, FROM);
                b.copy(target, source, 100);
                b.unmap(target, 4096, FROM);
            });
            if (!w) {
                b.store(area + 200, 1);
            }
            b.load(page + 200);
            k.vfree(area);
            k.freePage(page);
        });
        story(all, "kfree of pages", "invalid-free", (b, k, w) -> {
            long pages = k.__getFreePages(K, 1);
            if (w) {
                k.kfree(pages);
            } else {
                k.freePages(pages, 1);
            }
        });
        story(all, "kfree of coherent memory", "invalid-free", (b, k, w) -> {
            long handle = b.buffer(4);
            long ring = k.dmaAllocCoherent(b.dev(), 8192, handle, K);
            if (w) {
                k.kfree(ring);
            } else {
                k.dmaFreeCoherent(b.dev(), 8192, ring, u(b.load(handle)));
            }
            k.kfree(handle);
        });
        story(all, "free_pages of coherent memory", "page-bad-free", (b, k, w) -> {
            long handle = b.buffer(4);
            long ring = k.dmaAllocCoherent(b.dev(), 4096, handle, K);
            if (w) {
                k.freePages(ring, 0);
            } else {
                k.dmaFreeCoherent(b.dev(), 4096, ring, u(b.load(handle)));
            }
            k.kfree(handle);
        });
        story(all, "past the end that krealloc made", "object-overrun", (b, k, w) -> {
            long table = b.buffer(60);
            table = k.krealloc(table, 36, K);
            b.store(table + 4L * (w ? 14 : 8), 1);
            k.kfree(table);
        });
        story(all, "mapped past the end that krealloc made", "dma-bad-buffer", (b, k, w) -> {
            long buffer = k.krealloc(b.buffer(128), 64, K);
            int bytes = w ? 128 : 64;
            b.unmap(b.map(buffer, bytes, TO), bytes, TO);
            k.kfree(buffer);
        });
    }

    private static void second(List<Story> all) {
        story(all, "past a large kmalloc", "object-overrun", (b, k, w) -> {
            long large = k.kmalloc(300_000, K);
            b.store(large + (w ? 300_000 : 299_996), 1);
            k.kfree(large);
        });
        story(all, "past a per-CPU variable", "object-overrun", (b, k, w) -> {
            long var = k.allocPercpu(16);
            long mine = k.getCpuVar(var);
            b.store(mine + (w ? 16 : 12), 1);
            k.putCpuVar();
            k.freePercpu(var);
        });
        story(all, "a per-CPU variable after its free", "use-after-free", (b, k, w) -> {
            long var = k.allocPercpu(16);
            k.preemptDisable();
            long mine = k.thisCpuPtr(var);
            if (w) {
                k.freePercpu(var);
            }
            b.store(mine, 1);
            k.preemptEnable();
            if (!w) {
                k.freePercpu(var);
            }
        });
        story(all, "vmalloc memory is read while its page is mapped", "dma-cpu-access", (b, k, w) -> {
            long area = k.vzalloc(4096);
            long dma = k.dmaMapPage(b.dev(), k.vmallocToPage(area), 0, 4096, FROM);
            if (k.dmaMappingError(b.dev(), dma) != 0) {
                return;
            }
            if (w) {
                b.load(area + 64);
            }
            k.dmaUnmapPage(b.dev(), dma, 4096, FROM);
            b.load(area + 64);
            k.vfree(area);
        });
        story(all, "a command is changed and sent without sync_for_device", "dma-stray-access", (b, k, w) -> {
            long command = b.buffer(256);
            long to = b.buffer(256);
            long source = b.map(command, 256, TO);
            long target = b.map(to, 256, FROM);
            b.copy(target, source, 256);
            k.dmaSyncSingleForCpu(b.dev(), source, 256, TO);
            b.store(command, 2);
            if (!w) {
                k.dmaSyncSingleForDevice(b.dev(), source, 256, TO);
            }
            b.copy(target, source, 256);
            b.unmap(target, 256, FROM);
            b.unmap(source, 256, TO);
            b.free(command, to);
        });
        story(all, "the driver writes past its coherent memory", "object-overrun", (b, k, w) -> {
            long handle = b.buffer(4);
            long ring = k.dmaAllocCoherent(b.dev(), 3000, handle, K);
            b.store(ring + (w ? 3000 : 2996), 1);
            k.dmaFreeCoherent(b.dev(), 3000, ring, u(b.load(handle)));
            k.kfree(handle);
        });
        story(all, "coherent memory is mapped too", "dma-overlap", (b, k, w) -> {
            long handle = b.buffer(4);
            long ring = k.dmaAllocCoherent(b.dev(), 4096, handle, K);
            if (w) {
                b.unmap(b.map(ring, 4096, FROM), 4096, FROM);
            }
            k.dmaFreeCoherent(b.dev(), 4096, ring, u(b.load(handle)));
            k.kfree(handle);
        });
    }

    private static void third(List<Story> all) {
        story(all, "the device goes on into the next block of a pool", "dma-stray-access", (b, k, w) -> {
            long handle = b.buffer(8);
            long pool = k.dmaPoolCreate("rx", b.dev(), 64, 64, 0);
            long one = k.dmaPoolAlloc(pool, K, handle);
            long two = k.dmaPoolAlloc(pool, K, handle + 4);
            long first = Math.min(u(b.load(handle)), u(b.load(handle + 4)));
            from(b, 128, source -> b.copy(first, source, w ? 96 : 64));
            k.dmaPoolFree(pool, two, u(b.load(handle + 4)));
            k.dmaPoolFree(pool, one, u(b.load(handle)));
            k.dmaPoolDestroy(pool);
            k.kfree(handle);
        });
        story(all, "two mappings in a cache line", "dma-shared-line", (b, k, w) -> {
            long buffer = b.buffer(256);
            long second = buffer + (w ? 32 : 128);
            long one = b.map(buffer, 32, FROM);
            long two = b.map(second, 32, FROM);
            from(b, 32, source -> {
                b.copy(one, source, 32);
                b.unmap(one, 32, FROM);
                b.load(buffer);
                b.copy(two, source, 32);
            });
            b.unmap(two, 32, FROM);
            b.load(second);
            k.kfree(buffer);
        });
        story(all, "set_dma_mode is forgotten", "dma-channel-setup", (b, k, w) ->
            channel(b, w ? "mode" : ""));
        story(all, "set_dma_count is forgotten", "dma-channel-setup", (b, k, w) ->
            channel(b, w ? "count" : ""));
        story(all, "a large kmalloc is freed twice", "double-free", (b, k, w) -> {
            long large = k.kmalloc(300_000, K);
            k.kfree(large);
            if (w) {
                k.kfree(large);
            }
        });
    }
}
