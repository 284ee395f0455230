package ferrite.kernel.mm;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Violations;
import ferrite.kernel.shadow.Histories;
import ferrite.kernel.shadow.Shadow;

/** Says in reports what lies at a physical address, and who owns it. Only looks. */
public final class MemoryWords {

    private final MemMap memMap;
    private final Zones zones;
    private final PageOwner owners;
    private final SlabView slabs;
    private final Bootmem bootmem;
    private final KernelStacks stacks;

    public MemoryWords(MemoryManager mm) {
        this.memMap = mm.memMap();
        this.zones = mm.zones();
        this.owners = mm.owners();
        this.slabs = mm.slabs();
        this.bootmem = mm.bootmem();
        this.stacks = mm.stacks();
    }

    /** The head of the allocated block that a frame lies in, or 0. */
    public long allocatedHead(ReadableMemory view, long pfn) {
        long head = memMap.isValid(pfn) ? memMap.head(view, memMap.pfnToPage(pfn)) : 0;
        return head != 0 && (PageLayout.FLAGS.get(view, head) & PageLayout.HEAD) != 0 ? head : 0;
    }

    /** The task and line that allocated the block with this head; null if they were not recorded. */
    public PageOwner.Owner owner(ReadableMemory view, long head) {
        return head == 0 ? null : owners.of(view, memMap.pageToPfn(head));
    }

    /** Names the owner of a frame, as a clause. */
    public String whose(ReadableMemory view, long pfn) {
        if (!memMap.isValid(pfn)) {
            return "which is not memory";
        }
        long head = memMap.head(view, memMap.pfnToPage(pfn));
        int flags = head == 0 ? 0 : PageLayout.FLAGS.get(view, head);
        if ((flags & PageLayout.RESERVED) != 0 || head == 0) {
            String driver = bootmem.ownerOf(pfn << AddressSpace.PAGE_SHIFT);
            return driver == null ? "which belongs to the kernel itself"
                    : "which the driver " + driver + " allocated at boot";
        }
        if ((flags & (PageLayout.BUDDY | PageLayout.PCP)) != 0) {
            return "which is free memory";
        }
        if ((flags & PageLayout.SLAB) != 0) {
            return "which belongs to " + SlabView.name(view, PageLayout.SLAB_CACHE.get(view, head));
        }
        String stack = stacks.describe(view, pfn << AddressSpace.PAGE_SHIFT);
        if (stack != null) {
            return "which is " + stack;
        }
        PageOwner.Owner owner = owner(view, head);
        return owner == null ? "which is allocated" : "which was allocated at " + owner.site();
    }

    /**
     * Says what is wrong with a buffer for a device, as a clause; null if it lies in one allocated object or block.
     *
     * @param shadow known for the buffer's pages
     */
    public String problem(ReadableMemory view, Shadow shadow, long pa, long bytes) {
        long pfn = pa >>> AddressSpace.PAGE_SHIFT;
        if (!memMap.isValid(pfn)) {
            return null;                               // another rule tells that
        }
        long head = memMap.head(view, memMap.pfnToPage(pfn));
        int flags = head == 0 ? 0 : PageLayout.FLAGS.get(view, head);
        if ((flags & PageLayout.RESERVED) != 0 || head == 0) {
            return bootmem.ownerOf(pa) == null ? "which belongs to the kernel itself" : null;
        }
        if ((flags & PageLayout.SLAB) != 0) {
            long va = memMap.pageAddress(memMap.pfnToPage(pfn)) + pa % AddressSpace.PAGE_SIZE;
            long bad = shadow.firstBad(va, (int) bytes);
            return bad < 0 ? null : bad == va && shadow.state(va) == Shadow.FREED ? "whose object is free"
                    : "but only the first " + (bad - va) + " of the " + bytes + " bytes are of its object";
        }
        if ((flags & PageLayout.HEAD) == 0) {
            return "which is free memory";
        }
        long start = memMap.pageAddress(memMap.pfnToPage(pfn));
        long unasked = start == 0 ? -1 : shadow.firstBad(start + pa % AddressSpace.PAGE_SIZE, (int) bytes);
        if (unasked >= 0) {
            long asked = unasked - start - pa % AddressSpace.PAGE_SIZE;
            return "but only the first " + asked + " of the " + bytes + " bytes were asked for";
        }
        long end = memMap.pageToPfn(head) + (1L << PageLayout.ORDER.get(view, head)) << AddressSpace.PAGE_SHIFT;
        return pa + bytes <= end ? null
                : "but only the first " + (end - pa) + " of the " + bytes + " bytes are of its block";
    }

    /** Returns the object of a lookaside cache in which or next to which a linear address lies, or the address. */
    public long objectAt(ReadableMemory view, long va) {
        SlabView.Found found = slabs.find(view, va);
        return found == null ? va : found.object();
    }

    /** Adds lines to a report: what lies at an address, and who allocated it or freed it last. */
    public void tell(Violations.Building report, ReadableMemory view, Histories histories, long pa) {
        long pfn = pa >>> AddressSpace.PAGE_SHIFT;
        SlabView.Found found = pfn >= memMap.lowEndPfn() ? null
                : slabs.find(view, memMap.pageAddress(memMap.pfnToPage(pfn)) + pa % AddressSpace.PAGE_SIZE);
        if (found != null) {
            SlabReports.object(report, view, found, histories);
            return;
        }
        String zone = memMap.isValid(pfn) ? ", zone " + Zones.name(zones.zoneOf(view, pfn)) : "";
        report.line("memory", "physical " + Hex.grouped(pa) + zone + ", " + whose(view, pfn));
        PageOwner.Owner owner = memMap.isValid(pfn) ? owners.of(view, pfn) : null;
        PageOwner.Owner freed = memMap.isValid(pfn) ? owners.freedBy(view, pfn) : null;
        if (owner != null) {
            report.line("", "allocated " + PageChecks.by(owner) + " with " + Gfp.names(owner.gfp()));
        }
        if (freed != null) {
            report.line("", "freed " + PageChecks.by(freed));
        }
    }
}
