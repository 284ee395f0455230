package ferrite.board.matrix;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * States the right outcome of a cell. It is written from LDD3 chapter 8 and Linux's documentation (core-api/dma-api,
 * core-api/dma-api-howto, core-api/swiotlb, admin-guide/kernel-parameters), and asks no code of the kernel.
 *
 * <p>The documents leave this open, and so does the statement:
 *
 * <ul>
 * <li>Which page of a zone an allocation returns. Bouncing is therefore stated for an address.
 * <li>The zone of coherent memory. {@code dma_alloc_coherent} "may choose to ignore flags that affect the location of
 *     the returned memory, like GFP_DMA" (dma-api). Any zone is right that has a kernel address and a free block; the
 *     memory itself must be within the coherent mask.
 * <li>How hard {@code dma_alloc_coherent} searches a zone that the mask reaches only in part. If no zone within the
 *     mask has memory, both memory and failure are right.
 * </ul>
 *
 * @param memory  the zones that the memory may come from
 * @param path    the way of the bytes
 * @param rules   the names of the broken rules
 * @param arrives whether bytes are moved, and must arrive
 */
public record Expectation(Set<Zone> memory, Path path, SortedSet<String> rules, boolean arrives) {

    private static final String SLEEP_IN_ATOMIC = "sleep-in-atomic";
    private static final String ABOVE_REACH = "dma-above-reach";

    /** The documents' {@link Statement}. */
    public static Expectation of(Cell cell, long pa) {
        SortedSet<String> rules = new TreeSet<>();
        if (cell.setting() == Setting.ATOMIC && cell.flags().maySleep()) {
            rules.add(SLEEP_IN_ATOMIC);             // on every call, whether or not it would have slept this time
        }
        long end = pa + cell.order().bytes() - cell.span().margin();
        Path path = pa == Statement.NO_MEMORY ? Path.NONE : path(cell, end - 1);
        if (cell.call().isIsa() && path == Path.REFUSED) {
            rules.add(ABOVE_REACH);                 // a mapping call fails by its return value, and breaks no rule
        }
        return new Expectation(cell.call() == Call.ALLOC_COHERENT ? coherentMemory(cell) : EnumSet.of(pages(cell)),
                path, rules, path == Path.DIRECT || path == Path.BOUNCED);
    }

    // ---- the memory ----

    /**
     * LDD3 pages 215-216: with {@code __GFP_DMA} only the DMA zone is searched, with {@code __GFP_HIGHMEM} all zones
     * from the highest, with neither Normal and then DMA.
     */
    private static List<Zone> searched(Flags flags) {
        if (flags.isDma()) {
            return List.of(Zone.DMA);
        }
        return flags == Flags.HIGHUSER ? List.of(Zone.HIGHMEM, Zone.NORMAL, Zone.DMA)
                : List.of(Zone.NORMAL, Zone.DMA);
    }

    private static Zone pages(Cell cell) {
        return searched(cell.flags()).stream().filter(zone -> hasBlock(zone, cell)).findFirst().orElse(Zone.NONE);
    }

    /**
     * Whether a zone has a block for a cell. LDD3 page 218: the reserve of a full zone is for {@code GFP_ATOMIC}. It
     * lies in single pages here.
     */
    private static boolean hasBlock(Zone zone, Cell cell) {
        if (!zone.existsIn(cell.ram()) || cell.order() == Order.TOO_LARGE) {
            return false;
        }
        return switch (cell.fill()) {
            case EMPTY -> true;
            case DMA -> zone != Zone.DMA;
            case NORMAL -> zone != Zone.NORMAL;
            case FULL -> cell.flags().isAtomic() && cell.order() == Order.ONE_PAGE;
        };
    }

    /** LDD3 page 446 and dma-api: memory with a kernel address, at or below the coherent mask. */
    private static Set<Zone> coherentMemory(Cell cell) {
        Set<Zone> right = EnumSet.noneOf(Zone.class);
        boolean certain = false;
        for (Zone zone : List.of(Zone.NORMAL, Zone.DMA)) {
            if (hasBlock(zone, cell) && zone.isReachedBy(cell.mask())) {
                right.add(zone);
                certain |= zone.isWithin(cell.mask(), cell.ram());
            }
        }
        if (!certain) {
            right.add(Zone.NONE);
        }
        return right;
    }

    // ---- the way of the bytes ----

    private static Path path(Cell cell, long lastByte) {
        boolean reached = lastByte <= cell.mask().highest();
        if (cell.call() == Call.ALLOC_COHERENT) {
            return Path.DIRECT;                     // swiotlb=force too is about mappings
        }
        if (cell.call().isIsa()) {
            return reached ? Path.DIRECT : Path.REFUSED;      // LDD3 page 454: nothing stands between bus and memory
        }
        return switch (cell.bounce()) {
            case FORCE -> Path.BOUNCED;
            case ON -> reached ? Path.DIRECT : Path.BOUNCED;
            case OFF -> reached ? Path.DIRECT : Path.REFUSED;
        };
    }

    /** Describes it in a line. */
    @Override
    public String toString() {
        return "memory " + memory.stream().map(Zone::toString).collect(Collectors.joining(" or ")) + "; " + path
                + "; rules broken: " + (rules.isEmpty() ? "none" : String.join(", ", rules)) + "; "
                + (arrives ? "the bytes arrive" : "no byte moves");
    }
}
