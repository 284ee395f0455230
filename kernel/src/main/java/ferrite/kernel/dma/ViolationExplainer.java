package ferrite.kernel.dma;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.KmemCache;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.mm.PageOwner;
import ferrite.kernel.mm.Zones;

/** Adds to a violation what only the kernel knows: whose memory it was. It only looks. */
public final class ViolationExplainer {

    private final Machine machine;
    private final KernelBase base;
    private final MemoryManager mm;
    private final DmaLayer dma;

    /** @param base null while the kernel boots */
    public ViolationExplainer(Machine machine, KernelBase base, MemoryManager mm, DmaLayer dma) {
        this.machine = machine;
        this.base = base;
        this.mm = mm;
        this.dma = dma;
    }

    public DmaViolation explain(Violation violation) {
        Hart hart = machine.turn().hart();
        long ticks = machine.clock().now();
        long event = machine.turn().eventNumber();
        int hartId = hart == null ? -1 : hart.id();
        if (base == null) {
            return new DmaViolation(violation, ticks, event, hartId, 0, null, -1, null, null, "before the kernel was up");
        }
        ReadableMemory view = machine.peek(Math.max(hartId, 0));
        long pfn = violation.dma() >>> AddressSpace.PAGE_SHIFT;
        String setupSite = violation.channel() < 0 ? null : dma.isa().setupSite(view, violation.channel());
        String victim = describe(view, violation.wrappedDma() >>> AddressSpace.PAGE_SHIFT);
        if (!mm.memMap().isValid(pfn)) {
            return new DmaViolation(violation, ticks, event, hartId, 0, null, -1, null, setupSite, victim);
        }
        long va = pfn < mm.memMap().lowEndPfn() ? base.space().virt(violation.dma()) : 0;
        String zone = Zones.name(mm.zones().zoneOf(view, pfn));
        long head = allocatedHead(view, pfn);
        int order = head == 0 ? -1 : view.load32(head + PageLayout.ORDER);
        return new DmaViolation(violation, ticks, event, hartId, va, zone, order, owner(view, head), setupSite, victim);
    }

    /** The head of the allocated block that a frame lies in, or 0. */
    private long allocatedHead(ReadableMemory view, long pfn) {
        long head = mm.memMap().head(view, mm.memMap().pfnToPage(pfn));
        return head != 0 && (view.load32(head + PageLayout.FLAGS) & PageLayout.HEAD) != 0 ? head : 0;
    }

    private PageOwner.Owner owner(ReadableMemory view, long head) {
        return head == 0 ? null : mm.owners().of(view, mm.memMap().pageToPfn(head));
    }

    /** Whose memory a frame is, as the end of a sentence. */
    private String describe(ReadableMemory view, long pfn) {
        if (!mm.memMap().isValid(pfn)) {
            return "which is not memory";
        }
        long head = mm.memMap().head(view, mm.memMap().pfnToPage(pfn));
        int flags = head == 0 ? 0 : view.load32(head + PageLayout.FLAGS);
        if ((flags & PageLayout.RESERVED) != 0 || head == 0) {
            return "which belongs to the kernel itself";
        }
        if ((flags & (PageLayout.BUDDY | PageLayout.PCP)) != 0) {
            return "which is free memory";
        }
        if ((flags & PageLayout.SLAB) != 0) {
            return "which belongs to " + KmemCache.name(view, view.loadAddress(head + PageLayout.SLAB_CACHE));
        }
        PageOwner.Owner owner = owner(view, head);
        return owner == null ? "which somebody has allocated" : "which was allocated at " + owner.site();
    }
}
