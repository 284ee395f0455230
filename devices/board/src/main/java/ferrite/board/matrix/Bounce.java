package ferrite.board.matrix;

import ferrite.kernel.dma.Swiotlb;

/** The axis of {@code --swiotlb}. */
enum Bounce {

    ON("on", Swiotlb.Mode.ON), OFF("off", Swiotlb.Mode.OFF), FORCE("force", Swiotlb.Mode.FORCE);

    private final String text;
    private final Swiotlb.Mode mode;

    Bounce(String text, Swiotlb.Mode mode) {
        this.text = text;
        this.mode = mode;
    }

    Swiotlb.Mode mode() {
        return mode;
    }

    @Override
    public String toString() {
        return text;
    }
}
