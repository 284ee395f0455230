package ferrite.kernel.mm;

import ferrite.kernel.base.Struct;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The layouts of all records of memory management, and the numbers that explain them, for debuggers. */
public final class MmStructs {

    public static final List<Struct> ALL = List.of(
            Bootmem.ENTRY, Bootmem.TABLE, FailPageAlloc.STRUCT, FreeAreaLayout.STRUCT, KmapLayout.STRUCT,
            KmemCacheCpuLayout.STRUCT, KmemCacheLayout.STRUCT, Memblock.REGION, Memblock.TABLE, MempoolLayout.STRUCT,
            PageLayout.STRUCT, PageOwner.OWNER, PageOwner.EXT, PageSets.STRUCT, PerCpu.STRUCT,
            PerCpuChunkLayout.STRUCT, ReclaimLayout.STRUCT, ShrinkerLayout.STRUCT, TrackLayout.STRUCT,
            VmallocLayout.STRUCT, VmapAreaLayout.VM_STRUCT, VmapAreaLayout.STRUCT, ZoneLayout.STRUCT);

    private MmStructs() { }

    /** Returns the bits of {@code flags} in {@code struct page}, as Linux numbers its {@code enum pageflags}. */
    public static Map<String, Long> pageFlags() {
        Map<String, Long> bits = new LinkedHashMap<>();
        PageLayout.FLAG_NAMES.forEach(name -> bits.put("PG_" + name, (long) bits.size()));
        return bits;
    }

    /** Returns the numbers that a reader of the records needs, by name. */
    public static Map<String, Long> constants() {
        Map<String, Long> constants = new LinkedHashMap<>();
        constants.put("MAX_ORDER", (long) Zones.MAX_ORDER);
        constants.put("PCPU_UNIT_SIZE", (long) PerCpuChunkLayout.UNIT);
        constants.put("VM_IOREMAP", (long) VmapAreaLayout.VM_IOREMAP);
        constants.put("VM_ALLOC", (long) VmapAreaLayout.VM_ALLOC);
        constants.put("VM_KERNEL_STACK", (long) VmapAreaLayout.KERNEL_STACK);
        constants.put("SLAB_STORE_USER", (long) SlabFlags.SLAB_STORE_USER);
        constants.put("SLAB_INUSE_MASK", (long) KmemCacheLayout.INUSE_MASK);
        constants.put("SLAB_OBJECTS_SHIFT", (long) KmemCacheLayout.OBJECTS_SHIFT);
        constants.put("SLAB_OBJECTS_MASK", (long) KmemCacheLayout.OBJECTS_MASK);
        return constants;
    }
}
