package ferrite.kernel.mm;

import static ferrite.kernel.mm.KmemCacheLayout.CPUS;

import ferrite.hardware.Machine;
import ferrite.hardware.turn.KernelMemory;

/** Searches the lists of free objects, to tell a double free. The cache is locked. */
final class FreeObjectSearch {

    private final KernelMemory memory;
    private final MemMap memMap;

    FreeObjectSearch(KernelMemory memory, MemMap memMap) {
        this.memory = memory;
        this.memMap = memMap;
    }

    /**
     * Tells whether an object is on its slab's list, or on the list of the hart that owns the slab. The cache is
     * locked.
     */
    boolean isFree(long cache, long slab, long object, int offset) {
        if (isOn(PageLayout.FREELIST.get(memory, slab), object, offset)) {
            return true;
        }
        for (int hart = 0; hart < Machine.MAX_HARTS; hart++) {
            long other = CPUS.at(cache, hart);
            if (KmemCacheCpuLayout.SLAB.get(memory, other) == slab) {
                return isOn(KmemCacheCpuLayout.FREELIST.get(memory, other), object, offset);
            }
        }
        return false;
    }

    private boolean isOn(long list, long object, int offset) {
        long free = list;
        for (int i = 0; i <= KmemCacheLayout.OBJECTS_MASK && free != 0; i++) {
            if (free == object) {
                return true;
            }
            free = memMap.virtToPage(free) == 0 ? 0 : memory.loadAddress(free + offset);
        }
        return false;
    }
}
