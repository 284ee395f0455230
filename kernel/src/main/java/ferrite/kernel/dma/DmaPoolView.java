package ferrite.kernel.dma;

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
    public record Found(long pool, String name, String device, int size, long block, long dma, int inside, boolean out, Owner owner) { }

    /** The usage of a pool: the columns of Linux's {@code pools} file in sysfs. */
    public record Usage(long pool, String name, String device, int blocks, int capacity, int size, int pages) { }

    public List<Long> pools(ReadableMemory view) {
        return view.loadAddress(root + RootLayout.DMA_POOLS) == 0 ? List.of() : ListHead.nodes(view, root + RootLayout.DMA_POOLS, MAX_WALK);
    }

    /** Finds the place of a linear map address in a pool, or null. */
    public Found find(ReadableMemory view, long va) {
        for (long pool : pools(view)) {
            for (long page : pages(view, pool)) {
                long offset = va - view.loadAddress(page + DmaPoolLayout.PAGE_VA);
                if (offset >= 0 && offset < view.load32(pool + DmaPoolLayout.ALLOCATION)) {
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
                long offset = dma - view.loadAddress(page + DmaPoolLayout.PAGE_DMA);
                if (offset >= 0 && offset < view.load32(pool + DmaPoolLayout.ALLOCATION)) {
                    return pool;
                }
            }
        }
        return 0;
    }

    private Found found(ReadableMemory view, long pool, long page, int offset) {
        int size = view.load32(pool + DmaPoolLayout.SIZE);
        int boundary = view.load32(pool + DmaPoolLayout.BOUNDARY);
        int inside = offset % boundary % size;
        int index = DmaPoolLayout.index(offset - inside, size, boundary);
        long va = view.loadAddress(page + DmaPoolLayout.PAGE_VA);
        long dma = view.loadAddress(page + DmaPoolLayout.PAGE_DMA);
        return index < 0 ? new Found(pool, name(view, pool), device(view, pool), size, 0, dma + offset, 0, false, null)
                : new Found(pool, name(view, pool), device(view, pool), size, va + offset - inside, dma + offset - inside, inside, isOut(view, page, index),
                        owner(view, pool, page, index));
    }

    static boolean isOut(ReadableMemory view, long page, int index) {
        return (view.load32(page + DmaPoolLayout.PAGE_BITS + index / 32 * 4L) >> index % 32 & 1) != 0;
    }

    Owner owner(ReadableMemory view, long pool, long page, int index) {
        long track = tracked ? page + DmaPoolLayout.tracks(blocks(view, pool)) + (long) index * DmaPoolLayout.TRACK_BYTES : 0;
        long site = track == 0 ? 0 : view.loadAddress(track + DmaPoolLayout.TRACK_SITE);
        long freed = site == 0 ? 0 : view.loadAddress(track + DmaPoolLayout.TRACK_FREED);
        return site == 0 ? null : new Owner(StringTable.read(view, site), StringTable.read(view, view.loadAddress(track + DmaPoolLayout.TRACK_TASK)),
                view.load32(track + DmaPoolLayout.TRACK_PID), freed == 0 ? null : StringTable.read(view, freed));
    }

    static int blocks(ReadableMemory view, long pool) {
        return DmaPoolLayout.blocks(view.load32(pool + DmaPoolLayout.SIZE), view.load32(pool + DmaPoolLayout.ALLOCATION), view.load32(pool + DmaPoolLayout.BOUNDARY));
    }

    List<Long> pages(ReadableMemory view, long pool) {
        List<Long> pages = new ArrayList<>();
        for (long page = view.loadAddress(pool + DmaPoolLayout.PAGES); page != 0 && pages.size() < MAX_WALK; page = view.loadAddress(page + DmaPoolLayout.PAGE_NEXT)) {
            pages.add(page);
        }
        return pages;
    }

    public static String name(ReadableMemory view, long pool) {
        return StringTable.read(view, view.loadAddress(pool + DmaPoolLayout.NAME));
    }

    private static String device(ReadableMemory view, long pool) {
        long name = view.loadAddress(view.loadAddress(pool + DmaPoolLayout.DEV) + DmaDeviceLayout.NAME);
        return name == 0 ? "device" : StringTable.read(view, name);
    }

    public Usage usage(ReadableMemory view, long pool) {
        int out = 0;
        int pieces = 0;
        for (long page : pages(view, pool)) {
            out += view.load32(page + DmaPoolLayout.PAGE_IN_USE);
            pieces++;
        }
        return new Usage(pool, name(view, pool), device(view, pool), out, pieces * blocks(view, pool), view.load32(pool + DmaPoolLayout.SIZE), pieces);
    }
}
