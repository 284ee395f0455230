package ferrite.kernel.mm;

import ferrite.hardware.bus.Access;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;

/**
 * Explains the kernel address of a page fault, or of a stale translation, for the oops and for the report of the broken
 * rule. It only reads.
 */
public final class PageFaults {

    /** Programs have no memory below this address. */
    private static final long LOWEST = 0x1_0000L;

    private final KernelCpu cpu;
    private final Violations violations;
    private final AddressSpace space;
    private final MemMap memMap;
    private final Vmalloc vmalloc;
    private final VmallocChecks areas;
    private final KmapSlots slots;
    private final KmapChecks highMemory;

    PageFaults(KernelBase base, MemMap memMap, Vmalloc vmalloc, KmapSlots slots) {
        this.cpu = base.cpu();
        this.violations = base.violations();
        this.space = base.space();
        this.memMap = memMap;
        this.vmalloc = vmalloc;
        this.areas = new VmallocChecks(violations);
        this.slots = slots;
        this.highMemory = slots.checks();
    }

    /** Returns an explanation of a page fault as a clause, or null. */
    public String explain(String access, long va) {
        ReadableMemory view = violations.peek();
        if (KmapSlots.isSlot(va)) {
            long pfn = slots.frame(view, va);
            return pfn == 0 ? "a slot of kmap that was never mapped"
                    : highMemory.fault(access, va, pfn, "kunmap or kunmap_atomic has unmapped it");
        }
        String area = Vmalloc.isVmallocAddr(va) ? areas.fault(access, va, vmalloc.view()) : null;
        long pfn = va < AddressSpace.PAGE_OFFSET ? 0 : space.phys(va) >>> AddressSpace.PAGE_SHIFT;
        if (area == null && pfn >= memMap.lowEndPfn() && memMap.isValid(pfn)) {
            return highMemory.fault(access, va, pfn, "the linear map ends before it, so it has no linear address");
        }
        String poison = area == null ? poison(va) : area;
        return poison == null && isPrograms(view, va)
                ? "the memory of a program, which only copy_to_user, copy_from_user and their kin may access" : poison;
    }

    /** Returns whether an address may be the current program's. Below the first page that it can have is a null. */
    private boolean isPrograms(ReadableMemory view, long va) {
        return va >= LOWEST && va < AddressSpace.PAGE_OFFSET && TaskLayout.MM.get(view, cpu.tp()) != 0;
    }

    /** Recognises an address that was read from memory of the slab checks; null for others. */
    static String poison(long va) {
        long near = va + 0x800 & 0xffff_f000L;
        return near == (SlabDebug.POISON_FREE * 0x0101_0101L + 0x800 & 0xffff_f000L)
                ? "the address was read from an object that is free: its bytes are 0x6b"
                : near == (SlabDebug.POISON_INUSE * 0x0101_0101L + 0x800 & 0xffff_f000L)
                        ? "the address was read from an object that was not written since its allocation: its "
                        + "bytes are 0x5a" : null;
    }

    /** Reports the use of a stale translation. */
    public void stale(int hart, long va, Access access) {
        String what = access == Access.STORE ? "store" : "load";
        if (KmapSlots.isSlot(va)) {
            highMemory.stale(hart, va, what, slots.frame(violations.peek(), va));
        } else {
            areas.stale(hart, va, what, vmalloc.view());
        }
    }
}
