package ferrite.kernel.mm;

import ferrite.hardware.Machine;

/** {@code struct kmem_cache}: what a lookaside cache knows of itself, and a list of free objects for each hart. */
public final class KmemCacheLayout {

    public static final int NAME_BYTES = 32;
    /** One hart's part: its free objects, and the slab that they are from. */
    static final int CPU_SHIFT = 4;

    /** Protects the list of partial slabs, and every slab that no hart has taken for itself. */
    static final int LOCK = 0;
    /**
     * What the short way of an allocation or free has to know, in one word; {@link #LONG_WAY} in a cache with checks, and where it does not fit.
     *
     * <pre>
     *   31 30 29   28   27       13 12         0
     *  +--------+------+-----------+------------+
     *  |   0    | LINK |  OBJECTS  |  SIZE / 8  |
     *  +--------+------+-----------+------------+
     * </pre>
     *
     * LINK says that the link of a free object is not where the object begins but at {@link #OFFSET}.
     */
    static final int SHORT_WAY = 92;
    static final int LONG_WAY = -1;
    static final int FLAGS = 4;
    /** Distance from one object to the next. */
    static final int SIZE = 8;
    /** What its user asked for. */
    static final int OBJECT_SIZE = 12;
    /** Where in a free object its link is; the word behind it is {@link #MARK}. */
    static final int OFFSET = 16;
    static final int MARK = 4;
    /** Bytes before the first object: its left red zone. */
    static final int RED_LEFT = 20;
    /** Where the right red zone ends; equal to the object's size when there is none. */
    static final int RED_END = 24;
    /** Where the records are of who allocated and who freed. */
    static final int TRACK = 28;
    static final int ALIGN = 32;
    static final int ORDER = 36;
    static final int OBJECTS = 40;
    /** Page flags that every slab is allocated with, beside those of the caller. */
    static final int GFP = 44;
    /** Text addresses, or 0. */
    static final int CONSTRUCTOR = 48;
    static final int DESTRUCTOR = 52;
    /** Slabs that no hart has taken and that have a free object. */
    static final int PARTIAL = 56;
    static final int NR_PARTIAL = 64;
    /** That many empty slabs are kept. */
    static final int MIN_PARTIAL = 68;
    static final int SLABS = 72;
    /** In the list of all caches. */
    static final int CACHES = 76;
    static final int NAME = 96;
    static final int CPUS = 128;

    static final int CPU_FREELIST = 0;
    static final int CPU_SLAB = 4;

    public static final int BYTES = CPUS + (Machine.MAX_HARTS << CPU_SHIFT);

    /** What {@link #MARK} holds in a free object. It is a hint that a second free is one; the free lists have the last word. */
    static final int FREE = 0x6b6b_6b6b;

    /** {@link PageLayout#COUNTERS} of a slab: objects that are taken, objects that there are, and whether a hart has taken the slab. */
    static final int INUSE_MASK = 0xffff;
    static final int OBJECTS_SHIFT = 16;
    static final int OBJECTS_MASK = 0x7fff;
    static final int FROZEN = 1 << 31;

    private KmemCacheLayout() { }

    static long cpu(long cache, int hart) {
        return cache + CPUS + ((long) hart << CPU_SHIFT);
    }

    static int shortWay(int size, int objects, int offset) {
        return size >= 1 << 16 ? LONG_WAY : size >> 3 | objects << 13 | (offset == 0 ? 0 : 1 << 28);
    }

    static int shortSize(int shortWay) {
        return (shortWay & 0x1fff) << 3;
    }

    static int shortObjects(int shortWay) {
        return shortWay >>> 13 & OBJECTS_MASK;
    }

    static boolean hasLinkOutside(int shortWay) {
        return (shortWay & 1 << 28) != 0;
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

    /** Who allocated or freed an object: words in this order. */
    static final class Track {
        static final int SITE = 0;
        static final int TASK_NAME = 4;
        static final int PID = 8;
        static final int HART = 12;
        static final int GFP = 16;
        static final int TIME = 20;
        static final int BYTES = 28;

        private Track() { }
    }
}
