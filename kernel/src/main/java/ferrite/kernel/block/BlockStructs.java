package ferrite.kernel.block;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of the block layer, for debuggers. */
public final class BlockStructs {

    public static final List<Struct> ALL = List.of(BioLayout.STRUCT, BioVecLayout.STRUCT, BlkPlugLayout.STRUCT,
            BlkdevFileLayout.STRUCT, BlockLayout.STRUCT, BlockMajors.STRUCT, BufferHeadLayout.STRUCT,
            DiskStatsLayout.STRUCT, GendiskLayout.STRUCT, HdGeometryLayout.STRUCT, IoBatchLayout.STRUCT,
            RequestLayout.STRUCT, RequestQueueLayout.STRUCT);

    private BlockStructs() { }
}
