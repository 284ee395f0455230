package ferrite.kernel.mm;

import ferrite.hardware.Machine;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Text;
import ferrite.kernel.base.Word;

/** {@code struct kmem_cache}: a lookaside cache, with a list of free objects for each hart. */
public final class KmemCacheLayout {

    public static final int NAME_BYTES = 32;
    public static final int BYTES = 128 + Machine.MAX_HARTS * KmemCacheCpuLayout.SIZE;

    public static final Struct STRUCT = Struct.of("kmem_cache", BYTES);

    /** Protects the list of partial slabs, and every slab that no hart uses. */
    static final Embedded LOCK = STRUCT.spinlock("list_lock", 0);
    static final Word FLAGS = STRUCT.u32("flags", 4);
    /** Distance from one object to the next. */
    static final Word SIZE = STRUCT.u32("size", 8);
    /** Bytes of an object as its user asked for them. */
    static final Word OBJECT_SIZE = STRUCT.u32("object_size", 12);
    /** Offset of the link in a free object; the word after the link is {@link #MARK}. */
    static final Word OFFSET = STRUCT.u32("offset", 16);
    /** Bytes before the first object: its left red zone. */
    static final Word RED_LEFT = STRUCT.u32("red_left_pad", 20);
    /** Offset of the end of the right red zone; the object's size if there is none. */
    static final Word RED_END = STRUCT.u32("red_end", 24);
    /** Offset of the tracks of an object, see {@link TrackLayout}. */
    static final Word TRACK = STRUCT.u32("track", 28);
    static final Word ALIGN = STRUCT.u32("align", 32);
    static final Word ORDER = STRUCT.u32("order", 36);
    static final Word OBJECTS = STRUCT.u32("objects", 40);
    /** Flags that every slab is allocated with, besides those of the caller. */
    static final Word GFP = STRUCT.u32("allocflags", 44);
    /** 0 if the cache has none. */
    static final Pointer CONSTRUCTOR = STRUCT.function("ctor", 48);
    static final Pointer DESTRUCTOR = STRUCT.function("dtor", 52);
    /** Slabs that no hart uses and that have a free object. */
    static final Embedded PARTIAL = STRUCT.list("partial", 56);
    static final Word NR_PARTIAL = STRUCT.u32("nr_partial", 64);
    /** Empty slabs that the cache keeps. */
    static final Word MIN_PARTIAL = STRUCT.u32("min_partial", 68);
    static final Word SLABS = STRUCT.u32("nr_slabs", 72);
    /** In the list of all caches. */
    static final Embedded CACHES = STRUCT.list("list", 76);
    /**
     * The facts that the fast path of an allocation or free needs, in one word; {@link #SLOW_PATH} in a cache with
     * checks, and where they do not fit.
     *
     * <pre>
     *   31 30 29   28   27       13 12         0
     *  +--------+------+-----------+------------+
     *  |   0    | LINK |  OBJECTS  |  SIZE / 8  |
     *  +--------+------+-----------+------------+
     * </pre>
     *
     * LINK is set if the link of a free object is not at its beginning, but at {@link #OFFSET}.
     */
    static final Word FAST_PATH = STRUCT.u32("fast_path", 92);
    static final Text NAME = STRUCT.text("name", 96, NAME_BYTES);
    static final Embedded CPUS = STRUCT.array("cpu_slab", 128, KmemCacheCpuLayout.STRUCT, Machine.MAX_HARTS);

    static final int SLOW_PATH = -1;

    /** Distance of the mark from the link of a free object. */
    static final int MARK = 4;
    /** The mark of a free object. It hints at a second free of the object; the free lists decide. */
    static final int FREE = 0x6b6b_6b6b;

    /** The parts of {@link PageLayout#COUNTERS}: allocated objects, all objects, and whether a hart uses the slab. */
    static final int INUSE_MASK = 0xffff;
    static final int OBJECTS_SHIFT = 16;
    static final int OBJECTS_MASK = 0x7fff;
    static final int FROZEN = 1 << 31;

    private KmemCacheLayout() { }

    static int fastPath(int size, int objects, int offset) {
        return size >= 1 << 16 ? SLOW_PATH : size >> 3 | objects << 13 | (offset == 0 ? 0 : 1 << 28);
    }

    static int fastSize(int fastPath) {
        return (fastPath & 0x1fff) << 3;
    }

    static int fastObjects(int fastPath) {
        return fastPath >>> 13 & OBJECTS_MASK;
    }

    static boolean hasLinkOutside(int fastPath) {
        return (fastPath & 1 << 28) != 0;
    }

    /** Whether the cache has a fast path, and the link of a free object is at its beginning. */
    static boolean hasLinkInside(int fastPath) {
        return fastPath >>> 28 == 0;
    }

    static int inUse(int counters) {
        return counters & INUSE_MASK;
    }

    static int objects(int counters) {
        return counters >>> OBJECTS_SHIFT & OBJECTS_MASK;
    }

    static boolean isFrozen(int counters) {
        return counters < 0;
    }
}
