package ferrite.kernel.block;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/** {@code struct request}: bios of neighbouring sectors that a driver serves at once (LDD3 page 481). */
@DriverApi
public final class RequestLayout {

    public static final int SIZE = 64;

    public static final Struct STRUCT = Struct.of("request", SIZE);

    /** In the queue's order of sectors. A driver may use it once it has fetched the request. */
    public static final Embedded QUEUELIST = STRUCT.list("queuelist", 0);
    public static final Pointer RQ_DISK = STRUCT.pointer("rq_disk", 8, "struct gendisk");
    static final Pointer QUEUE = STRUCT.pointer("q", 12, "struct request_queue");
    /** {@link BioLayout#OPF} of its bios. */
    static final Word CMD_FLAGS = STRUCT.u32("cmd_flags", 16);
    /** The first sector and the bytes that have not ended. */
    static final U64 SECTOR = STRUCT.u64("__sector", 24);
    static final Word DATA_LEN = STRUCT.u32("__data_len", 32);
    static final Word SEGMENTS = STRUCT.u32("nr_phys_segments", 36);
    static final Pointer BIO = STRUCT.pointer("bio", 40, "struct bio");
    static final Pointer BIOTAIL = STRUCT.pointer("biotail", 44, "struct bio");
    static final Embedded FIFO = STRUCT.list("fifo", 48);
    /** The time of its making, in ticks. */
    static final U64 START = STRUCT.u64("start_time_ns", 56);

    private RequestLayout() { }
}
