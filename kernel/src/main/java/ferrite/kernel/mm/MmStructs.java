package ferrite.kernel.mm;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of memory management, for debuggers. */
public final class MmStructs {

    public static final List<Struct> ALL = List.of(
            Bootmem.ENTRY, Bootmem.TABLE, FailPageAlloc.STRUCT, FreeAreaLayout.STRUCT, KmapLayout.STRUCT,
            KmemCacheCpuLayout.STRUCT, KmemCacheLayout.STRUCT, Memblock.REGION, Memblock.TABLE, MempoolLayout.STRUCT,
            PageLayout.STRUCT, PageOwner.OWNER, PageOwner.EXT, PageSets.STRUCT, PerCpu.STRUCT,
            PerCpuChunkLayout.STRUCT, ReclaimLayout.STRUCT, ShrinkerLayout.STRUCT, TrackLayout.STRUCT,
            VmallocLayout.STRUCT, VmapAreaLayout.VM_STRUCT, VmapAreaLayout.STRUCT, ZoneLayout.STRUCT);

    private MmStructs() { }
}
