package ferrite.board.corpus;

import ferrite.board.corpus.Story.Bench;
import ferrite.board.layout.FerriteLayout;
import ferrite.kernel.base.Gfp;
import java.util.List;

/** Mistakes with the order of stores to memory and to registers. The copy engine reads a descriptor. */
final class OrderStories {

    private static final int DESCRIPTOR = 0x08;
    private static final int COMMAND = 0x0c;
    private static final int START = 1;
    private static final int BYTES = 64;

    private OrderStories() { }

    /** Writes to a register. */
    private interface Doorbell {
        void ring(Bench bench, long register);
    }

    static List<Story> all() {
        return List.of(
                story("the doorbell is rung with writel_relaxed",
                        (bench, register) -> bench.kernel.writelRelaxed(START, register),
                        (bench, register) -> bench.kernel.writel(START, register)),
                story("dma_wmb before the doorbell", (bench, register) -> {
                    bench.kernel.dmaWmb();
                    bench.kernel.writelRelaxed(START, register);
                }, (bench, register) -> {
                    bench.kernel.wmb();
                    bench.kernel.writelRelaxed(START, register);
                }),
                story("the doorbell is a plain store",
                        (bench, register) -> bench.kernel.memory().store32(register, START),
                        (bench, register) -> bench.kernel.iowrite32(START, register)),
                story("a register is read before the doorbell", (bench, register) -> {
                    bench.kernel.readl(register - COMMAND);
                    bench.kernel.writelRelaxed(START, register);
                }, (bench, register) -> {
                    bench.kernel.readl(register - COMMAND);
                    bench.kernel.mb();
                    bench.kernel.writelRelaxed(START, register);
                }));
    }

    private static Story story(String name, Doorbell wrong, Doorbell right) {
        return new Story(name, "missing-barrier", bench -> copy(bench, wrong), bench -> copy(bench, right));
    }

    /** Copies by a descriptor in coherent memory, whose address the engine knows before the descriptor is written. */
    private static void copy(Bench bench, Doorbell doorbell) {
        long handle = bench.buffer(4);
        long from = bench.buffer(BYTES);
        long to = bench.buffer(BYTES);
        long source = bench.map(from, BYTES, Bench.TO);
        long target = bench.map(to, BYTES, Bench.FROM);
        long registers = bench.kernel.ioremap(FerriteLayout.COPIER, FerriteLayout.COPIER_BYTES);
        long descriptor = bench.kernel.dmaAllocCoherent(bench.dev(), 4096, handle, Gfp.GFP_KERNEL);
        bench.kernel.writel(bench.load(handle), registers + DESCRIPTOR);
        bench.kernel.memory().store32(descriptor, (int) source);
        bench.kernel.memory().store32(descriptor + 4, (int) target);
        bench.kernel.memory().store32(descriptor + 8, BYTES);
        doorbell.ring(bench, registers + COMMAND);
        bench.awaitSet(descriptor + 16);
        bench.kernel.dmaFreeCoherent(bench.dev(), 4096, descriptor, bench.load(handle) & 0xffff_ffffL);
        bench.kernel.iounmap(registers);
        bench.unmap(target, BYTES, Bench.FROM);
        bench.unmap(source, BYTES, Bench.TO);
        bench.free(to, from, handle);
    }
}
