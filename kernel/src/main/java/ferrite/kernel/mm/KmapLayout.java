package ferrite.kernel.mm;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.sched.MutexLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** The state of {@link Kmap}. */
public final class KmapLayout {

    /** Linux's {@code LAST_PKMAP}: the entries of one second-level table. */
    static final int SLOTS = 1024;

    public static final int BYTES = 8236;

    public static final Struct STRUCT = Struct.of("kmap", BYTES);

    static final Embedded LOCK = STRUCT.spinlock("kmap_lock", 0);
    /** The slot that was given out last. */
    static final Word LAST = STRUCT.u32("last_pkmap_nr", 4);
    /** Pages mapped by kmap and kmap_atomic. While there are none, freeing a page costs no search. */
    static final Word MAPPED = STRUCT.s32("mapped", 8);
    /** Tasks that wait for a slot. */
    static final Embedded WAIT = STRUCT.embedded("pkmap_map_wait", 12, WaitQueueLayout.STRUCT);
    /** Held while slots are flushed. */
    static final Embedded FLUSH = STRUCT.embedded("flush", WAIT.end(), MutexLayout.STRUCT);
    /**
     * For each slot: 0 if it is free, 1 if it is no longer mapped but may still be in a hart's TLB, otherwise one more
     * than its mappings.
     */
    static final Word COUNTS = STRUCT.u32("pkmap_count", FLUSH.end(), SLOTS);
    /** The line of source that got each slot last, while owners are recorded. */
    static final Pointer SITES = STRUCT.pointer("sites", COUNTS.end(), "char", SLOTS);

    private KmapLayout() { }
}
