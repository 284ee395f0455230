package ferrite.board.matrix;

/** The axis of how full the zones are when a cell allocates. */
enum Fill {

    /** As after boot. */
    EMPTY("empty"),
    /** Not one free page in the DMA zone. */
    DMA("dma"),
    /** Not one free page in the Normal zone. */
    NORMAL("normal"),
    /**
     * All zones have just too little for an ordinary allocation: only the reserve is left, and it lies in single pages.
     */
    FULL("full");

    private final String text;

    Fill(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
