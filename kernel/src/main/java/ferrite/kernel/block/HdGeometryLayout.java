package ferrite.kernel.block;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.DriverApi;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct hd_geometry}: the answer of the ioctl HDIO_GETGEO (LDD3 page 473). */
@DriverApi
public final class HdGeometryLayout {

    public static final int SIZE = 8;

    public static final Struct STRUCT = Struct.of("hd_geometry", SIZE);

    /** A byte each for heads and sectors of a track, and 16 bits for the cylinders. */
    public static final Bytes HEADS = STRUCT.bytes("heads", 0, 1);
    public static final Bytes SECTORS = STRUCT.bytes("sectors", 1, 1);
    public static final Bytes CYLINDERS = STRUCT.bytes("cylinders", 2, 2);
    /** The first sector of a partition. */
    public static final Word START = STRUCT.u32("start", 4);

    private HdGeometryLayout() { }
}
