package ferrite.kernel.mm;

import ferrite.kernel.base.Gfp;

/** Options of one attempt to allocate: Linux's {@code alloc_flags}, made from {@link Gfp} flags. */
final class AllocFlags {

    /** The attempt leaves the low watermark instead of the minimum. */
    static final int WMARK_LOW = 1;
    /** The attempt may use half of the minimum. */
    static final int HIGH = 2;
    /** The attempt may use another quarter of the rest. */
    static final int HARDER = 4;
    /** A task that is reclaiming memory may use all that is left. */
    static final int NO_WATERMARKS = 8;

    private AllocFlags() { }

    /** Linux's {@code gfp_to_alloc_flags}, with LDD3's rule that an allocation that cannot sleep tries harder. */
    static int of(int gfp) {
        return ((gfp & Gfp.__GFP_HIGH) != 0 ? HIGH : 0) | (Gfp.maySleep(gfp) ? 0 : HARDER);
    }
}
