package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BuddyAllocatorTest {

    private static final int[] FLAGS = {Gfp.GFP_KERNEL, Gfp.GFP_ATOMIC, Gfp.GFP_DMA, Gfp.GFP_KERNEL | Gfp.GFP_DMA,
        Gfp.GFP_ATOMIC | Gfp.__GFP_DMA, Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, Gfp.GFP_ATOMIC | Gfp.__GFP_ZERO,
        Gfp.GFP_KERNEL | Gfp.__GFP_HIGHMEM};
    private static final int MAX_ZEROED = 3;

    private record Block(long page, int zone, int order) { }

    private KernelFixture fixture;
    private BuddyAllocator pages;
    private MemMap memMap;
    private KernelMemory memory;

    @BeforeEach
    void boot() {
        fixture = KernelFixture.options().ram(32 << 20).boot();
        pages = fixture.kernel().mm().pages();
        memMap = fixture.kernel().mm().memMap();
        memory = fixture.memory();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private int zoneOf(long page) {
        return fixture.kernel().mm().zones().zoneOf(fixture.peek(), memMap.pageToPfn(page));
    }

    private long free(int zone) {
        return fixture.kernel().mm().zones().free(fixture.peek(), zone);
    }

    private int min(int zone) {
        return (int) ZoneLayout.WATERMARK_MIN.get(fixture.peek(), fixture.kernel().mm().zones().record(zone));
    }

    private int reserveInDma() {
        return (int) ZoneLayout.LOWMEM_RESERVE.get(fixture.peek(),
                fixture.kernel().mm().zones().record(Zones.DMA), Zones.NORMAL);
    }

    // ---- against the model ----

    @Test
    void doesAtRandomWhatAPlainModelDoes() {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 3; round++) {
            String before = fixture.proc("buddyinfo");
            Random random = seed.random(round);
            String where = seed.replay("round " + round);
            fixture.run(() -> randomly(random, where));
            assertThat(fixture.proc("buddyinfo")).as(where).isEqualTo(before);
            Frames frames = Frames.of(fixture);
            assertThat(frames.free).as(where).containsExactly(free(Zones.DMA), free(Zones.NORMAL), 0);
        }
    }

    /** Allocates more than it frees, then frees more than it allocates, and at last frees everything. */
    private void randomly(Random random, String where) {
        BuddyModel model = new BuddyModel(fixture);
        List<Block> blocks = new ArrayList<>();
        int steps = 3000;
        int failed = 0;
        for (int step = 0; step < steps; step++) {
            boolean allocate = random.nextInt(100) < (step < steps / 2 ? 70 : 40);
            if (allocate || blocks.isEmpty()) {
                failed += allocate(model, blocks, random, where + " step " + step) ? 0 : 1;
            } else {
                free(model, blocks, random);
            }
            if (step % 250 == 0) {
                compare(model, where + " step " + step);
            }
        }
        check(failed > 0, "memory never ran out, " + where);
        while (!blocks.isEmpty()) {
            free(model, blocks, random);
        }
        compare(model, where + " end");
    }

    private boolean allocate(BuddyModel model, List<Block> blocks, Random random, String where) {
        int gfp = FLAGS[random.nextInt(FLAGS.length)];
        boolean zeroed = (gfp & Gfp.__GFP_ZERO) != 0;
        int order = Math.min(random.nextInt(Zones.MAX_ORDER),
                random.nextInt(zeroed ? MAX_ZEROED + 1 : Zones.MAX_ORDER));
        int zone = model.zoneFor(gfp, order);
        long page = pages.allocPages(gfp, order);
        if (zone < 0) {
            check(page == 0, "the allocation had to fail, " + where);
            return false;
        }
        check(page != 0, "the allocation failed, " + where);
        check(zoneOf(page) == zone, "the block had to come from zone " + Zones.name(zone) + ", " + where);
        model.take(zone, memMap.pageToPfn(page), order);
        if (zeroed) {
            checkZeroed(page, order, where);
        }
        scribble(page, order);
        blocks.add(new Block(page, zone, order));
        return true;
    }

    private void free(BuddyModel model, List<Block> blocks, Random random) {
        Block block = blocks.remove(random.nextInt(blocks.size()));
        pages.freePages(block.page, block.order);
        pages.pageSets().drainAll();
        model.giveBack(block.zone, memMap.pageToPfn(block.page), block.order);
    }

    private void compare(BuddyModel model, String where) {
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            check(Frames.freeBlocks(fixture, zone).equals(model.free(zone)),
                    "other blocks of zone " + Zones.name(zone) + " are free than in the model, " + where);
        }
    }

    private void checkZeroed(long page, int order, String where) {
        byte[] bytes = new byte[AddressSpace.PAGE_SIZE << order];
        memory.read(memMap.pageAddress(page), bytes, 0, bytes.length);
        check(Arrays.equals(bytes, new byte[bytes.length]), "the block is not zeroed, " + where);
    }

    /** Writes into every page. */
    private void scribble(long page, int order) {
        for (int i = 0; i < 1 << order; i++) {
            long va = memMap.pageAddress(page) + (long) i * AddressSpace.PAGE_SIZE;
            memory.store32(va, -1);
            memory.store32(va + AddressSpace.PAGE_SIZE - 4, -1);
        }
    }

    // ---- splitting and merging ----

    @Test
    void aFreedBuddyMergesOnlyWithItsOwnPair() {
        fixture.run(() -> {
            long block = pages.allocPages(Gfp.GFP_KERNEL, 2);
            pages.freePages(block, 2);
            long[] single = new long[4];
            long pfn = memMap.pageToPfn(block);
            for (int i = 0; i < 4; i++) {
                single[i] = allocateAt(pfn + i);
            }
            pages.freePages(single[1], 0);
            pages.freePages(single[2], 0);
            pages.pageSets().drainAll();
            check(Frames.freeBlocks(fixture, Zones.NORMAL).get(pfn + 1) == 0, "frame 1 merged");
            check(Frames.freeBlocks(fixture, Zones.NORMAL).get(pfn + 2) == 0,
                    "frame 2 merged, but it is no buddy of frame 1");
            pages.freePages(single[0], 0);
            pages.pageSets().drainAll();
            check(Frames.freeBlocks(fixture, Zones.NORMAL).get(pfn) == 1, "frames 0 and 1 did not merge");
            check(Frames.freeBlocks(fixture, Zones.NORMAL).get(pfn + 2) == 0, "frame 2 merged with another pair");
            pages.freePages(single[3], 0);
            pages.pageSets().drainAll();
            check(!Frames.freeBlocks(fixture, Zones.NORMAL).containsKey(pfn + 2), "the pairs did not merge");
        });
    }

    /** Allocates single pages until the wanted frame comes, and frees the others. */
    private long allocateAt(long pfn) {
        List<Long> others = new ArrayList<>();
        long page = pages.allocPages(Gfp.GFP_KERNEL, 0);
        while (memMap.pageToPfn(page) != pfn) {
            check(page != 0, "frame " + pfn + " never came");
            others.add(page);
            page = pages.allocPages(Gfp.GFP_KERNEL, 0);
        }
        others.forEach(other -> pages.freePages(other, 0));
        return page;
    }

    @Test
    void anOrderOutsideZeroToTenIsRefused() {
        fixture.run(() -> {
            check(pages.allocPages(Gfp.GFP_KERNEL, 11) == 0, "order 11");
            check(pages.allocPages(Gfp.GFP_KERNEL, -1) == 0, "order -1");
            long largest = pages.allocPages(Gfp.GFP_KERNEL, 10);
            check(largest != 0, "order 10");
            pages.freePages(largest, 10);
        });
    }

    // ---- zones, watermarks, reserves ----

    private List<Long> takeAllSinglePages(int gfp) {
        List<Long> taken = new ArrayList<>();
        for (long page = pages.allocPages(gfp, 0); page != 0; page = pages.allocPages(gfp, 0)) {
            taken.add(page);
        }
        return taken;
    }

    private void giveBack(List<Long> taken) {
        taken.forEach(page -> pages.freePages(page, 0));
    }

    @Test
    void whatNormalCannotGiveComesFromDmaWhichKeepsItsReserve() {
        String before = fixture.proc("buddyinfo");
        fixture.run(() -> {
            List<Long> taken = takeAllSinglePages(Gfp.GFP_KERNEL);
            check(zoneOf(taken.get(0)) == Zones.NORMAL, "the first page is not from Normal");
            check(zoneOf(taken.get(taken.size() - 1)) == Zones.DMA, "the last page is not from DMA");
            check(reserveInDma() > 0, "this machine has no reserve to test with");
            check(free(Zones.NORMAL) == min(Zones.NORMAL), "Normal has " + free(Zones.NORMAL) + " left");
            check(free(Zones.DMA) == min(Zones.DMA) + reserveInDma(), "DMA has " + free(Zones.DMA) + " left");
            giveBack(taken);
        });
        assertThat(fixture.proc("buddyinfo")).isEqualTo(before);
    }

    @Test
    void whoNeedsTheDmaZoneGetsItsReserveAndNothingElse() {
        String before = fixture.proc("buddyinfo");
        fixture.run(() -> {
            long normal = free(Zones.NORMAL);
            List<Long> taken = takeAllSinglePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA);
            check(taken.stream().allMatch(page -> zoneOf(page) == Zones.DMA), "a page is not from DMA");
            check(free(Zones.NORMAL) == normal, "Normal was touched");
            check(free(Zones.DMA) == min(Zones.DMA), "DMA has " + free(Zones.DMA) + " left");
            giveBack(taken);
        });
        assertThat(fixture.proc("buddyinfo")).isEqualTo(before);
    }

    @Test
    void anAtomicAllocationGoesDeeperIntoTheEmergencyReserve() {
        fixture.run(() -> {
            List<Long> kernel = takeAllSinglePages(Gfp.GFP_KERNEL);
            check(free(Zones.NORMAL) == min(Zones.NORMAL), "GFP_KERNEL left " + free(Zones.NORMAL));
            List<Long> nowait = takeAllSinglePages(Gfp.__GFP_KSWAPD_RECLAIM);
            int afterQuarter = min(Zones.NORMAL) - min(Zones.NORMAL) / 4;
            check(free(Zones.NORMAL) == afterQuarter, "an allocation that may not sleep left " + free(Zones.NORMAL));
            List<Long> atomic = takeAllSinglePages(Gfp.GFP_ATOMIC);
            int afterHalf = min(Zones.NORMAL) - min(Zones.NORMAL) / 2;
            check(free(Zones.NORMAL) == afterHalf - afterHalf / 4, "GFP_ATOMIC left " + free(Zones.NORMAL));
            check(!nowait.isEmpty() && !atomic.isEmpty(), "nothing was left to go deeper into");
            giveBack(kernel);
            giveBack(nowait);
            giveBack(atomic);
        });
    }

    @Test
    void aFailedAllocationChangesNothing() {
        fixture.run(() -> {
            List<Long> taken = takeAllSinglePages(Gfp.GFP_ATOMIC);
            taken.addAll(takeAllSinglePages(Gfp.GFP_ATOMIC | Gfp.__GFP_DMA));
            List<Object> before = List.of(Frames.freeBlocks(fixture, Zones.DMA),
                    Frames.freeBlocks(fixture, Zones.NORMAL));
            for (int order = 0; order < Zones.MAX_ORDER; order++) {
                check(pages.allocPages(Gfp.GFP_ATOMIC, order) == 0 && pages.allocPages(Gfp.GFP_KERNEL | Gfp.GFP_DMA,
                        order) == 0 && pages.getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, order) == 0,
                        "order " + order + " did not fail");
            }
            List<Object> after = List.of(Frames.freeBlocks(fixture, Zones.DMA),
                    Frames.freeBlocks(fixture, Zones.NORMAL));
            check(after.equals(before), "a failed allocation changed the free blocks");
            giveBack(taken);
        });
    }

    @Test
    void noSingleBlockMayBeLeftAlthoughThereIsEnoughInPieces() {
        fixture.run(() -> {
            List<Long> taken = takeAllSinglePages(Gfp.GFP_KERNEL | Gfp.GFP_DMA);
            for (long page : taken) {
                if (memMap.pageToPfn(page) % 2 == 0) {
                    pages.freePages(page, 0);
                }
            }
            taken.removeIf(page -> memMap.pageToPfn(page) % 2 == 0);
            check(free(Zones.DMA) > 1000, "too little is free for this test");
            // the pages that are left for emergencies form one block
            int order = Kmalloc.order(((long) min(Zones.DMA) + 1) * AddressSpace.PAGE_SIZE);
            check(pages.allocPages(Gfp.GFP_DMA, order) == 0, "pages in a row came from pages that stand alone");
            giveBack(taken);
        });
    }
}
