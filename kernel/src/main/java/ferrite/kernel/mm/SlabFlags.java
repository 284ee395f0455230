package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;

/** Flags of a lookaside cache (LDD3 page 218), with the names and values of Linux 6.1. */
@DriverApi
public final class SlabFlags {

    /** {@code F} in {@code slub_debug}: all checks that need no extra room in the slab. */
    public static final int SLAB_CONSISTENCY_CHECKS = 0x100;
    /** {@code Z}: guard bytes before and after each object. */
    public static final int SLAB_RED_ZONE = 0x400;
    /** {@code P}: a free object holds a pattern. */
    public static final int SLAB_POISON = 0x800;
    /** Objects begin at a cache line, or at the smallest fraction of one that they fit in. */
    public static final int SLAB_HWCACHE_ALIGN = 0x2000;
    /** Objects lie in the DMA zone. */
    public static final int SLAB_CACHE_DMA = 0x4000;
    /** {@code U}: records the tasks that allocated and freed each object. */
    public static final int SLAB_STORE_USER = 0x1_0000;
    /** The kernel panics if it cannot make the cache. */
    public static final int SLAB_PANIC = 0x4_0000;
    /** A size class of kmalloc. */
    static final int SLAB_KMALLOC = 0x1000;

    /** With any of these a cache has no per-hart lists: every allocation and free takes the lock and checks. */
    static final int DEBUG = SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER;

    /** The default of {@code slub_debug}. Misused objects are always noticed, not by luck. */
    public static final String DEFAULT_SLUB_DEBUG = "FZP";

    private SlabFlags() { }

    /**
     * Returns the flags that {@code slub_debug} sets for a cache. The value is a list of letters, then optionally a
     * comma and the names of caches, each of which may end in a star. {@code on} stands for {@code FZPU}, {@code -} and
     * {@code off} for none.
     */
    static int debugFlags(String slubDebug, String cache) {
        String[] parts = slubDebug.split(",");
        boolean meant = parts.length == 1;
        for (int i = 1; i < parts.length && !meant; i++) {
            meant = parts[i].endsWith("*") ? cache.startsWith(parts[i].substring(0, parts[i].length() - 1))
                    : cache.equals(parts[i]);
        }
        return meant ? letters(parts[0]) : 0;
    }

    /**
     * Tells whether {@code slub_debug} asks for poison in free memory of this name. For allocators that are not caches
     * but treat objects alike.
     */
    public static boolean poisons(String slubDebug, String name) {
        return (debugFlags(slubDebug, name) & SLAB_POISON) != 0;
    }

    private static int letters(String letters) {
        if (letters.equals("off")) {
            return 0;
        }
        int flags = 0;
        for (char letter : (letters.equals("on") ? "FZPU" : letters).toCharArray()) {
            flags |= switch (letter) {
                case 'F', 'f' -> SLAB_CONSISTENCY_CHECKS;
                case 'Z', 'z' -> SLAB_RED_ZONE;
                case 'P', 'p' -> SLAB_POISON;
                case 'U', 'u' -> SLAB_STORE_USER;
                default -> 0;
            };
        }
        return flags;
    }

    /**
     * Checks a value for {@code slub_debug}.
     *
     * @throws IllegalArgumentException with a sentence if it is malformed
     */
    public static void check(String slubDebug) {
        if (!slubDebug.matches("(on|off|-|[FZPUfzpu]+)(,[A-Za-z0-9_.-]+\\*?)*")) {
            throw new IllegalArgumentException("'" + slubDebug
                    + "' is not a value of slub_debug: write on, off or letters of FZPU (sanity checks, red zones, "
                    + "poison, owners), then optionally the caches: FZP,kmalloc-64,task*");
        }
    }
}
