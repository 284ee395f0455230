package ferrite.board.corpus;

import ferrite.board.corpus.Story.Bench;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.dma.DmaMode;
import java.util.List;

/** Mistakes with memory that devices access. */
final class DmaStories {

    private static final int FROM = Bench.FROM;
    private static final int TO = Bench.TO;
    /** A channel that no driver of the board has. */
    private static final int CHANNEL = 3;

    private DmaStories() { }

    /** What a story does between the set-up of two buffers and its undoing. */
    private interface Transfer {
        void run(long source, long to);
    }

    /**
     * Makes two buffers of these bytes, maps the first one for reading, lets a story transfer from it to the second
     * one, and undoes all.
     */
    private static void between(Bench bench, int bytes, Transfer transfer) {
        long from = bench.buffer(bytes);
        long to = bench.buffer(bytes);
        long source = bench.map(from, bytes, TO);
        transfer.run(source, to);
        bench.unmap(source, bytes, TO);
        bench.kernel.kfree(to);
        bench.kernel.kfree(from);
    }

    /** Copies all 512 bytes to a target that is mapped with this length and direction. */
    private static void copy(Bench bench, int mapped, int direction) {
        between(bench, 512, (source, to) -> {
            long target = bench.map(to, mapped, direction);
            bench.copy(target, source, 512);
            bench.unmap(target, mapped, direction);
        });
    }

    private static void unmapFirst(Bench bench, boolean early) {
        between(bench, 256, (source, to) -> {
            long target = bench.map(to, 256, FROM);
            if (early) {
                bench.unmap(target, 256, FROM);
            }
            bench.copy(target, source, 256);
            if (!early) {
                bench.unmap(target, 256, FROM);
            }
        });
    }

    private static void givePhysical(Bench bench, boolean mapped) {
        between(bench, 128, (source, to) -> {
            long target = mapped ? bench.map(to, 128, FROM) : bench.kernel.virtToPhys(to);
            bench.copy(target, source, 128);
            if (mapped) {
                bench.unmap(target, 128, FROM);
            }
        });
    }

    private static void forgetTheTarget(Bench bench, boolean forgets) {
        between(bench, 64, (source, to) -> {
            long target = bench.map(to, 64, FROM);
            bench.copy(forgets ? 0x30_0000 : target, source, 64);
            bench.unmap(target, 64, FROM);
        });
    }

    private static void freeBeforeUnmap(Bench bench, boolean early) {
        long buffer = bench.buffer(1024);
        long mapped = bench.map(buffer, 1024, TO);
        if (early) {
            bench.kernel.kfree(buffer);
        }
        bench.unmap(mapped, 1024, TO);
        if (!early) {
            bench.kernel.kfree(buffer);
        }
    }

    private static void freePagesBeforeUnmap(Bench bench, boolean early) {
        long pages = bench.kernel.__getFreePages(Gfp.GFP_KERNEL, 1);
        long mapped = bench.map(pages, 8192, FROM);
        if (early) {
            bench.kernel.freePages(pages, 1);
        }
        bench.unmap(mapped, 8192, FROM);
        if (!early) {
            bench.kernel.freePages(pages, 1);
        }
    }

    private static void readBeforeSync(Bench bench, boolean early) {
        between(bench, 256, (source, to) -> {
            long target = bench.map(to, 256, FROM);
            bench.copy(target, source, 256);
            if (!early) {
                bench.kernel.dmaSyncSingleForCpu(bench.dev(), target, 256, FROM);
            }
            bench.load(to + 128);
            if (!early) {
                bench.kernel.dmaSyncSingleForDevice(bench.dev(), target, 256, FROM);
            }
            bench.unmap(target, 256, FROM);
            bench.load(to);
        });
    }

    private static void useMoreThanCame(Bench bench, int used) {
        between(bench, 256, (source, to) -> {
            long packet = bench.kernel.kmalloc(256, Gfp.GFP_KERNEL);
            long target = bench.map(packet, 256, FROM);
            bench.copy(target, source, 100);
            bench.unmap(target, 256, FROM);
            for (int at = 0; at < used; at += 4) {
                bench.store(to + at, bench.load(packet + at));
            }
            bench.kernel.kfree(packet);
        });
    }

    private static void sendReservedFields(Bench bench, boolean zeroed) {
        between(bench, 64, (source, to) -> {
            long command = bench.kernel.kmalloc(64, Gfp.GFP_KERNEL);
            bench.store(command, 7);
            for (int field = 4; zeroed && field < 64; field += 4) {
                bench.store(command + field, 0);
            }
            long mapped = bench.map(command, 64, TO);
            long target = bench.map(to, 64, FROM);
            bench.copy(target, mapped, 64);
            bench.unmap(target, 64, FROM);
            bench.unmap(mapped, 64, TO);
            bench.kernel.kfree(command);
        });
    }

    /** The story of a byte that is synced, with its line, and written. */
    private static void writeASyncedByte(Bench bench, boolean synced) {
        long buffer = bench.buffer(256);
        long mapped = bench.map(buffer, 256, DmaDirection.DMA_BIDIRECTIONAL);
        if (synced) {
            bench.kernel.dmaSyncSingleForCpu(bench.dev(), mapped, 4, DmaDirection.DMA_BIDIRECTIONAL);
        }
        bench.store(buffer, 1);
        if (synced) {
            bench.kernel.dmaSyncSingleForDevice(bench.dev(), mapped, 4, DmaDirection.DMA_BIDIRECTIONAL);
        }
        bench.unmap(mapped, 256, DmaDirection.DMA_BIDIRECTIONAL);
        bench.kernel.kfree(buffer);
    }

    private static void countInTheSameLine(Bench bench, int header) {
        between(bench, 64, (source, to) -> {
            long request = bench.buffer(128);
            long target = bench.map(request + header, 64, FROM);
            bench.store(request, bench.load(request) + 1);
            bench.copy(target, source, 64);
            bench.unmap(target, 64, FROM);
            bench.kernel.kfree(request);
        });
    }

    private static void fillAfterMap(Bench bench, boolean late) {
        long buffer = bench.buffer(256);
        if (!late) {
            bench.store(buffer + 4, 0x1234);
        }
        long mapped = bench.map(buffer, 256, TO);
        if (late) {
            bench.store(buffer + 4, 0x1234);
        }
        bench.load(buffer + 4);
        bench.unmap(mapped, 256, TO);
        bench.kernel.kfree(buffer);
    }

    private static void mapMoreThanAllocated(Bench bench, int allocated) {
        between(bench, allocated, (source, to) -> {
            long target = bench.map(to, 100, FROM);
            bench.copy(target, source, Math.min(allocated, 100));
            bench.unmap(target, 100, FROM);
        });
    }

    private static void blockFreedTooEarly(Bench bench, boolean early) {
        long handle = bench.buffer(4);
        long from = bench.buffer(64);
        long pool = bench.kernel.dmaPoolCreate("rings", bench.dev(), 64, 64, 0);
        long block = bench.kernel.dmaPoolAlloc(pool, Gfp.GFP_KERNEL, handle);
        long dma = bench.load(handle) & 0xffff_ffffL;
        long source = bench.map(from, 64, TO);
        if (early) {
            bench.kernel.dmaPoolFree(pool, block, dma);
        }
        bench.copy(dma, source, 64);
        if (!early) {
            bench.kernel.dmaPoolFree(pool, block, dma);
        }
        bench.unmap(source, 64, TO);
        bench.kernel.dmaPoolDestroy(pool);
        bench.kernel.kfree(from);
        bench.kernel.kfree(handle);
    }

    private static void neverAsked(Bench bench, boolean asks) {
        between(bench, 64, (source, to) -> {
            long target = bench.kernel.dmaMapSingle(bench.dev(), to, 64, FROM);
            if (asks && bench.kernel.dmaMappingError(bench.dev(), target) != 0) {
                return;
            }
            bench.copy(target, source, 64);
            bench.unmap(target, 64, FROM);
        });
    }

    private static void coherentAfterFree(Bench bench, boolean early) {
        givePhysical(bench, true);                     // the engine has what it needs
        long handle = bench.buffer(4);
        long from = bench.buffer(64);
        long ring = bench.kernel.dmaAllocCoherent(bench.dev(), 4096, handle, Gfp.GFP_KERNEL);
        long dma = bench.load(handle) & 0xffff_ffffL;
        long source = bench.map(from, 64, TO);
        if (early) {
            bench.kernel.dmaFreeCoherent(bench.dev(), 4096, ring, dma);
        }
        bench.copy(dma + 64, source, 64);
        if (!early) {
            bench.kernel.dmaFreeCoherent(bench.dev(), 4096, ring, dma);
        }
        bench.unmap(source, 64, TO);
        bench.kernel.kfree(from);
        bench.kernel.kfree(handle);
    }

    private static void readDuringACopy(Bench bench, boolean early) {
        long handle = bench.buffer(4);
        long timer = bench.buffer(64);
        long result = bench.kernel.dmaAllocCoherent(bench.dev(), 16 << 10, handle, Gfp.GFP_KERNEL);
        long target = bench.load(handle) & 0xffff_ffffL;
        between(bench, 16 << 10, (source, to) -> {
            bench.copy(target, source, 64);            // now the engine has its descriptors
            if (early) {
                bench.interruptIn(data -> bench.load(result + 8192), timer, 20);
            }
            bench.copy(target, source, 16 << 10);
            if (!early) {
                bench.interruptIn(data -> bench.load(result + 8192), timer, 20);
                bench.kernel.usleepRange(40, 60);
            }
            bench.kernel.hrtimerCancel(timer);
        });
        bench.kernel.dmaFreeCoherent(bench.dev(), 16 << 10, result, target);
        bench.free(handle, timer);
    }

    // ---- the ISA controller ----

    private static int claim(Bench bench, long buffer, int bytes) {
        bench.kernel.requestDma(CHANNEL, "corpus");
        int flags = bench.kernel.claimDmaLock();
        bench.kernel.disableDma(CHANNEL);
        bench.kernel.clearDmaFf(CHANNEL);
        bench.kernel.setDmaMode(CHANNEL, DmaMode.DMA_MODE_READ);
        bench.kernel.setDmaAddr(CHANNEL, bench.kernel.virtToPhys(buffer));
        bench.kernel.setDmaCount(CHANNEL, bytes);
        bench.kernel.enableDma(CHANNEL);
        bench.kernel.releaseDmaLock(flags);
        return flags;
    }

    private static void stop(Bench bench) {
        int flags = bench.kernel.claimDmaLock();
        bench.kernel.disableDma(CHANNEL);
        bench.kernel.releaseDmaLock(flags);
        bench.kernel.freeDma(CHANNEL);
    }

    private static void freeUnderAChannel(Bench bench, boolean early) {
        long buffer = bench.kernel.kmalloc(4096, Gfp.GFP_KERNEL | Gfp.GFP_DMA);
        claim(bench, buffer, 4096);
        if (early) {
            bench.kernel.kfree(buffer);
        }
        stop(bench);
        if (!early) {
            bench.kernel.kfree(buffer);
        }
    }

    private static void readUnderAChannel(Bench bench, boolean early) {
        long buffer = bench.kernel.kzalloc(512, Gfp.GFP_KERNEL | Gfp.GFP_DMA);
        claim(bench, buffer, 512);
        if (early) {
            bench.load(buffer);
        }
        stop(bench);
        bench.load(buffer);
        bench.kernel.kfree(buffer);
    }

    static List<Story> all() {
        return List.of(
                new Story("more bytes are used than came", "dma-unwritten", bench -> useMoreThanCame(bench, 256),
                        bench -> useMoreThanCame(bench, 100)),
                new Story("reserved fields of a command are sent unwritten", "dma-uninitialized",
                        bench -> sendReservedFields(bench, false), bench -> sendReservedFields(bench, true)),
                new Story("a word is written without a sync", "dma-cpu-access",
                        bench -> writeASyncedByte(bench, false), bench -> writeASyncedByte(bench, true)),
                new Story("a counter in the cache line of the device's buffer", "dma-shared-line",
                        bench -> countInTheSameLine(bench, 16), bench -> countInTheSameLine(bench, 64)),
                new Story("the device goes past the end of a mapping", "dma-stray-access",
                        bench -> copy(bench, 256, FROM), bench -> copy(bench, 512, FROM)),
                new Story("the target is mapped for reading", "dma-stray-access",
                        bench -> copy(bench, 512, TO), bench -> copy(bench, 512, FROM)),
                new Story("unmapped before the copy", "dma-stray-access",
                        bench -> unmapFirst(bench, true), bench -> unmapFirst(bench, false)),
                new Story("a physical address instead of a mapping", "dma-stray-access",
                        bench -> givePhysical(bench, false), bench -> givePhysical(bench, true)),
                new Story("a constant instead of the mapping's address", "dma-stray-access",
                        bench -> forgetTheTarget(bench, true), bench -> forgetTheTarget(bench, false)),
                new Story("kfree before the unmap", "dma-freed-in-use",
                        bench -> freeBeforeUnmap(bench, true), bench -> freeBeforeUnmap(bench, false)),
                new Story("free_pages before the unmap", "dma-freed-in-use",
                        bench -> freePagesBeforeUnmap(bench, true), bench -> freePagesBeforeUnmap(bench, false)),
                new Story("the result is read before the sync", "dma-cpu-access",
                        bench -> readBeforeSync(bench, true), bench -> readBeforeSync(bench, false)),
                new Story("the buffer is filled after the map", "dma-cpu-access",
                        bench -> fillAfterMap(bench, true), bench -> fillAfterMap(bench, false)),
                new Story("the mapping is longer than the object", "dma-bad-buffer",
                        bench -> mapMoreThanAllocated(bench, 64), bench -> mapMoreThanAllocated(bench, 100)),
                new Story("a pool block is freed while the device writes it", "dma-freed-memory",
                        bench -> blockFreedTooEarly(bench, true), bench -> blockFreedTooEarly(bench, false)),
                new Story("dma_mapping_error is forgotten", "dma-error-unchecked",
                        bench -> neverAsked(bench, false), bench -> neverAsked(bench, true)),
                new Story("coherent memory is freed while the device writes it", "dma-stray-access",
                        bench -> coherentAfterFree(bench, true), bench -> coherentAfterFree(bench, false)),
                new Story("coherent memory is read while a copy fills it", "dma-cpu-access",
                        bench -> readDuringACopy(bench, true), bench -> readDuringACopy(bench, false)),
                new Story("kfree while a channel is enabled on the buffer", "dma-freed-in-use",
                        bench -> freeUnderAChannel(bench, true), bench -> freeUnderAChannel(bench, false)),
                new Story("the buffer of a channel is read before its end", "dma-cpu-access",
                        bench -> readUnderAChannel(bench, true), bench -> readUnderAChannel(bench, false)));
    }
}
