package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;

/** Flags of a lookaside cache (LDD3 page 218), with Linux's names and the values of its version 6.1. */
@DriverApi
public final class SlabFlags {

    /** {@code F} in {@code slub_debug}: everything that can be checked without more room in the slab is checked. */
    public static final int SLAB_CONSISTENCY_CHECKS = 0x100;
    /** {@code Z}: bytes before and behind each object that nobody may write. */
    public static final int SLAB_RED_ZONE = 0x400;
    /** {@code P}: a free object holds a pattern that nobody may write. */
    public static final int SLAB_POISON = 0x800;
    /** Objects begin at a cache line, or at a fraction of one that they fit in. */
    public static final int SLAB_HWCACHE_ALIGN = 0x2000;
    /** Objects lie in the DMA zone. */
    public static final int SLAB_CACHE_DMA = 0x4000;
    /** {@code U}: who allocated each object, and who freed it. */
    public static final int SLAB_STORE_USER = 0x1_0000;
    /** The kernel panics when the cache cannot be made. */
    public static final int SLAB_PANIC = 0x4_0000;
    /** A size class of kmalloc. */
    static final int SLAB_KMALLOC = 0x1000;

    /** Any of these, and a cache has no per-hart lists: every allocation and free takes the lock and checks. */
    static final int DEBUG = SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER;

    /** What {@code slub_debug} is when nobody says: mistakes with objects are to be noticed, not merely likely to be. */
    public static final String DEFAULT_SLUB_DEBUG = "FZP";

    private SlabFlags() { }

    /**
     * What {@code slub_debug} asks for a cache: letters, then perhaps a comma and the caches that they are for, of which the last may end in a star. {@code on}
     * stands for {@code FZPU}, {@code -} and {@code off} for nothing.
     */
    static int debugFlags(String slubDebug, String cache) {
        String[] parts = slubDebug.split(",");
        boolean meant = parts.length == 1;
        for (int i = 1; i < parts.length && !meant; i++) {
            meant = parts[i].endsWith("*") ? cache.startsWith(parts[i].substring(0, parts[i].length() - 1)) : cache.equals(parts[i]);
        }
        return meant ? letters(parts[0]) : 0;
    }

    /** Whether {@code slub_debug} asks that free memory of this name holds a pattern: for what is no cache, and is free and allocated like objects of one. */
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
     * Whether a person may write this for {@code slub_debug}.
     *
     * @throws IllegalArgumentException with a sentence when not
     */
    public static void check(String slubDebug) {
        if (!slubDebug.matches("(on|off|-|[FZPUfzpu]+)(,[A-Za-z0-9_.-]+\\*?)*")) {
            throw new IllegalArgumentException("'" + slubDebug + "' is not understood; on, off or letters out of FZPU (sanity checks, red zones, poison, "
                    + "owners), then perhaps the caches meant: FZP,kmalloc-64,task*");
        }
    }
}
