package ferrite.board.matrix;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The cells of the matrix: all combinations of the axes, without those that {@link #leftOut} names. */
public final class Plan {

    private Plan() { }

    /** Returns the rule that leaves a combination out, as a sentence that names a right one; null for a cell. */
    public static String leftOut(Cell cell) {
        if (cell.ram() == Ram.M16 && (cell.fill() == Fill.DMA || cell.fill() == Fill.NORMAL)) {
            return "16 MiB are one zone, the DMA zone, and without a page of it the kernel itself cannot go on; "
                    + "take fill=full";
        }
        if (cell.call() == Call.MAP_SINGLE && cell.flags() == Flags.HIGHUSER) {
            return "dma_map_single takes a kernel address, and high memory has none; take call=map_page";
        }
        if (cell.call().isIsa() && cell.mask() != Mask.BITS24) {
            return "the ISA controller has 24 address wires, and no mask; take mask=24";
        }
        if (cell.call().isIsa() && cell.direction() == Direction.BOTH) {
            return "a channel of the ISA controller moves bytes one way; take dir=to or dir=from";
        }
        if (cell.call() == Call.ISA && cell.order() == Order.THIRTY_TWO_PAGES) {
            return "a channel of 8 bits moves at most 64 KiB; take call=isa16";
        }
        if (cell.call() == Call.ALLOC_COHERENT && cell.direction() != Direction.BOTH) {
            return "coherent memory has no direction; take dir=both";
        }
        boolean first = cell.mask() == Mask.BITS24
                && (cell.direction() == Direction.TO || cell.call() == Call.ALLOC_COHERENT);
        if (cell.order() == Order.TOO_LARGE && !first) {
            return "order 11 gets no memory, so neither mask nor direction changes anything; take mask=24 and "
                    + "the first direction";
        }
        if (cell.span() == Span.INNER && (!cell.call().isStreaming() || cell.order() == Order.TOO_LARGE
                || cell.setting() == Setting.ATOMIC)) {
            return "only a mapping has a part of a block; take span=whole, or a mapping call with context=task and "
                    + "an order below 11";
        }
        if (cell.setting() == Setting.ATOMIC && !(first && cell.bounce() == Bounce.ON)) {
            return "the context concerns the allocation alone; take swiotlb=on, mask=24 and the first direction "
                    + "with context=atomic";
        }
        return null;
    }

    /** Returns all cells, in the order of the axes. */
    public static List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        combine(new EnumMap<>(Axis.class), 0, cells);
        return cells;
    }

    private static void combine(Map<Axis, Object> values, int next, List<Cell> into) {
        if (next == Axis.values().length) {
            Cell cell = Cell.of(values);
            if (leftOut(cell) == null) {
                into.add(cell);
            }
            return;
        }
        Axis axis = Axis.values()[next];
        for (Object value : axis.choices()) {
            values.put(axis, value);
            combine(values, next + 1, into);
        }
    }

    /** Groups cells by the machine that they run on. */
    public static List<List<Cell>> byMachine(List<Cell> cells) {
        Map<Cell.Host, List<Cell>> groups = new LinkedHashMap<>();
        cells.forEach(cell -> groups.computeIfAbsent(cell.host(), host -> new ArrayList<>()).add(cell));
        return new ArrayList<>(groups.values());
    }
}
