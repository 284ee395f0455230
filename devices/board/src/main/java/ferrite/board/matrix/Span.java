package ferrite.board.matrix;

/** The axis of the part of a block that is mapped. */
enum Span {

    WHOLE("whole", 0),
    /** All but some bytes at both ends. They belong to the driver, and the device's bytes must not reach them. */
    INNER("inner", 100);

    private final String text;
    private final int margin;

    Span(String text, int margin) {
        this.text = text;
        this.margin = margin;
    }

    /** The bytes at each end of the block that are not mapped. */
    int margin() {
        return margin;
    }

    @Override
    public String toString() {
        return text;
    }
}
