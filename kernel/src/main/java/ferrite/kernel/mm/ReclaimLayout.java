package ferrite.kernel.mm;

/** What reclaim keeps in the root page. */
public final class ReclaimLayout {

    static final int SHRINKERS = 0;
    /** Protects the list of shrinkers, and what kswapd is asked for. */
    static final int LOCK = 8;
    static final int SHRINKER_WAIT = 12;
    static final int KSWAPD_WAIT = 24;
    /** The largest order that was wanted since kswapd looked, and the highest zone, plus one; 0 when nothing was. */
    static final int KSWAPD_ORDER = 36;
    static final int KSWAPD_ZONE = 40;
    /** How often in a row kswapd got nothing back. */
    static final int KSWAPD_FAILURES = 44;
    static final int FREE_WAIT = 48;
    /** How many wait for a free: then each of them is told. */
    public static final int FREE_WAITERS = 60;
    /** Counts the frees that were told to somebody. */
    static final int FREES = 64;

    private ReclaimLayout() { }
}
