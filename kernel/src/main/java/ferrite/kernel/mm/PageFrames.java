package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;

/**
 * The parts that describe page frames.
 *
 * @param memMap    their records, {@code struct page}
 * @param zones     their zones
 * @param owners    the tasks that allocated them, while owners are recorded
 * @param highPages access to frames that have no linear address
 */
public record PageFrames(MemMap memMap, Zones zones, PageOwner owners, HighPages highPages) {

    /** Copies bytes out of one page of any zone. Any context. */
    public void memcpyFromPage(KernelMemory memory, long to, long page, int offset, int bytes) {
        long low = memMap.pageAddress(page);
        if (low != 0) {
            memory.copy(to, low + offset, bytes);
        } else {
            highPages.copyFrom(to, (memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT) + offset, bytes);
        }
    }

    /** Copies bytes into one page of any zone. Any context. */
    public void memcpyToPage(KernelMemory memory, long page, int offset, long from, int bytes) {
        long low = memMap.pageAddress(page);
        if (low != 0) {
            memory.copy(low + offset, from, bytes);
        } else {
            highPages.copyTo((memMap.pageToPfn(page) << AddressSpace.PAGE_SHIFT) + offset, from, bytes);
        }
    }
}
