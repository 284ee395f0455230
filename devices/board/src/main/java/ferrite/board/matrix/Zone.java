package ferrite.board.matrix;

/** A zone as LDD3 page 215 and the book's PC have it, or none. */
enum Zone {

    NONE("no memory", 0, 0), DMA("DMA", 0, 16L << 20), NORMAL("Normal", 16L << 20, 896L << 20),
    HIGHMEM("HighMem", 896L << 20, 1L << 32);

    private final String text;
    private final long start;
    private final long end;

    Zone(String text, long start, long end) {
        this.text = text;
        this.start = start;
        this.end = end;
    }

    /** Returns the zone of a physical address. */
    static Zone of(long pa) {
        return pa < DMA.end ? DMA : pa < NORMAL.end ? NORMAL : HIGHMEM;
    }

    boolean existsIn(Ram ram) {
        return this != NONE && start < ram.bytes();
    }

    /** Returns whether a device with this mask reaches some of the zone. */
    boolean isReachedBy(Mask mask) {
        return start <= mask.highest();
    }

    /** Returns whether a device with this mask reaches all of the zone. */
    boolean isWithin(Mask mask, Ram ram) {
        return Math.min(end, ram.bytes()) - 1 <= mask.highest();
    }

    @Override
    public String toString() {
        return text;
    }
}
