package ferrite.kernel.mm;

import static ferrite.kernel.mm.KmemCacheLayout.CONSTRUCTOR;
import static ferrite.kernel.mm.KmemCacheLayout.FLAGS;
import static ferrite.kernel.mm.KmemCacheLayout.OBJECTS;
import static ferrite.kernel.mm.KmemCacheLayout.OBJECT_SIZE;
import static ferrite.kernel.mm.KmemCacheLayout.OFFSET;
import static ferrite.kernel.mm.KmemCacheLayout.ORDER;
import static ferrite.kernel.mm.KmemCacheLayout.RED_END;
import static ferrite.kernel.mm.KmemCacheLayout.RED_LEFT;
import static ferrite.kernel.mm.KmemCacheLayout.SIZE;
import static ferrite.kernel.mm.KmemCacheLayout.TRACK;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Field;

/**
 * The part of a cache's record that describes its objects and checks, read in one go. It does not change while the
 * cache exists. {@link SlabGeometry} draws the layout.
 *
 * @param record     the cache's record
 * @param flags      see {@link SlabFlags}
 * @param size       bytes from one object to the next
 * @param objectSize bytes that the creator requested
 * @param offset     of an object's link; the mark, the number of bytes requested, follows it
 * @param redEnd     where the right red zone ends
 * @param track      where the {@link TrackLayout tracks} of the last allocation and the last free lie
 */
record CacheShape(long record, int flags, int size, int objectSize, int offset, int redLeft, int redEnd, int track,
        int order, int objects, boolean constructed) {

    /** Bytes of the left red zone that are written and checked; alignment may make the zone longer. */
    private static final int LEFT_GUARD = 8;
    private static final int WORDS = (CONSTRUCTOR.end() - FLAGS.offset()) / 4;

    static CacheShape read(KernelMemory memory, long cache) {
        int[] words = new int[WORDS];
        memory.load32s(FLAGS.at(cache), words);
        return new CacheShape(cache, at(words, FLAGS), at(words, SIZE), at(words, OBJECT_SIZE),
                at(words, OFFSET), at(words, RED_LEFT), at(words, RED_END), at(words, TRACK),
                at(words, ORDER), at(words, OBJECTS), at(words, CONSTRUCTOR) != 0);
    }

    private static int at(int[] words, Field field) {
        return words[(field.offset() - FLAGS.offset()) / 4];
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

    /** Whether the bytes between objects and after them hold a pattern. */
    boolean hasPadding() {
        return (flags & SlabFlags.SLAB_POISON) != 0;
    }

    /** Whether free objects hold a pattern. It would overwrite a constructed state. */
    boolean isPoisoned() {
        return hasPadding() && !constructed;
    }

    int leftGuard() {
        return Math.min(LEFT_GUARD, redLeft);
    }

    /** Where the padding after an object begins. */
    int padding() {
        return track + (hasOwners() ? 2 * TrackLayout.BYTES : 0);
    }

    int paddingBytes() {
        return size - redLeft - padding();
    }

    /** Returns the address of an object in a slab that begins at {@code start}. */
    long object(long start, int index) {
        return start + redLeft + (long) index * size;
    }

    /** Bytes of a slab past its last object. */
    int restBytes() {
        return (AddressSpace.PAGE_SIZE << order) - objects * size;
    }
}
