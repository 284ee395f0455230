package ferrite.board.matrix;

/** The axis of the device's address bits. */
enum Mask {

    BITS24(24), BITS28(28), BITS32(32);

    private final int bits;

    Mask(int bits) {
        this.bits = bits;
    }

    int bits() {
        return bits;
    }

    /** The highest address that the device drives. */
    long highest() {
        return (1L << bits) - 1;
    }

    @Override
    public String toString() {
        return Integer.toString(bits);
    }
}
