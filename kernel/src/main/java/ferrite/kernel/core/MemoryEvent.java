package ferrite.kernel.core;

/**
 * An allocation, a free, or a failed allocation. A slab object may need a new slab, and a vmalloc area needs pages: the
 * events of those pages come before the event of the object or area.
 *
 * @param source    the allocator
 * @param kind      the event
 * @param va        kernel virtual address; 0 for a failure, and for high memory
 * @param pa        physical address of a page block; 0 otherwise
 * @param bytes     size; of a slab object, the requested bytes
 * @param order     order of a page block; 0 otherwise
 * @param gfp       flags of the allocation; 0 for a free
 * @param zone      zone of an allocated page block; -1 otherwise
 * @param firstZone the highest zone with memory that the flags of a page allocation allow; -1 otherwise
 * @param cache     name of the lookaside cache; null otherwise
 * @param site      the calling source line
 */
public record MemoryEvent(Source source, Kind kind, long va, long pa, long bytes, int order, int gfp, int zone,
        int firstZone, String cache, String site) {

    /** The allocators that tell events. */
    public enum Source { PAGE, SLAB, VMALLOC }

    /** The kinds of events. */
    public enum Kind { ALLOC, FREE, FAIL }

    /** Returns whether a lower zone than the first choice gave the pages. */
    public boolean isZoneFallback() {
        return source == Source.PAGE && kind == Kind.ALLOC && zone < firstZone;
    }
}
