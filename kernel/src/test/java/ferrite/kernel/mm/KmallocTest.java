package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KmallocTest {

    /** The largest request of each size class (LDD3 page 214, and Linux's 96 and 192). */
    private static final int[] CLASSES = {8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192};
    private static final int[] FLAGS = {Gfp.GFP_KERNEL, Gfp.GFP_ATOMIC, Gfp.GFP_KERNEL | Gfp.GFP_DMA,
            Gfp.GFP_KERNEL | Gfp.__GFP_ZERO};

    private KernelFixture fixture = KernelFixture.small();

    @AfterEach
    void close() {
        fixture.close();
    }

    private Kernel kernel() {
        return fixture.kernel();
    }

    private KernelMemory memory() {
        return fixture.memory();
    }

    private long head(long va) {
        return kernel().mm().memMap().head(fixture.peek(), kernel().mm().memMap().virtToPage(va));
    }

    private boolean isSlab(long va) {
        return (PageLayout.FLAGS.get(fixture.peek(), head(va)) & PageLayout.SLAB) != 0;
    }

    private String cacheName(long va) {
        return SlabView.name(fixture.peek(), PageLayout.SLAB_CACHE.get(fixture.peek(), head(va)));
    }

    private String zone(long va) {
        return Zones.name(kernel().mm().zones().zoneOf(fixture.peek(), kernel().mm().memMap().pageToPfn(head(va))));
    }

    // ---- sizes ----

    @Test
    void aRequestGetsTheSmallestClassThatHoldsIt() {
        fixture.run(() -> {
            int smaller = 0;
            for (int size : CLASSES) {
                String name = "kmalloc-" + (size >= 1024 ? size / 1024 + "k" : Integer.toString(size));
                for (int request : new int[] {smaller + 1, size}) {
                    long object = kernel().calls().kmalloc(request, Gfp.GFP_KERNEL);
                    check(cacheName(object).equals(name), request + " bytes came from " + cacheName(object));
                    long forDma = kernel().calls().kmalloc(request, Gfp.GFP_KERNEL | Gfp.GFP_DMA);
                    check(cacheName(forDma).equals("dma-" + name),
                            request + " bytes for DMA came from " + cacheName(forDma));
                    check(zone(object).equals("Normal") && zone(forDma).equals("DMA"),
                            request + " bytes came from " + zone(object) + " and " + zone(forDma));
                    kernel().calls().kfree(object);
                    kernel().calls().kfree(forDma);
                }
                smaller = size;
            }
        });
    }

    @Test
    void moreThanTheLargestClassComesFromThePageAllocator() {
        fixture.run(() -> {
            for (int size : new int[] {8193, 16384, 16385, 131072, 4 << 20}) {
                long va = kernel().calls().kmalloc(size, Gfp.GFP_KERNEL | Gfp.__GFP_DMA);
                check(va != 0 && va % AddressSpace.PAGE_SIZE == 0 && !isSlab(va),
                        size + " bytes are at " + Long.toHexString(va));
                int order = PageLayout.ORDER.get(fixture.peek(), head(va));
                check(AddressSpace.PAGE_SIZE << order >= size && AddressSpace.PAGE_SIZE << order - 1 < size,
                        size + " bytes have order " + order);
                check(zone(va).equals("DMA"), size + " bytes for DMA came from " + zone(va));
                kernel().calls().kfree(va);
            }
            check(kernel().calls().kmalloc((4 << 20) + 1, Gfp.GFP_KERNEL) == 0, "more than the largest block");
            check(kernel().calls().kmalloc(Integer.MAX_VALUE, Gfp.GFP_KERNEL) == 0, "2 GiB");
            check(kernel().calls().kmalloc(-1, Gfp.GFP_KERNEL) == 0, "a size that overflowed");
        });
    }

    @Test
    void nothingAtAllIsALegalRequestThatFaultsWhenTouched() {
        fixture.run(() -> {
            long nothing = kernel().calls().kmalloc(0, Gfp.GFP_KERNEL);
            check(nothing == Kmalloc.ZERO_SIZE_PTR, "kmalloc(0) returned " + nothing);
            check(kernel().calls().kzalloc(0, Gfp.GFP_ATOMIC) == nothing, "kzalloc(0)");
            kernel().calls().kfree(nothing);
            kernel().calls().kfree(nothing);
            kernel().calls().kfree(0);
        });
        assertThat(fixture.exitCodeOf(() -> memory().store32(kernel().calls().kmalloc(0, Gfp.GFP_KERNEL), 1)))
                .isEqualTo(139);
    }

    @Test
    void anOrderIsThatOfTheSmallestBlockThatHoldsTheBytes() {
        assertThat(List.of(0L, 1L, 4096L, 4097L, 8192L, 8193L, 65536L, 65537L, 4L << 20).stream().map(Kmalloc::order))
                .containsExactly(0, 0, 0, 1, 1, 2, 4, 5, 10);
    }

    @Test
    void objectsOfAClassAreAlignedAndDoNotOverlap() {
        for (int size : CLASSES) {
            fixture.run(() -> {
                int count = Math.min(600, 3 * (32 << 10) / size + 3);
                long[] objects = new long[count];
                for (int i = 0; i < count; i++) {
                    objects[i] = kernel().calls().kmalloc(size, Gfp.GFP_KERNEL);
                    check(objects[i] != 0 && objects[i] % Math.min(Integer.lowestOneBit(size), 8) == 0,
                            "object at " + Long.toHexString(objects[i]));
                    check(Integer.bitCount(size) > 1 || objects[i] % Math.min(size, 4096) == 0,
                            size + " bytes at " + Long.toHexString(objects[i]));
                }
                long[] sorted = objects.clone();
                Arrays.sort(sorted);
                for (int i = 1; i < count; i++) {
                    check(sorted[i] - sorted[i - 1] >= size, "two objects of " + size + " bytes overlap");
                }
                for (long object : objects) {
                    kernel().calls().kfree(object);
                }
            });
        }
    }

    // ---- out of memory ----

    @Test
    void whenMemoryIsOutKmallocAnswersZeroAndGoesOnWhenThereIsSome() {
        String before = fixture.accounting();
        fixture.run(() -> {
            List<Long> all = new ArrayList<>();
            for (long va = kernel().calls().kmalloc(4 << 20, Gfp.GFP_KERNEL); va != 0;
                    va = kernel().calls().kmalloc(4 << 20, Gfp.GFP_KERNEL)) {
                all.add(va);
            }
            for (int size : new int[] {65536, 8192, 4096}) {
                for (long va = kernel().calls().kmalloc(size, Gfp.GFP_ATOMIC); va != 0;
                        va = kernel().calls().kmalloc(size, Gfp.GFP_ATOMIC)) {
                    all.add(va);
                }
            }
            check(kernel().calls().kmalloc(4096, Gfp.GFP_KERNEL) == 0 && kernel().calls().kzalloc(8192,
                    Gfp.GFP_KERNEL) == 0, "it was not out of memory after all");
            all.forEach(kernel().calls()::kfree);
        });
        assertThat(fixture.accounting()).isEqualTo(before);
    }
}
