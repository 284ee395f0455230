package ferrite.kernel.core;

/**
 * A step inside an allocator: what happens to blocks and slabs between a request and its answer.
 *
 * @param kind   the step
 * @param pa     physical address of the block or slab; 0 for reclaim
 * @param order  the order before: of the block that is split, of one half that is merged, or of a slab
 * @param after  the order after; the same for a slab, and the shrinkers' freed objects for reclaim
 * @param cache  name of the slab's lookaside cache; null otherwise
 */
public record AllocatorEvent(Kind kind, long pa, int order, long after, String cache) {

    /** The steps. */
    public enum Kind { SPLIT, MERGE, RECLAIM, NEW_SLAB, SLAB_FREED }

    /** Returns whether the step is one of the slab allocator. */
    public boolean isOfSlabs() {
        return kind == Kind.NEW_SLAB || kind == Kind.SLAB_FREED;
    }
}
