package ferrite.peripherals.disk;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** The record in RAM that {@link DiskDriver} keeps for a drive of the controller. */
final class DriveLayout {

    static final int SIZE = 24;

    static final Struct STRUCT = Struct.of("drive", SIZE);

    static final Pointer DISK = STRUCT.pointer("disk", 0, "struct disk");
    static final Word INDEX = STRUCT.u32("index", 4);
    static final Pointer GENDISK = STRUCT.pointer("gendisk", 8, "struct gendisk");
    /** 0 when the driver does not serve the device any more. */
    static final Pointer QUEUE = STRUCT.pointer("queue", 12, "struct request_queue");
    /** The buffer that the DMA controller reaches, while a file is open. */
    static final Pointer BUFFER = STRUCT.pointer("buffer", 16, "void");
    static final Word OPENERS = STRUCT.u32("openers", 20);

    private DriveLayout() { }
}
