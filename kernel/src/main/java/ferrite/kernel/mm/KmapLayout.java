package ferrite.kernel.mm;

import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** What {@link Kmap} keeps. */
public final class KmapLayout {

    /** Linux's {@code LAST_PKMAP}: a second-level table's worth. */
    static final int SLOTS = 1024;

    static final int LOCK = 0;
    /** The slot that was given out last. */
    static final int LAST = 4;
    /** How many pages are mapped, by kmap and by kmap_atomic: while there are none, freeing one costs no search. */
    static final int MAPPED = 8;
    /** Who waits for a slot. */
    static final int WAIT = 12;
    /** Held while slots are flushed. */
    static final int FLUSH = WAIT + WaitQueueLayout.SIZE;
    /** {@code pkmap_count}: 0 when a slot is free, 1 when it is not mapped any more but some hart may still think so, and one more than it is mapped otherwise. */
    static final int COUNTS = FLUSH + MutexLayout.SIZE;

    /** Where each slot was given out last, while owners are recorded. */
    static final int SITES = COUNTS + 4 * SLOTS;

    public static final int BYTES = SITES + 4 * SLOTS;

    private KmapLayout() { }
}
