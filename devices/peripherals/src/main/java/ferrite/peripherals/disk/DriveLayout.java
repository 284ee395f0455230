package ferrite.peripherals.disk;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** The record in RAM that {@link DiskDriver} keeps for a drive of the controller. */
final class DriveLayout {

    static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("drive", SIZE);

    static final Pointer DISK = STRUCT.pointer("disk", 0, "struct disk");
    static final Word INDEX = STRUCT.u32("index", 4);
    static final ULong SECTORS = STRUCT.ulong("sectors", 8);
    static final Word READ_ONLY = STRUCT.u32("read_only", 12);

    private DriveLayout() { }
}
