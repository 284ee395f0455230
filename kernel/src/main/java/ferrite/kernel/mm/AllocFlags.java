package ferrite.kernel.mm;

import ferrite.kernel.base.Gfp;

/** What one attempt to allocate may do: Linux's {@code alloc_flags}, made from {@link Gfp} flags. */
final class AllocFlags {

    /** The attempt leaves the low watermark; without, the minimum. */
    static final int WMARK_LOW = 1;
    /** Half of the minimum is not for others. */
    static final int HIGH = 2;
    /** Nor is a quarter of what is left. */
    static final int HARDER = 4;
    /** Whoever gets memory back may have all that is left. */
    static final int NO_WATERMARKS = 8;

    private AllocFlags() { }

    /** Linux's {@code gfp_to_alloc_flags}, with LDD3's rule that who cannot sleep tries harder. */
    static int of(int gfp) {
        return ((gfp & Gfp.__GFP_HIGH) != 0 ? HIGH : 0) | (Gfp.maySleep(gfp) ? 0 : HARDER);
    }
}
