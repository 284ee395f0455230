package ferrite.kernel.mm;

/** {@code struct pcpu_chunk}: memory for per-CPU variables, a unit of {@value #UNIT} bytes for each hart, given out in cache lines. */
final class PerCpuChunkLayout {

    /** Bytes of a hart. */
    static final int UNIT = 16 << 10;
    /** What variables are padded to, so that no two share a cache line. */
    static final int LINE = 64;
    static final int LINES = UNIT / LINE;

    static final int NEXT = 0;
    /** Where the first hart's unit is. */
    static final int BASE = 4;
    static final int FREE_LINES = 8;
    /** A bit for each line that is taken, and one for each that is the last of its variable. */
    static final int TAKEN = 12;
    static final int LAST = TAKEN + LINES / 8;
    static final int BYTES = LAST + LINES / 8;

    private PerCpuChunkLayout() { }
}
