package ferrite.kernel.dma;

import static ferrite.kernel.dma.DmaPageLayout.BITS;
import static ferrite.kernel.dma.DmaPageLayout.DMA;
import static ferrite.kernel.dma.DmaPageLayout.IN_USE;
import static ferrite.kernel.dma.DmaPageLayout.NEXT;
import static ferrite.kernel.dma.DmaPageLayout.VA;
import static ferrite.kernel.dma.DmaPoolLayout.ALLOCATION;
import static ferrite.kernel.dma.DmaPoolLayout.BOUNDARY;
import static ferrite.kernel.dma.DmaPoolLayout.DEV;
import static ferrite.kernel.dma.DmaPoolLayout.NAME;
import static ferrite.kernel.dma.DmaPoolLayout.PAGES;
import static ferrite.kernel.dma.DmaPoolLayout.SIZE;
import static ferrite.kernel.dma.DmaTrackLayout.FREED;
import static ferrite.kernel.dma.DmaTrackLayout.PID;
import static ferrite.kernel.dma.DmaTrackLayout.SITE;
import static ferrite.kernel.dma.DmaTrackLayout.TASK;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.log.StringTable;
import java.util.ArrayList;
import java.util.List;

/** A view of the DMA pools, which only looks: the block and owner of an address, and the usage of the pools. */
public final class DmaPoolView {

    private static final int MAX_WALK = 1 << 16;

    private final long root;
    private final boolean tracked;

    DmaPoolView(long root, boolean tracked) {
        this.root = root;
        this.tracked = tracked;
    }

    /** The owner of a block; {@code freedAt} is the line that last freed the block, or null. */
    public record Owner(String site, String task, int pid, String freedAt) { }

    /**
     * A place in a pool.
     *
     * @param block  address of the block; 0 for the unused bytes before a boundary
     * @param inside offset in the block
     * @param out    whether the block is allocated
     * @param owner  the block's owner; null if owners are not recorded
     */
    public record Found(long pool, String name, String device, int size, long block, long dma, int inside,
            boolean out, Owner owner) { }

    /** The usage of a pool: the columns of Linux's {@code pools} file in sysfs. */
    public record Usage(long pool, String name, String device, int blocks, int capacity, int size, int pages) { }

    public List<Long> pools(ReadableMemory view) {
        return ListHead.first(view, RootLayout.DMA_POOLS.at(root)) == 0 ? List.of()
                : ListHead.nodes(view, RootLayout.DMA_POOLS.at(root), MAX_WALK);
    }

    /** Finds the place of a linear map address in a pool, or null. */
    public Found find(ReadableMemory view, long va) {
        for (long pool : pools(view)) {
            for (long page : pages(view, pool)) {
                long offset = va - VA.get(view, page);
                if (offset >= 0 && offset < ALLOCATION.get(view, pool)) {
                    return found(view, pool, page, (int) offset);
                }
            }
        }
        return null;
    }

    /** Finds the pool that contains a bus address, or 0. */
    long poolOf(ReadableMemory view, long dma) {
        for (long pool : pools(view)) {
            for (long page : pages(view, pool)) {
                long offset = dma - DMA.get(view, page);
                if (offset >= 0 && offset < ALLOCATION.get(view, pool)) {
                    return pool;
                }
            }
        }
        return 0;
    }

    private Found found(ReadableMemory view, long pool, long page, int offset) {
        int size = SIZE.get(view, pool);
        int boundary = BOUNDARY.get(view, pool);
        int inside = offset % boundary % size;
        int index = DmaPoolLayout.index(offset - inside, size, boundary);
        long va = VA.get(view, page);
        long dma = DMA.get(view, page);
        return index < 0 ? new Found(pool, name(view, pool), device(view, pool), size, 0, dma + offset, 0, false, null)
                : new Found(pool, name(view, pool), device(view, pool), size, va + offset - inside,
                        dma + offset - inside, inside, isOut(view, page, index), owner(view, pool, page, index));
    }

    static boolean isOut(ReadableMemory view, long page, int index) {
        return (BITS.get(view, page, index / 32) >> index % 32 & 1) != 0;
    }

    Owner owner(ReadableMemory view, long pool, long page, int index) {
        long track = tracked ? page + DmaPoolLayout.tracks(blocks(view, pool)) + (long) index * DmaTrackLayout.SIZE : 0;
        long site = track == 0 ? 0 : SITE.get(view, track);
        long freed = site == 0 ? 0 : FREED.get(view, track);
        return site == 0 ? null : new Owner(StringTable.read(view, site), StringTable.read(view, TASK.get(view, track)),
                PID.get(view, track), freed == 0 ? null : StringTable.read(view, freed));
    }

    static int blocks(ReadableMemory view, long pool) {
        return DmaPoolLayout.blocks(SIZE.get(view, pool), ALLOCATION.get(view, pool), BOUNDARY.get(view, pool));
    }

    List<Long> pages(ReadableMemory view, long pool) {
        List<Long> pages = new ArrayList<>();
        for (long page = PAGES.get(view, pool); page != 0 && pages.size() < MAX_WALK; page = NEXT.get(view, page)) {
            pages.add(page);
        }
        return pages;
    }

    public static String name(ReadableMemory view, long pool) {
        return StringTable.read(view, NAME.get(view, pool));
    }

    private static String device(ReadableMemory view, long pool) {
        long name = DmaDeviceLayout.NAME.get(view, DEV.get(view, pool));
        return name == 0 ? "device" : StringTable.read(view, name);
    }

    public Usage usage(ReadableMemory view, long pool) {
        int out = 0;
        int pieces = 0;
        for (long page : pages(view, pool)) {
            out += IN_USE.get(view, page);
            pieces++;
        }
        return new Usage(pool, name(view, pool), device(view, pool), out, pieces * blocks(view, pool),
                SIZE.get(view, pool), pieces);
    }
}
