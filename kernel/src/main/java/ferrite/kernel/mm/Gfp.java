package ferrite.kernel.mm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Allocation flags (LDD3 pages 214-218), with Linux's names and the values of its version 6.1. What each means is decided in {@link BuddyAllocator} alone.
 */
public final class Gfp {

    /** Only the DMA zone will do. */
    public static final int __GFP_DMA = 0x01;
    /** May dip into the emergency reserve. */
    public static final int __GFP_HIGH = 0x20;
    /** May start block I/O to get memory back. */
    public static final int __GFP_IO = 0x40;
    /** May call into file systems to get memory back. */
    public static final int __GFP_FS = 0x80;
    /** The memory is zeroed. */
    public static final int __GFP_ZERO = 0x100;
    /** May sleep while memory is got back. */
    public static final int __GFP_DIRECT_RECLAIM = 0x400;
    /** May wake the reclaim task. */
    public static final int __GFP_KSWAPD_RECLAIM = 0x800;

    public static final int GFP_KERNEL = __GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM | __GFP_IO | __GFP_FS;
    public static final int GFP_ATOMIC = __GFP_HIGH | __GFP_KSWAPD_RECLAIM;
    public static final int GFP_DMA = __GFP_DMA;

    private static final Map<String, Integer> NAMES = new LinkedHashMap<>();

    static {
        NAMES.put("GFP_KERNEL", GFP_KERNEL);
        NAMES.put("GFP_ATOMIC", GFP_ATOMIC);
        NAMES.put("GFP_DMA", GFP_DMA);
        NAMES.put("__GFP_DMA", __GFP_DMA);
        NAMES.put("__GFP_ZERO", __GFP_ZERO);
        NAMES.put("__GFP_HIGH", __GFP_HIGH);
        NAMES.put("__GFP_IO", __GFP_IO);
        NAMES.put("__GFP_FS", __GFP_FS);
        NAMES.put("__GFP_DIRECT_RECLAIM", __GFP_DIRECT_RECLAIM);
        NAMES.put("__GFP_KSWAPD_RECLAIM", __GFP_KSWAPD_RECLAIM);
    }

    private Gfp() { }

    public static boolean maySleep(int flags) {
        return (flags & __GFP_DIRECT_RECLAIM) != 0;
    }

    /** Flags as Linux writes them in its reports: the largest names first, joined by {@code |}. */
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
     * Reads flags as a person writes them: names joined by {@code |}.
     *
     * @throws IllegalArgumentException with a sentence that lists the names
     */
    public static int parse(String text) {
        int flags = 0;
        for (String name : text.split("\\|", -1)) {
            Integer value = NAMES.get(name.strip());
            if (value == null) {
                throw new IllegalArgumentException("'" + name + "' is no allocation flag; there are " + String.join(", ", NAMES.keySet())
                        + ", to be joined by |");
            }
            flags |= value;
        }
        return flags;
    }
}
