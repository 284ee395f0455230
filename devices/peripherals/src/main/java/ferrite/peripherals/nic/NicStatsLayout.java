package ferrite.peripherals.nic;

import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** A hart's counts of the driver's work: a per-CPU variable. */
final class NicStatsLayout {

    static final int SIZE = 24;

    static final Struct STRUCT = Struct.of("nic_stats", SIZE);

    static final Word INTERRUPTS = STRUCT.u32("interrupts", 0);
    static final Word POLLS = STRUCT.u32("polls", 4);
    static final Word RECEIVED = STRUCT.u32("received", 8);
    /** The received frames that were copied, and left their buffers where they were. */
    static final Word COPIED = STRUCT.u32("copied", 12);
    static final Word SENT = STRUCT.u32("sent", 16);
    static final Word RESETS = STRUCT.u32("resets", 20);

    private NicStatsLayout() { }
}
