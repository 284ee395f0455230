package ferrite.kernel.block;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;

/** {@code struct blk_plug}: while a task has one, the queue that it fills waits, so that its bios are merged. */
@DriverApi
public final class BlkPlugLayout {

    public static final int SIZE = 8;

    public static final Struct STRUCT = Struct.of("blk_plug", SIZE);

    /** The queue that has to be run; 0 for none. */
    static final Pointer QUEUE = STRUCT.pointer("queue", 0, "struct request_queue");

    private BlkPlugLayout() { }
}
