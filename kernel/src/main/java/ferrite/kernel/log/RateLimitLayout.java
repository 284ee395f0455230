package ferrite.kernel.log;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/** {@code struct ratelimit_state}: how many messages there may be in how much time, and how many there were. */
@DriverApi
public final class RateLimitLayout {

    public static final int SIZE = 32;

    public static final Struct STRUCT = Struct.of("ratelimit_state", SIZE);

    static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** The number of messages that one interval may have. */
    static final Word BURST = STRUCT.u32("burst", 4);
    static final Word PRINTED = STRUCT.u32("printed", 8);
    static final Word MISSED = STRUCT.u32("missed", 12);
    /** In ticks; 0 for no limit. */
    static final U64 INTERVAL = STRUCT.u64("interval", 16);
    /** When the interval began; 0 before the first message. */
    static final U64 BEGIN = STRUCT.u64("begin", 24);

    private RateLimitLayout() { }
}
