package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;

/**
 * What the record of a cache says of its objects and their checks, read at once: none of it changes while the cache is there. {@link SlabGeometry} draws
 * where everything is.
 *
 * @param record the cache's record
 * @param flags  see {@link SlabFlags}
 * @param size   from one object to the next
 * @param objectSize what its user asked for
 * @param offset where an object's link is, and behind it how much of the object was asked for
 * @param redEnd where the right red zone ends
 * @param track  where it is written who allocated and who freed
 */
record CacheShape(long record, int flags, int size, int objectSize, int offset, int redLeft, int redEnd, int track, int order, int objects, boolean constructed) {

    /** So much of a left red zone is written and looked at; alignment may make it longer. */
    private static final int LEFT_GUARD = 8;
    private static final int WORDS = (KmemCacheLayout.CONSTRUCTOR - KmemCacheLayout.FLAGS) / 4 + 1;

    static CacheShape read(KernelMemory memory, long cache) {
        int[] words = new int[WORDS];
        memory.load32s(cache + KmemCacheLayout.FLAGS, words);
        return new CacheShape(cache, at(words, KmemCacheLayout.FLAGS), at(words, KmemCacheLayout.SIZE), at(words, KmemCacheLayout.OBJECT_SIZE),
                at(words, KmemCacheLayout.OFFSET), at(words, KmemCacheLayout.RED_LEFT), at(words, KmemCacheLayout.RED_END), at(words, KmemCacheLayout.TRACK),
                at(words, KmemCacheLayout.ORDER), at(words, KmemCacheLayout.OBJECTS), at(words, KmemCacheLayout.CONSTRUCTOR) != 0);
    }

    private static int at(int[] words, int field) {
        return words[(field - KmemCacheLayout.FLAGS) / 4];
    }

    boolean hasChecks() {
        return (flags & SlabFlags.DEBUG) != 0;
    }

    boolean hasRedZones() {
        return (flags & SlabFlags.SLAB_RED_ZONE) != 0;
    }

    boolean hasOwners() {
        return (flags & SlabFlags.SLAB_STORE_USER) != 0;
    }

    /** Whether what lies between and behind objects has a pattern. */
    boolean hasPadding() {
        return (flags & SlabFlags.SLAB_POISON) != 0;
    }

    /** Whether free objects have a pattern; what a constructor made must stay. */
    boolean isPoisoned() {
        return hasPadding() && !constructed;
    }

    int leftGuard() {
        return Math.min(LEFT_GUARD, redLeft);
    }

    /** Where the padding behind an object begins, and how long it is. */
    int padding() {
        return track + (hasOwners() ? 2 * KmemCacheLayout.Track.BYTES : 0);
    }

    int paddingBytes() {
        return size - redLeft - padding();
    }

    /** An object of a slab that begins at {@code start}. */
    long object(long start, int index) {
        return start + redLeft + (long) index * size;
    }

    /** What is left of a slab behind its last object. */
    int restBytes() {
        return (AddressSpace.PAGE_SIZE << order) - objects * size;
    }
}
