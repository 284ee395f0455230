package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class KmallocTest {

    /** The largest request of each size class (LDD3 page 214, and Linux's 96 and 192). */
    private static final int[] CLASSES = {8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192};
    private static final int[] FLAGS = {Gfp.GFP_KERNEL, Gfp.GFP_ATOMIC, Gfp.GFP_KERNEL | Gfp.GFP_DMA, Gfp.GFP_KERNEL | Gfp.__GFP_ZERO};

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
        return kernel().memMap().head(fixture.peek(), kernel().memMap().virtToPage(va));
    }

    private boolean isSlab(long va) {
        return (fixture.peek().load32(head(va) + PageLayout.FLAGS) & PageLayout.SLAB) != 0;
    }

    private String cacheName(long va) {
        return KmemCache.name(fixture.peek(), fixture.peek().loadAddress(head(va) + PageLayout.SLAB_CACHE));
    }

    private String zone(long va) {
        return Zones.name(kernel().zones().zoneOf(fixture.peek(), kernel().memMap().pageToPfn(head(va))));
    }

    // ---- sizes ----

    @Test
    void aRequestGetsTheSmallestClassThatHoldsIt() {
        fixture.run(() -> {
            int smaller = 0;
            for (int size : CLASSES) {
                String name = "kmalloc-" + (size >= 1024 ? size / 1024 + "k" : Integer.toString(size));
                for (int request : new int[] {smaller + 1, size}) {
                    long object = kernel().kmalloc(request, Gfp.GFP_KERNEL);
                    check(cacheName(object).equals(name), request + " bytes came from " + cacheName(object));
                    long forDma = kernel().kmalloc(request, Gfp.GFP_KERNEL | Gfp.GFP_DMA);
                    check(cacheName(forDma).equals("dma-" + name), request + " bytes for DMA came from " + cacheName(forDma));
                    check(zone(object).equals("Normal") && zone(forDma).equals("DMA"), request + " bytes came from " + zone(object) + " and " + zone(forDma));
                    kernel().kfree(object);
                    kernel().kfree(forDma);
                }
                smaller = size;
            }
        });
    }

    @Test
    void moreThanTheLargestClassComesFromThePageAllocator() {
        fixture.run(() -> {
            for (int size : new int[] {8193, 16384, 16385, 131072, 4 << 20}) {
                long va = kernel().kmalloc(size, Gfp.GFP_KERNEL | Gfp.__GFP_DMA);
                check(va != 0 && va % AddressSpace.PAGE_SIZE == 0 && !isSlab(va), size + " bytes are at " + Long.toHexString(va));
                int order = fixture.peek().load32(head(va) + PageLayout.ORDER);
                check(AddressSpace.PAGE_SIZE << order >= size && AddressSpace.PAGE_SIZE << order - 1 < size, size + " bytes have order " + order);
                check(zone(va).equals("DMA"), size + " bytes for DMA came from " + zone(va));
                kernel().kfree(va);
            }
            check(kernel().kmalloc((4 << 20) + 1, Gfp.GFP_KERNEL) == 0, "more than the largest block");
            check(kernel().kmalloc(Integer.MAX_VALUE, Gfp.GFP_KERNEL) == 0, "2 GiB");
            check(kernel().kmalloc(-1, Gfp.GFP_KERNEL) == 0, "a size that overflowed");
        });
    }

    @Test
    void nothingAtAllIsALegalRequestThatFaultsWhenTouched() {
        fixture.run(() -> {
            long nothing = kernel().kmalloc(0, Gfp.GFP_KERNEL);
            check(nothing == Kmalloc.ZERO_SIZE_PTR, "kmalloc(0) gave " + nothing);
            check(kernel().kzalloc(0, Gfp.GFP_ATOMIC) == nothing, "kzalloc(0)");
            kernel().kfree(nothing);
            kernel().kfree(nothing);
            kernel().kfree(0);
        });
        assertThat(fixture.exitCodeOf(() -> memory().store32(kernel().kmalloc(0, Gfp.GFP_KERNEL), 1))).isEqualTo(139);
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
                    objects[i] = kernel().kmalloc(size, Gfp.GFP_KERNEL);
                    check(objects[i] != 0 && objects[i] % Math.min(Integer.lowestOneBit(size), 8) == 0, "object at " + Long.toHexString(objects[i]));
                    check(Integer.bitCount(size) > 1 || objects[i] % Math.min(size, 4096) == 0, size + " bytes at " + Long.toHexString(objects[i]));
                }
                long[] sorted = objects.clone();
                Arrays.sort(sorted);
                for (int i = 1; i < count; i++) {
                    check(sorted[i] - sorted[i - 1] >= size, "two objects of " + size + " bytes overlap");
                }
                for (long object : objects) {
                    kernel().kfree(object);
                }
            });
        }
    }

    // ---- at random ----

    private record Piece(long va, int size, int pattern) { }

    /** Allocates and frees at random, fills what it has with a pattern, and looks at it again before it gives it back. */
    private void randomly(Random random, Map<Long, Piece> all, int steps, String where) {
        List<Piece> mine = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            if (mine.size() < 40 && random.nextInt(100) < 60 || mine.isEmpty()) {
                allocate(random, all, mine, where);
            } else {
                free(all, mine.remove(random.nextInt(mine.size())), where);
            }
        }
        mine.forEach(piece -> free(all, piece, where));
    }

    private void allocate(Random random, Map<Long, Piece> all, List<Piece> mine, String where) {
        int size = random.nextInt(20) == 0 ? 8193 + random.nextInt(20_000) : 1 + random.nextInt(CLASSES[random.nextInt(CLASSES.length)]);
        int gfp = FLAGS[random.nextInt(FLAGS.length)];
        long va = kernel().kmalloc(size, gfp);
        check(va != 0, "no memory, " + where);
        check((gfp & Gfp.__GFP_DMA) == 0 || kernel().virtToPhys(va) < 16 << 20, "memory for DMA out of its reach, " + where);
        if ((gfp & Gfp.__GFP_ZERO) != 0) {
            check(holds(va, size, 0), "memory is not zeroed, " + where);
        }
        Piece piece = new Piece(va, size, 1 + random.nextInt(255));
        requireApart(all, piece, where);
        all.put(va, piece);
        memory().fill(va, piece.pattern, size);
        mine.add(piece);
    }

    private void requireApart(Map<Long, Piece> all, Piece piece, String where) {
        TreeMap<Long, Piece> sorted = (TreeMap<Long, Piece>) all;
        Map.Entry<Long, Piece> below = sorted.floorEntry(piece.va + piece.size - 1);
        check(below == null || below.getValue().va + below.getValue().size <= piece.va, "two pieces overlap, " + where);
    }

    private void free(Map<Long, Piece> all, Piece piece, String where) {
        check(holds(piece.va, piece.size, piece.pattern), "somebody wrote into a piece of " + piece.size + " bytes, " + where);
        all.remove(piece.va);
        kernel().kfree(piece.va);
    }

    private boolean holds(long va, int size, int pattern) {
        byte[] bytes = new byte[size];
        memory().read(va, bytes, 0, size);
        for (byte b : bytes) {
            if (b != (byte) pattern) {
                return false;
            }
        }
        return true;
    }

    @Test
    void whatIsAllocatedAtRandomIsWholeAndApart() {
        Seed seed = Seed.printed();
        String before = fixture.accounting();
        fixture.run(() -> randomly(seed.random(0), new TreeMap<>(), 4000, seed.replay("one hart")));
        assertThat(fixture.accounting()).as(seed.replay("one hart")).isEqualTo(before);
    }

    /** The handler allocates and frees too: on hart 0, on top of whatever that does at the moment. */
    private final class AllocatingHandler {

        private final Random random;
        private final Map<Long, Piece> all;
        private final List<Piece> mine = new ArrayList<>();
        private int calls;

        AllocatingHandler(Random random, Map<Long, Piece> all) {
            this.random = random;
            this.all = all;
        }

        void handle() {
            calls++;
            if (mine.size() >= 20) {
                freeAll();
                return;
            }
            int size = 1 + random.nextInt(300);
            Piece piece = new Piece(kernel().kmalloc(size, Gfp.GFP_ATOMIC), size, random.nextInt(256));
            check(piece.va != 0, "no memory in the handler");
            requireApart(all, piece, "in the handler");
            all.put(piece.va, piece);
            memory().fill(piece.va, piece.pattern, size);
            mine.add(piece);
        }

        void freeAll() {
            List<Piece> freed = new ArrayList<>(mine);
            mine.clear();
            freed.forEach(piece -> free(all, piece, "the handler's"));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, RR", "1, RANDOM", "4, RR", "4, RANDOM", "4, PCT", "8, RR", "8, RANDOM", "8, PCT"})
    void manyHartsAndAnInterruptHandlerAllocateSideBySide(int harts, Interleavings interleaving) {
        Seed seed = Seed.printed();
        String where = seed.replay(harts + " harts, " + interleaving);
        fixture.close();
        fixture = KernelFixture.options().harts(harts).interleaving(interleaving, seed.value()).boot();
        String before = fixture.accounting();
        Map<Long, Piece> all = new TreeMap<>();
        AllocatingHandler handler = new AllocatingHandler(seed.random(99), all);
        fixture.runUnderInterrupts(5000, handler::handle, fixture.onEveryHart(hart -> randomly(seed.random(hart), all, 2400 / harts, where)));
        fixture.run(handler::freeAll);
        assertThat(handler.calls).as("interrupts").isGreaterThan(5);
        assertThat(all).isEmpty();
        assertThat(fixture.accounting()).as(where).isEqualTo(before);
        Frames.freeBlocks(fixture, Zones.DMA);
        Frames.freeBlocks(fixture, Zones.NORMAL);
    }

    // ---- out of memory ----

    @Test
    void whenMemoryIsOutKmallocAnswersZeroAndGoesOnWhenThereIsSome() {
        String before = fixture.accounting();
        fixture.run(() -> {
            List<Long> all = new ArrayList<>();
            for (long va = kernel().kmalloc(4 << 20, Gfp.GFP_KERNEL); va != 0; va = kernel().kmalloc(4 << 20, Gfp.GFP_KERNEL)) {
                all.add(va);
            }
            for (int size : new int[] {65536, 8192, 4096}) {
                for (long va = kernel().kmalloc(size, Gfp.GFP_ATOMIC); va != 0; va = kernel().kmalloc(size, Gfp.GFP_ATOMIC)) {
                    all.add(va);
                }
            }
            check(kernel().kmalloc(4096, Gfp.GFP_KERNEL) == 0 && kernel().kzalloc(8192, Gfp.GFP_KERNEL) == 0, "it was not out of memory after all");
            all.forEach(kernel()::kfree);
        });
        assertThat(fixture.accounting()).isEqualTo(before);
    }
}
