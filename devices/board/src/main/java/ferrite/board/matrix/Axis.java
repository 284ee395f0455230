package ferrite.board.matrix;

import java.util.List;
import java.util.function.Function;

/** A dimension of the matrix: its name in an ID, its values, and its value in a cell. */
public enum Axis {

    RAM("ram", Ram.values(), Cell::ram), SWIOTLB("swiotlb", Bounce.values(), Cell::bounce),
    FILL("fill", Fill.values(), Cell::fill), MASK("mask", Mask.values(), Cell::mask),
    GFP("gfp", Flags.values(), Cell::flags), ORDER("order", Order.values(), Cell::order),
    CALL("call", Call.values(), Cell::call), DIRECTION("dir", Direction.values(), Cell::direction),
    SPAN("span", Span.values(), Cell::span), SETTING("context", Setting.values(), Cell::setting);

    private final String text;
    private final List<Object> values;
    private final Function<Cell, Object> of;

    Axis(String text, Object[] values, Function<Cell, Object> of) {
        this.text = text;
        this.values = List.of(values);
        this.of = of;
    }

    /** The axis' name in an ID. */
    public String text() {
        return text;
    }

    /** Returns all values; {@code toString} of one is its name in an ID. */
    public List<Object> choices() {
        return values;
    }

    /** Returns a cell's value. */
    public Object of(Cell cell) {
        return of.apply(cell);
    }

    /** Finds an axis by its name; null if there is none. */
    static Axis named(String name) {
        for (Axis axis : values()) {
            if (axis.text.equals(name)) {
                return axis;
            }
        }
        return null;
    }

    /** Finds a value by its name; null if there is none. */
    Object value(String name) {
        for (Object value : values) {
            if (value.toString().equals(name)) {
                return value;
            }
        }
        return null;
    }
}
