package ferrite.peripherals.virtio;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;
import ferrite.kernel.dma.ScatterListLayout;
import ferrite.kernel.work.WorkLayout;

/**
 * A request of a block device ({@code struct virtblk_req}), an object of a lookaside cache. The device reads the header
 * and writes the status, so each has a cache line of its own.
 */
final class VirtblkReqLayout {

    static final int LINE = 64;
    /** The most entries of the data's list. */
    static final int MAX_ENTRIES = 16;
    static final int SIZE = 576;

    static final Struct STRUCT = Struct.of("virtblk_req", SIZE);

    /** The header (section 5.2.6). */
    static final Word TYPE = STRUCT.u32("type", 0);
    static final Word RESERVED = STRUCT.u32("reserved", 4);
    static final U64 SECTOR = STRUCT.u64("sector", 8);
    static final Bytes STATUS = STRUCT.bytes("status", LINE, 1);

    /** {@link #PENDING}, {@link #DONE} or {@link #ABORTED}. */
    static final Word STATE = STRUCT.u32("state", 2 * LINE);
    /** The number of bytes that the device says it has written. */
    static final Word IN_LENGTH = STRUCT.u32("in_len", STATE.end());
    /** The number of entries of the data's list. */
    static final Word ENTRIES = STRUCT.u32("entries", IN_LENGTH.end());
    /** The request of the queue, and its device. */
    static final Pointer RQ = STRUCT.pointer("rq", ENTRIES.end(), "struct request");
    static final Pointer BLK = STRUCT.pointer("vblk", RQ.end(), "struct virtio_blk");
    static final Embedded WORK = STRUCT.embedded("work", BLK.end(), WorkLayout.STRUCT);
    static final Embedded HEADER_SG = STRUCT.embedded("header_sg", WORK.end(), ScatterListLayout.STRUCT);
    static final Embedded STATUS_SG = STRUCT.embedded("status_sg", HEADER_SG.end(), ScatterListLayout.STRUCT);
    static final Embedded DATA_SG = STRUCT.array("data_sg", STATUS_SG.end(), ScatterListLayout.STRUCT, MAX_ENTRIES);

    static final int PENDING = 0;
    static final int DONE = 1;
    /** The device was reset meanwhile. */
    static final int ABORTED = 2;

    private VirtblkReqLayout() { }
}
