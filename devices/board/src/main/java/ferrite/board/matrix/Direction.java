package ferrite.board.matrix;

import ferrite.kernel.dma.DmaDirection;

/** The axis of directions, as the device sees them. */
enum Direction {

    TO("to", DmaDirection.DMA_TO_DEVICE), FROM("from", DmaDirection.DMA_FROM_DEVICE),
    BOTH("both", DmaDirection.DMA_BIDIRECTIONAL);

    private final String text;
    private final int code;

    Direction(String text, int code) {
        this.text = text;
        this.code = code;
    }

    /** The argument of the mapping calls. */
    int code() {
        return code;
    }

    boolean toDevice() {
        return this != FROM;
    }

    boolean fromDevice() {
        return this != TO;
    }

    @Override
    public String toString() {
        return text;
    }
}
