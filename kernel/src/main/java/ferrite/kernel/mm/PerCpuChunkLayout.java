package ferrite.kernel.mm;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/**
 * {@code struct pcpu_chunk}: memory for per-CPU variables, a unit of {@value #UNIT} bytes for each hart, allocated by
 * cache lines.
 */
final class PerCpuChunkLayout {

    /** Bytes of a hart. */
    static final int UNIT = 16 << 10;
    /** Variables are padded to a multiple of this, so that no two share a cache line. */
    static final int LINE = 64;
    static final int LINES = UNIT / LINE;

    static final int BYTES = 12 + 2 * LINES / 8;

    static final Struct STRUCT = Struct.of("pcpu_chunk", BYTES);

    static final Pointer NEXT = STRUCT.pointer("next", 0, "struct pcpu_chunk");
    /** Address of the first hart's unit. */
    static final Pointer BASE = STRUCT.pointer("base_addr", 4, "void");
    static final Word FREE_LINES = STRUCT.u32("free_lines", 8);
    /** A bit for each line that is allocated. */
    static final Bytes TAKEN = STRUCT.bytes("alloc_map", 12, LINES / 8);
    /** A bit for each line that is the last one of its variable. */
    static final Bytes LAST = STRUCT.bytes("bound_map", TAKEN.end(), LINES / 8);

    private PerCpuChunkLayout() { }
}
