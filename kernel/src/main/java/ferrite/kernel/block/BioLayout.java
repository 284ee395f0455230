package ferrite.kernel.block;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/** {@code struct bio}: neighbouring sectors of a disk, and the memory that they come from or go to (LDD3 page 482). */
@DriverApi
public final class BioLayout {

    /** The most pieces of memory. */
    public static final int BIO_MAX_VECS = 16;

    public static final int SIZE = 48 + BIO_MAX_VECS * BioVecLayout.SIZE;

    public static final Struct STRUCT = Struct.of("bio", SIZE);

    static final Pointer NEXT = STRUCT.pointer("bi_next", 0, "struct bio");
    public static final Pointer DISK = STRUCT.pointer("bi_disk", 4, "struct gendisk");
    /** An operation, such as {@link #REQ_OP_READ}, with flags. */
    public static final Word OPF = STRUCT.u32("bi_opf", 8);
    /** The bytes that have not ended. */
    static final Word SIZE_LEFT = STRUCT.u32("bi_size", 12);
    /** The first sector that has not ended. */
    public static final U64 SECTOR = STRUCT.u64("bi_sector", 16);
    /** Text address of {@link BioEndIo}. */
    public static final Pointer END_IO = STRUCT.function("bi_end_io", 24);
    public static final Pointer PRIVATE = STRUCT.pointer("bi_private", 28, "void");
    /** The first error, as a negative number; 0 for none. */
    public static final Word STATUS = STRUCT.s32("bi_status", 32);
    static final Word VCNT = STRUCT.u32("bi_vcnt", 36);
    /** The bytes that have ended. */
    static final Word DONE = STRUCT.u32("bi_bvec_done", 40);
    /** Not 0 for a bio of the reserve. */
    static final Word IS_RESERVE = STRUCT.u32("bi_pool", 44);
    static final Embedded VECS = STRUCT.array("bi_io_vec", 48, BioVecLayout.STRUCT, BIO_MAX_VECS);

    public static final int REQ_OP_READ = 0;
    public static final int REQ_OP_WRITE = 1;
    public static final int REQ_OP_FLUSH = 2;
    static final int REQ_OP_MASK = 0xff;
    /** The bytes may not be needed: an error is no error of a task. */
    public static final int REQ_RAHEAD = 1 << 19;
    /** The request stays alone. */
    static final int REQ_NOMERGE = 1 << 14;

    private BioLayout() { }
}
