package ferrite.board.corpus;

import ferrite.board.corpus.Story.Bench;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaAsyncTxLayout;
import ferrite.kernel.dma.DmaPrep;
import ferrite.kernel.dma.DmaStatus;
import ferrite.kernel.driver.KernelCalls;
import java.util.List;
import java.util.function.LongConsumer;

/** Mistakes with transfers of the copy engine that are in flight. */
final class TransferStories {

    private static final int BYTES = 4096;

    private TransferStories() { }

    static List<Story> all() {
        return List.of(
                story("a buffer is unmapped while a transfer fills it", "dma-in-flight", (flight, wrong) -> {
                    flight.start(data -> { }, 0);
                    if (!wrong) {
                        flight.await();
                    }
                    flight.unmapTarget();
                }),
                story("terminate_async, and the buffer is unmapped", "dma-in-flight", (flight, wrong) -> {
                    flight.start(data -> { }, 0);
                    if (wrong) {
                        flight.kernel.dmaengineTerminateAsync(flight.channel);
                    } else {
                        flight.kernel.dmaengineTerminateSync(flight.channel);
                    }
                    flight.unmapTarget();
                }),
                story("a buffer is freed while a transfer fills it", "dma-freed-in-use", (flight, wrong) -> {
                    flight.start(data -> { }, 0);
                    if (wrong) {
                        flight.bench.free(flight.to);
                        flight.to = 0;
                    }
                    flight.await();
                }),
                story("a buffer is read before its transfer has ended", "dma-cpu-access", (flight, wrong) -> {
                    flight.start(data -> { }, 0);
                    if (wrong) {
                        flight.bench.load(flight.to);
                    }
                    flight.await();
                }),
                Story.of("coherent memory is written while a transfer reads it", "dma-cpu-access",
                        TransferStories::coherent),
                story("terminate_async, and the callback's data is freed", "use-after-free", (flight, wrong) -> {
                    long data = flight.bench.buffer(64);
                    flight.start(param -> flight.bench.store(param, 1), data);
                    flight.kernel.dmaengineTerminateAsync(flight.channel);
                    if (!wrong) {
                        flight.kernel.dmaengineSynchronize(flight.channel);
                    }
                    flight.bench.free(data);
                }),
                story("the callback is set after the submission", "dma-descriptor-use", (flight, wrong) -> {
                    long tx = flight.prepare(DmaPrep.DMA_PREP_INTERRUPT);
                    long callback = flight.bench.callback(data -> { });
                    if (!wrong) {
                        DmaAsyncTxLayout.CALLBACK.set(flight.kernel.memory(), tx, callback);
                    }
                    flight.cookie = flight.kernel.dmaengineSubmit(tx);
                    if (wrong) {
                        DmaAsyncTxLayout.CALLBACK.set(flight.kernel.memory(), tx, callback);
                    }
                    flight.kernel.dmaAsyncIssuePending(flight.channel);
                    flight.await();
                }),
                story("a descriptor is submitted twice", "dma-descriptor-use", (flight, wrong) -> {
                    long tx = flight.prepare(0);
                    flight.cookie = flight.kernel.dmaengineSubmit(tx);
                    if (wrong) {
                        flight.kernel.dmaengineSubmit(tx);
                    }
                    flight.kernel.dmaAsyncIssuePending(flight.channel);
                    flight.await();
                }),
                story("a descriptor is never submitted", "dma-descriptor-use", (flight, wrong) -> {
                    long tx = flight.prepare(0);
                    if (!wrong) {
                        flight.kernel.dmaengineSubmit(tx);
                        flight.kernel.dmaengineTerminateSync(flight.channel);
                    }
                }),
                story("a channel is terminated in its own callback, with a wait", "sleep-in-atomic",
                        (flight, wrong) -> {
                            flight.start(data -> {
                                if (wrong) {
                                    flight.kernel.dmaengineTerminateSync(flight.channel);
                                } else {
                                    flight.kernel.dmaengineTerminateAsync(flight.channel);
                                }
                            }, 0);
                            flight.await();
                        }),
                story("a channel is released with a transfer in flight", "dma-in-flight", (flight, wrong) -> {
                    flight.start(data -> { }, 0);
                    if (!wrong) {
                        flight.await();
                    }
                    flight.kernel.dmaReleaseChannel(flight.channel);
                    flight.channel = 0;
                }),
                story("a channel is used after its release", "use-after-free", (flight, wrong) -> {
                    long channel = flight.channel;
                    if (!wrong) {
                        flight.kernel.dmaAsyncIssuePending(channel);
                    }
                    flight.kernel.dmaReleaseChannel(channel);
                    flight.channel = 0;
                    if (wrong) {
                        flight.kernel.dmaAsyncIssuePending(channel);
                    }
                }));
    }

    /** Two mapped buffers, and a channel. */
    private static final class Flight {

        private final Bench bench;
        private final KernelCalls kernel;
        private long from;
        private long to;
        private long source;
        private long target;
        private long channel;
        private int cookie;

        private Flight(Bench bench) {
            this.bench = bench;
            this.kernel = bench.kernel;
            from = bench.buffer(BYTES);
            to = bench.buffer(BYTES);
            source = bench.map(from, BYTES, Bench.TO);
            target = bench.map(to, BYTES, Bench.FROM);
            channel = kernel.dmaRequestChannel(1 << DmaPrep.DMA_MEMCPY);
        }

        private long prepare(int flags) {
            return kernel.dmaenginePrepDmaMemcpy(channel, target, source, BYTES, flags);
        }

        private void start(LongConsumer callback, long param) {
            long tx = prepare(DmaPrep.DMA_PREP_INTERRUPT);
            DmaAsyncTxLayout.CALLBACK.set(kernel.memory(), tx, bench.callback(callback));
            DmaAsyncTxLayout.CALLBACK_PARAM.set(kernel.memory(), tx, param);
            cookie = kernel.dmaengineSubmit(tx);
            kernel.dmaAsyncIssuePending(channel);
        }

        private void await() {
            while (kernel.dmaAsyncIsTxComplete(channel, cookie) == DmaStatus.DMA_IN_PROGRESS) {
                kernel.usleepRange(10, 20);
            }
            kernel.usleepRange(100, 200);               // and the callback
        }

        private void unmapTarget() {
            bench.unmap(target, BYTES, Bench.FROM);
            target = 0;
        }

        private void end() {
            if (channel != 0) {
                kernel.dmaengineTerminateSync(channel);
                kernel.dmaReleaseChannel(channel);
            }
            if (target != 0) {
                unmapTarget();
            }
            bench.unmap(source, BYTES, Bench.TO);
            bench.free(from, to);
        }
    }

    /** A driver's work between the mapping and the unmapping of its buffers. */
    private interface Middle {
        void run(Flight flight, boolean wrong);
    }

    private static Story story(String name, String rule, Middle middle) {
        return Story.of(name, rule, (bench, kernel, wrong) -> {
            Flight flight = new Flight(bench);
            middle.run(flight, wrong);
            flight.end();
        });
    }

    private static void coherent(Bench bench, KernelCalls kernel, boolean wrong) {
        long handle = bench.buffer(4);
        long memory = kernel.dmaAllocCoherent(bench.dev(), BYTES, handle, Gfp.GFP_KERNEL);
        long dma = bench.load(handle) & 0xffff_ffffL;
        long channel = kernel.dmaRequestChannel(1 << DmaPrep.DMA_MEMCPY);
        int cookie = kernel.dmaengineSubmit(
                kernel.dmaenginePrepDmaMemcpy(channel, dma + BYTES / 2, dma, BYTES / 2, 0));
        kernel.dmaAsyncIssuePending(channel);
        if (wrong) {
            bench.store(memory, 1);
        }
        while (kernel.dmaAsyncIsTxComplete(channel, cookie) == DmaStatus.DMA_IN_PROGRESS) {
            kernel.usleepRange(10, 20);
        }
        bench.store(memory, 1);
        kernel.dmaengineTerminateSync(channel);
        kernel.dmaReleaseChannel(channel);
        kernel.dmaFreeCoherent(bench.dev(), BYTES, memory, dma);
        bench.free(handle);
    }
}
