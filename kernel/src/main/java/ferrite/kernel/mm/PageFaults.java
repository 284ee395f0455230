package ferrite.kernel.mm;

import ferrite.hardware.hart.Access;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;

/** What a kernel address was that a page fault was taken at, or that was used after it was unmapped: for the oops, and for the report of the rule that was broken. It only looks. */
public final class PageFaults {

    private final Violations violations;
    private final AddressSpace space;
    private final MemMap memMap;
    private final Vmalloc vmalloc;
    private final VmallocChecks areas;
    private final KmapSlots slots;
    private final KmapChecks highMemory;

    PageFaults(KernelBase base, MemMap memMap, Vmalloc vmalloc, KmapSlots slots) {
        this.violations = base.violations();
        this.space = base.space();
        this.memMap = memMap;
        this.vmalloc = vmalloc;
        this.areas = new VmallocChecks(violations);
        this.slots = slots;
        this.highMemory = slots.checks();
    }

    /** What there is to say about it, as a clause; or null. */
    public String explain(String access, long va) {
        ReadableMemory view = violations.peek();
        if (KmapSlots.isSlot(va)) {
            long pfn = slots.frame(view, va);
            return pfn == 0 ? "a slot of kmap that nothing was mapped to yet" : highMemory.fault(access, va, pfn, "it was, until its kunmap or kunmap_atomic");
        }
        String area = Vmalloc.isVmallocAddr(va) ? areas.fault(access, va, vmalloc.view()) : null;
        long pfn = va < AddressSpace.PAGE_OFFSET ? 0 : space.phys(va) >>> AddressSpace.PAGE_SHIFT;
        if (area == null && pfn >= memMap.lowEndPfn() && memMap.isValid(pfn)) {
            return highMemory.fault(access, va, pfn, "the linear map ends before it, so that its physical address does not make one");
        }
        return area;
    }

    /** A translation that is out of date was used. */
    public void stale(int hart, long va, Access access) {
        String what = access == Access.STORE ? "store" : "load";
        if (KmapSlots.isSlot(va)) {
            highMemory.stale(hart, va, what, slots.frame(violations.peek(), va));
        } else {
            areas.stale(hart, va, what, vmalloc.view());
        }
    }
}
