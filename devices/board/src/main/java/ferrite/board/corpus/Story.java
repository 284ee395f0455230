package ferrite.board.corpus;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.KernelCalls;
import java.util.function.Consumer;

/**
 * A driver's mistake, and the same code as it should be.
 *
 * @param name  what went wrong, in a few words
 * @param rule  the rule that reports it
 * @param wrong the mistake, in a task
 * @param right the corrected twin
 */
public record Story(String name, String rule, Consumer<Story.Bench> wrong, Consumer<Story.Bench> right) {

    @Override
    public String toString() {
        return name;
    }

    /** The kernel as a story's driver sees it, with the buffers that most stories need. */
    public static final class Bench {

        static final int TO = DmaDirection.DMA_TO_DEVICE;
        static final int FROM = DmaDirection.DMA_FROM_DEVICE;

        final KernelCalls kernel;
        private long dev;

        Bench(KernelCalls kernel) {
            this.kernel = kernel;
        }

        /** The copy engine's device, with its mask set by its driver. */
        long dev() {
            if (dev == 0) {
                dev = kernel.dmaRequestChan();
            }
            return dev;
        }

        long buffer(int bytes) {
            return kernel.kzalloc(bytes, Gfp.GFP_KERNEL);
        }

        /** Maps memory, as careful drivers do. */
        long map(long va, int bytes, int direction) {
            long dma = kernel.dmaMapSingle(dev(), va, bytes, direction);
            if (kernel.dmaMappingError(dev(), dma) != 0) {
                throw new IllegalStateException("not mapped");
            }
            return dma;
        }

        void unmap(long dma, int bytes, int direction) {
            kernel.dmaUnmapSingle(dev(), dma, bytes, direction);
        }

        /** Lets the copy engine copy. */
        int copy(long to, long from, int bytes) {
            return kernel.dmaMemcpy(to, from, bytes);
        }

        int load(long va) {
            return kernel.memory().load32(va);
        }

        void store(long va, int value) {
            kernel.memory().store32(va, value);
        }
    }
}
