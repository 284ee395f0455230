package ferrite.board.matrix;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.mm.Zones;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Fills zones, by allocating as a task that reclaims memory may: down to the last page. Task context. The machine is
 * not used for anything else afterwards, so nothing is freed again.
 */
final class ZoneFiller {

    private static final int LARGEST = 10;
    /** Single pages that are taken first: one in two of them is enough to make up the reserve of a zone. */
    private static final int SINGLES = 1024;

    private final Kernel kernel;
    private final KernelCalls calls;

    ZoneFiller(Kernel kernel) {
        this.kernel = kernel;
        this.calls = kernel.calls();
    }

    void fill(Ram ram, Fill fill) {
        switch (fill) {
            case EMPTY -> { }
            case DMA -> exhaust(Zone.DMA, 0);
            case NORMAL -> exhaustNormal();
            case FULL -> nearlyFull(ram);
        }
    }

    /** A block of 2^order pages. */
    private record Block(long page, int order) { }

    /**
     * Takes all pages of the Normal zone. An allocation prefers the DMA zone to the last pages of Normal, and so the
     * DMA zone is exhausted meanwhile.
     */
    private void exhaustNormal() {
        List<Block> dma = exhaust(Zone.DMA, 0);
        exhaust(Zone.NORMAL, 0);
        dma.forEach(block -> calls.__freePages(block.page, block.order));
        kernel.mm().pages().pageSets().drainAll();
    }

    /** Takes all pages of a zone, {@code singles} of them singly. The zones below it are exhausted. */
    private List<Block> exhaust(Zone zone, int singles) {
        KernelMemory memory = calls.memory();
        int flags = TaskLayout.FLAGS.get(memory, kernel.currentTask());
        TaskLayout.FLAGS.set(memory, kernel.currentTask(), flags | TaskLayout.MEMALLOC);
        List<Block> taken = new ArrayList<>();
        for (int i = 0; i < singles; i++) {
            takeInto(taken, zone, 0);
        }
        for (int order = LARGEST; order >= 0; order--) {
            while (takeInto(taken, zone, order)) { }
        }
        TaskLayout.FLAGS.set(memory, kernel.currentTask(), flags);
        long left = kernel.mm().zones().free(kernel.base().peek(), kernelsNumber(zone));
        if (left != 0) {
            throw new IllegalStateException("the zone " + zone + " still has " + left + " free pages");
        }
        return taken;
    }

    private static int kernelsNumber(Zone zone) {
        return zone == Zone.DMA ? Zones.DMA : zone == Zone.NORMAL ? Zones.NORMAL : Zones.HIGHMEM;
    }

    private boolean takeInto(List<Block> taken, Zone zone, int order) {
        long page = take(zone, order);
        if (page != 0) {
            taken.add(new Block(page, order));
        }
        return page != 0;
    }

    /** Takes a block of a zone; 0 if the zone has none. */
    private long take(Zone zone, int order) {
        int flags = zone == Zone.HIGHMEM ? Gfp.__GFP_HIGHMEM : zone == Zone.DMA ? Gfp.__GFP_DMA : 0;
        long page = calls.allocPages(flags | Gfp.__GFP_NOWARN, order);
        if (page != 0 && Zone.of(calls.pageToPfn(page) * Bench.PAGE) != zone) {
            calls.__freePages(page, order);
            page = 0;
        }
        return page;
    }

    /**
     * Takes all pages of all zones, and then frees single ones until the next would serve an ordinary allocation. No
     * two of them are neighbours.
     */
    private void nearlyFull(Ram ram) {
        List<Zone> zones = Stream.of(Zone.DMA, Zone.NORMAL, Zone.HIGHMEM).filter(zone -> zone.existsIn(ram)).toList();
        List<List<Block>> taken = new ArrayList<>();
        zones.forEach(zone -> taken.add(exhaust(zone, ram.bytes() > 64 << 20 && zone == Zone.NORMAL
                ? 4 * SINGLES : SINGLES)));
        for (int i = 0; i < zones.size(); i++) {
            leaveReserve(zones.get(i), taken.get(i));
        }
    }

    private void leaveReserve(Zone zone, List<Block> taken) {
        List<Block> singles = taken.stream().filter(block -> block.order == 0).toList();
        long even = singles.stream().filter(block -> calls.pageToPfn(block.page) % 2 == 0).count();
        long parity = even * 2 >= singles.size() ? 0 : 1;
        for (Block block : singles) {
            if (calls.pageToPfn(block.page) % 2 == parity) {
                calls.__freePage(block.page);
                kernel.mm().pages().pageSets().drainAll();
                if (take(zone, 0) != 0) {
                    return;
                }
            }
        }
        throw new IllegalStateException("the zone " + zone + " serves no ordinary allocation after "
                + singles.size() / 2 + " frees");
    }
}
