package ferrite.kernel.mm;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.WaitQueueLayout;

/** The state of {@link Reclaim}, in the root page. */
public final class ReclaimLayout {

    public static final Struct STRUCT = Struct.of("reclaim", 68);

    static final Embedded SHRINKERS = STRUCT.list("shrinker_list", 0);
    /** Protects the list of shrinkers, and the requests to kswapd. */
    static final Embedded LOCK = STRUCT.spinlock("lock", 8);
    static final Embedded SHRINKER_WAIT = STRUCT.embedded("shrinker_wait", 12, WaitQueueLayout.STRUCT);
    static final Embedded KSWAPD_WAIT = STRUCT.embedded("kswapd_wait", 24, WaitQueueLayout.STRUCT);
    /** The largest order that was wanted since kswapd last looked. */
    static final Word KSWAPD_ORDER = STRUCT.u32("kswapd_order", 36);
    /** The highest zone that was wanted since then, plus one; 0 if none was. */
    static final Word KSWAPD_ZONE = STRUCT.u32("kswapd_zone", 40);
    /** Runs of kswapd in a row that freed nothing. */
    static final Word KSWAPD_FAILURES = STRUCT.u32("kswapd_failures", 44);
    static final Embedded FREE_WAIT = STRUCT.embedded("free_wait", 48, WaitQueueLayout.STRUCT);
    /** Tasks that wait for a free: while there are any, each free is announced. */
    public static final Word FREE_WAITERS = STRUCT.u32("free_waiters", 60);
    /** Frees that were announced. */
    static final Word FREES = STRUCT.u32("frees", 64);

    private ReclaimLayout() { }
}
