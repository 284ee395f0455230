package ferrite.board.matrix;

/** The way of the bytes between memory and device. */
enum Path {

    /** There is no memory to give to the device. */
    NONE("no transfer"),
    /** The bus address is the memory's own. */
    DIRECT("direct"),
    /** The bus address is that of a bounce buffer. */
    BOUNCED("bounced"),
    /** The mapping fails, or the controller does not start. */
    REFUSED("refused"),
    /** Entries of one list go different ways. No document allows that for a block that lies in one zone. */
    MIXED("mixed");

    private final String text;

    Path(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
