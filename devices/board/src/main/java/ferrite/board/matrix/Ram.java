package ferrite.board.matrix;

/** The axis of memory sizes: one to three zones, with and without memory above 28 address bits. */
enum Ram {

    M16("16M", 16L << 20), M64("64M", 64L << 20), G1("1G", 1L << 30), G3("3G", 3L << 30);

    private final String text;
    private final long bytes;

    Ram(String text, long bytes) {
        this.text = text;
        this.bytes = bytes;
    }

    long bytes() {
        return bytes;
    }

    @Override
    public String toString() {
        return text;
    }
}
