package ferrite.kernel.mm;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/** {@code struct track}: the line of source and the task that allocated or freed an object, and the time. */
public final class TrackLayout {

    static final int BYTES = 28;

    public static final Struct STRUCT = Struct.of("track", BYTES);

    static final Pointer SITE = STRUCT.pointer("addr", 0, "char");
    static final Pointer TASK_NAME = STRUCT.pointer("comm", 4, "char");
    static final Word PID = STRUCT.u32("pid", 8);
    /** The hart, plus one; 0 in a track that was never written. */
    static final Word HART = STRUCT.u32("cpu", 12);
    static final Word GFP = STRUCT.u32("gfp", 16);
    static final U64 TIME = STRUCT.u64("when", 20);

    private TrackLayout() { }
}
