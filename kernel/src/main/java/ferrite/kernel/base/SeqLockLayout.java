package ferrite.kernel.base;

/** {@code seqlock_t}, in zeroed memory. */
@DriverApi
public final class SeqLockLayout {

    public static final int SIZE = 8;

    public static final Struct STRUCT = Struct.of("seqlock", SIZE);

    /** Odd while a writer writes. */
    static final Word SEQUENCE = STRUCT.u32("sequence", 0);
    static final Embedded LOCK = STRUCT.spinlock("lock", 4);

    private SeqLockLayout() { }
}
