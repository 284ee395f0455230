package ferrite.kernel.base;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Allocation flags (LDD3 pages 214-218), with the names and values of Linux 6.1. Only the page allocator interprets
 * them.
 */
@DriverApi
public final class Gfp {

    /** Allocate from the DMA zone only. */
    public static final int __GFP_DMA = 0x01;
    /** Allocate from high memory, which has no kernel address; else from NORMAL, else from DMA. */
    public static final int __GFP_HIGHMEM = 0x02;
    /** May use the emergency reserve. */
    public static final int __GFP_HIGH = 0x20;
    /** Reclaim may start block I/O. */
    public static final int __GFP_IO = 0x40;
    /** Reclaim may call file systems. */
    public static final int __GFP_FS = 0x80;
    /** Zero the memory. */
    public static final int __GFP_ZERO = 0x100;
    /** The caller cannot sleep, and needs the memory now. */
    public static final int __GFP_ATOMIC = 0x200;
    /** May sleep and reclaim memory (LDD3's {@code __GFP_WAIT}). */
    public static final int __GFP_DIRECT_RECLAIM = 0x400;
    /** May wake the reclaim task. */
    public static final int __GFP_KSWAPD_RECLAIM = 0x800;
    /** Log nothing if the allocation fails. */
    public static final int __GFP_NOWARN = 0x2000;
    /** Try harder: wait for blocks above order 3 too. The name is that of later kernels. */
    public static final int __GFP_RETRY_MAYFAIL = 0x4000;
    /** LDD3's name for {@link #__GFP_RETRY_MAYFAIL}. */
    public static final int __GFP_REPEAT = __GFP_RETRY_MAYFAIL;
    /** Never fail: wait for ever if necessary. */
    public static final int __GFP_NOFAIL = 0x8000;
    /** Give up after one attempt to reclaim memory. */
    public static final int __GFP_NORETRY = 0x1_0000;
    /** On behalf of a user's task. */
    public static final int __GFP_HARDWALL = 0x10_0000;
    /**
     * Prefer a page that is in no hart's cache, for a device to fill. Linux dropped it after version 4.14; the bit is
     * free in 6.1.
     */
    public static final int __GFP_COLD = 0x1000_0000;

    public static final int __GFP_RECLAIM = __GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM;

    public static final int GFP_ATOMIC = __GFP_HIGH | __GFP_ATOMIC | __GFP_KSWAPD_RECLAIM;
    public static final int GFP_KERNEL = __GFP_RECLAIM | __GFP_IO | __GFP_FS;
    public static final int GFP_NOWAIT = __GFP_KSWAPD_RECLAIM;
    public static final int GFP_NOIO = __GFP_RECLAIM;
    public static final int GFP_NOFS = __GFP_RECLAIM | __GFP_IO;
    public static final int GFP_USER = __GFP_RECLAIM | __GFP_IO | __GFP_FS | __GFP_HARDWALL;
    public static final int GFP_HIGHUSER = GFP_USER | __GFP_HIGHMEM;
    public static final int GFP_DMA = __GFP_DMA;

    private static final Map<String, Integer> NAMES = new LinkedHashMap<>();

    static {
        NAMES.put("GFP_HIGHUSER", GFP_HIGHUSER);
        NAMES.put("GFP_USER", GFP_USER);
        NAMES.put("GFP_KERNEL", GFP_KERNEL);
        NAMES.put("GFP_NOFS", GFP_NOFS);
        NAMES.put("GFP_ATOMIC", GFP_ATOMIC);
        NAMES.put("GFP_NOIO", GFP_NOIO);
        NAMES.put("GFP_NOWAIT", GFP_NOWAIT);
        NAMES.put("GFP_DMA", GFP_DMA);
        NAMES.put("__GFP_DMA", __GFP_DMA);
        NAMES.put("__GFP_HIGHMEM", __GFP_HIGHMEM);
        NAMES.put("__GFP_HIGH", __GFP_HIGH);
        NAMES.put("__GFP_ATOMIC", __GFP_ATOMIC);
        NAMES.put("__GFP_IO", __GFP_IO);
        NAMES.put("__GFP_FS", __GFP_FS);
        NAMES.put("__GFP_NOWARN", __GFP_NOWARN);
        NAMES.put("__GFP_RETRY_MAYFAIL", __GFP_RETRY_MAYFAIL);
        NAMES.put("__GFP_REPEAT", __GFP_REPEAT);
        NAMES.put("__GFP_NOFAIL", __GFP_NOFAIL);
        NAMES.put("__GFP_NORETRY", __GFP_NORETRY);
        NAMES.put("__GFP_ZERO", __GFP_ZERO);
        NAMES.put("__GFP_HARDWALL", __GFP_HARDWALL);
        NAMES.put("__GFP_COLD", __GFP_COLD);
        NAMES.put("__GFP_RECLAIM", __GFP_RECLAIM);
        NAMES.put("__GFP_DIRECT_RECLAIM", __GFP_DIRECT_RECLAIM);
        NAMES.put("__GFP_KSWAPD_RECLAIM", __GFP_KSWAPD_RECLAIM);
    }

    private Gfp() { }

    public static boolean maySleep(int flags) {
        return (flags & __GFP_DIRECT_RECLAIM) != 0;
    }

    /** Returns the flags by name. Names for several bits come first. */
    public static Map<String, Integer> byName() {
        return new LinkedHashMap<>(NAMES);
    }

    /** Formats flags as Linux's reports do: names joined by {@code |}, names for several bits first. */
    public static String names(int flags) {
        List<String> names = new ArrayList<>();
        int left = flags;
        for (Map.Entry<String, Integer> name : NAMES.entrySet()) {
            if (left != 0 && (left & name.getValue()) == name.getValue()) {
                names.add(name.getKey());
                left &= ~name.getValue();
            }
        }
        if (left != 0 || names.isEmpty()) {
            names.add("0x" + Integer.toHexString(left));
        }
        return String.join("|", names);
    }

    /**
     * Parses flags written as names joined by {@code |}.
     *
     * @throws IllegalArgumentException if a name is unknown; the message lists the names
     */
    public static int parse(String text) {
        int flags = 0;
        for (String name : text.split("\\|", -1)) {
            Integer value = NAMES.get(name.strip());
            if (value == null) {
                throw new IllegalArgumentException("'" + name + "' is no allocation flag; join some of these with |: "
                        + String.join(", ", NAMES.keySet()));
            }
            flags |= value;
        }
        return flags;
    }
}
