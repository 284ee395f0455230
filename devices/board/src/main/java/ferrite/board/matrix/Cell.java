package ferrite.board.matrix;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One combination of values of the {@link Axis axes}. Its ID names them all, for example
 * {@code ram=64M,swiotlb=on,fill=dma,mask=24,gfp=GFP_KERNEL,order=3,call=map_single,dir=from,span=whole,context=task}.
 */
public record Cell(Ram ram, Bounce bounce, Fill fill, Mask mask, Flags flags, Order order, Call call,
        Direction direction, Span span, Setting setting) {

    /** The values that all cells of one machine share. */
    record Host(Ram ram, Bounce bounce, Fill fill) {

        @Override
        public String toString() {
            return "ram=" + ram + ",swiotlb=" + bounce + ",fill=" + fill;
        }
    }

    static Cell of(Map<Axis, Object> values) {
        return new Cell((Ram) values.get(Axis.RAM), (Bounce) values.get(Axis.SWIOTLB), (Fill) values.get(Axis.FILL),
                (Mask) values.get(Axis.MASK), (Flags) values.get(Axis.GFP), (Order) values.get(Axis.ORDER),
                (Call) values.get(Axis.CALL), (Direction) values.get(Axis.DIRECTION),
                (Span) values.get(Axis.SPAN), (Setting) values.get(Axis.SETTING));
    }

    /**
     * Parses an ID. The parts may come in any order; {@code span} and {@code context} may be absent, and are
     * {@code whole} and {@code task} then.
     *
     * @throws IllegalArgumentException with a sentence that says which ID would be right
     */
    public static Cell parse(String id) {
        Map<Axis, Object> values = new EnumMap<>(Axis.class);
        for (String part : id.split(",", -1)) {
            int equals = part.indexOf('=');
            Axis axis = Axis.named(part.substring(0, Math.max(equals, 0)));
            if (axis == null) {
                throw new IllegalArgumentException("'" + part + "' is no part of a cell's ID; the parts are "
                        + Arrays.stream(Axis.values()).map(each -> each.text() + "=VALUE")
                                .collect(Collectors.joining(",")));
            }
            Object value = axis.value(part.substring(equals + 1));
            if (value == null) {
                throw new IllegalArgumentException("'" + part + "': " + axis.text() + " is one of "
                        + axis.choices().stream().map(Object::toString).collect(Collectors.joining(", ")));
            }
            if (values.put(axis, value) != null) {
                throw new IllegalArgumentException("'" + part + "': " + axis.text() + " is given twice; once is right");
            }
        }
        values.putIfAbsent(Axis.SPAN, Span.WHOLE);
        values.putIfAbsent(Axis.SETTING, Setting.TASK);
        for (Axis axis : Axis.values()) {
            if (!values.containsKey(axis)) {
                throw new IllegalArgumentException("the cell's ID has no " + axis.text() + "; add " + axis.text()
                        + "= and one of " + axis.choices().stream().map(Object::toString)
                                .collect(Collectors.joining(", ")));
            }
        }
        Cell cell = of(values);
        String reason = Plan.leftOut(cell);
        if (reason != null) {
            throw new IllegalArgumentException("the matrix has no such cell: " + reason);
        }
        return cell;
    }

    Host host() {
        return new Host(ram, bounce, fill);
    }

    /** Returns the ID. */
    @Override
    public String toString() {
        return Arrays.stream(Axis.values()).map(axis -> axis.text() + "=" + axis.of(this))
                .collect(Collectors.joining(","));
    }
}
