package ferrite.board.matrix;

import ferrite.kernel.base.Gfp;

/**
 * The axis of allocation flags. The observer adds {@code __GFP_NOWARN}, which only keeps a failed allocation out of the
 * kernel log.
 */
enum Flags {

    KERNEL("GFP_KERNEL"), KERNEL_DMA("GFP_KERNEL|__GFP_DMA"), BARE_DMA("GFP_DMA"), ATOMIC("GFP_ATOMIC"),
    ATOMIC_DMA("GFP_ATOMIC|__GFP_DMA"), NOWAIT("GFP_NOWAIT"), USER("GFP_USER"), HIGHUSER("GFP_HIGHUSER");

    private final String text;

    Flags(String text) {
        this.text = text;
    }

    /** The bits to allocate with. */
    int gfp() {
        return Gfp.parse(text) | Gfp.__GFP_NOWARN;
    }

    /** Whether only the DMA zone may be searched. */
    boolean isDma() {
        return this == KERNEL_DMA || this == BARE_DMA || this == ATOMIC_DMA;
    }

    /** Whether the allocation may take from the reserve. */
    boolean isAtomic() {
        return this == ATOMIC || this == ATOMIC_DMA;
    }

    boolean maySleep() {
        return this == KERNEL || this == KERNEL_DMA || this == USER || this == HIGHUSER;
    }

    @Override
    public String toString() {
        return text;
    }
}
