package ferrite.kernel.mm;

import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.hart.FrameWatch;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import java.util.Locale;

/**
 * Reports accesses to free pages: after they were freed, or past the end of an allocated block. The frames' records say
 * which pages are free; there is no second record. It only reads.
 */
public final class PageAccessChecks implements FrameWatch.Frames {

    private static final int FREE = PageLayout.BUDDY | PageLayout.PCP | PageLayout.GUARD;

    private final Violations violations;
    private final PhysicalBus bus;
    private final AddressSpace space;
    private final MemMap memMap;
    private final Zones zones;
    private final PageOwner owners;

    PageAccessChecks(KernelBase base, PhysicalBus bus, PageFrames frames) {
        this.violations = base.violations();
        this.bus = bus;
        this.space = base.space();
        this.memMap = frames.memMap();
        this.zones = frames.zones();
        this.owners = frames.owners();
    }

    /** Whether a rule needs the check. */
    public boolean isWanted() {
        return violations.checks(Rule.PAGE_OVERRUN) || violations.checks(Rule.PAGE_USE_AFTER_FREE);
    }

    /**
     * Tells whether a frame is free. Every access off the fast path asks this, so it does only the first part of
     * {@link MemMap#head}: it stops at the first record with flags.
     */
    @Override
    public boolean isFree(long pa) {
        long pfn = pa >>> AddressSpace.PAGE_SHIFT;
        if (!memMap.isValid(pfn)) {
            return false;
        }
        for (int order = 0; order < Zones.MAX_ORDER; order++) {
            long candidate = pfn & -1L << order;
            if (!memMap.isValid(candidate)) {
                return false;
            }
            int flags = word(PageLayout.FLAGS.at(memMap.pfnToPage(candidate)));
            if (flags != 0) {
                return (flags & FREE) != 0 && word(PageLayout.ORDER.at(memMap.pfnToPage(candidate))) >= order;
            }
        }
        return false;
    }

    private int word(long va) {
        return bus.peek(space.phys(va), 4);
    }

    @Override
    public long usualVa(long pa) {
        return pa >>> AddressSpace.PAGE_SHIFT < memMap.lowEndPfn() ? space.virt(pa) : -1;
    }

    // ---- reporting ----

    @Override
    public void touched(long va, long pa, int bytes, Access access) {
        ReadableMemory view = violations.peek();
        long pfn = pa >>> AddressSpace.PAGE_SHIFT;
        long before = pfn > memMap.firstPfn() ? memMap.head(view, memMap.pfnToPage(pfn - 1)) : 0;
        boolean afterBlock = before != 0 && (PageLayout.FLAGS.get(view, before) & PageLayout.HEAD) != 0;
        boolean guard = PageLayout.FLAGS.get(view, memMap.pfnToPage(pfn)) == PageLayout.GUARD;
        long last = owners.lastBlockOf(view, pfn);
        String what = access.name().toLowerCase(Locale.ROOT) + " of " + bytes
                + (bytes == 1 ? " byte at " : " bytes at ") + Hex.grouped(va);
        if (afterBlock && (guard || last < 0)) {
            overrun(view, what, va, pa, before);
        } else {
            useAfterFree(view, what, va, pa, last, afterBlock ? before : 0);
        }
    }

    private void overrun(ReadableMemory view, String what, long va, long pa, long head) {
        long end = memMap.pageToPfn(head) + (1L << PageLayout.ORDER.get(view, head)) << AddressSpace.PAGE_SHIFT;
        Violations.Building report = violations.of(Rule.PAGE_OVERRUN,
                what + ", " + (pa - end == 0 ? "just" : pa - end + " bytes") + " past the end of a page block")
                .address("va", va).number("beyond", pa - end);
        block(report, "block", view, memMap.pageToPfn(head));
        report.line("instead", Rule.PAGE_OVERRUN.right()).report();
    }

    private void useAfterFree(ReadableMemory view, String what, long va, long pa, long last, long before) {
        Violations.Building report = violations.of(Rule.PAGE_USE_AFTER_FREE, what + ", in a free page")
                .address("va", va);
        long pfn = pa >>> AddressSpace.PAGE_SHIFT;
        report.line("page", "frame 0x" + Long.toHexString(pfn) + ", zone " + Zones.name(zones.zoneOf(view, pfn))
                + (last < 0 ? ", which has not been allocated since boot"
                        : ", page " + (pfn - last) + " of a former block of order " + owners.orderOf(view,
                                last) + " at " + Hex.grouped(last << AddressSpace.PAGE_SHIFT)));
        if (last >= 0) {
            who(report, view, last);
        }
        if (before != 0) {
            block(report, "before it", view, memMap.pageToPfn(before));
        }
        report.number("pfn", pfn).line("instead", Rule.PAGE_USE_AFTER_FREE.right()).report();
    }

    private void block(Violations.Building report, String label, ReadableMemory view, long pfn) {
        long page = memMap.pfnToPage(pfn);
        int order = PageLayout.ORDER.get(view, page);
        report.line(label, "physical " + Hex.grouped(pfn << AddressSpace.PAGE_SHIFT) + ", " + (4L << order)
                + " KiB, order " + order + ", zone " + Zones.name(zones.zoneOf(view, pfn))
                + ((PageLayout.FLAGS.get(view, page) & PageLayout.SLAB) != 0
                        ? ", a slab of " + SlabView.name(view, PageLayout.SLAB_CACHE.get(view, page)) : ""));
        who(report, view, pfn);
    }

    private void who(Violations.Building report, ReadableMemory view, long pfn) {
        PageOwner.Owner owner = owners.of(view, pfn);
        PageOwner.Owner freed = owners.freedBy(view, pfn);
        if (owner != null) {
            report.line("", "allocated " + PageChecks.by(owner) + " with " + Gfp.names(owner.gfp()))
                    .text("allocated_at", owner.site());
        }
        if (freed != null) {
            report.line("", "freed " + PageChecks.by(freed)).text("freed_at", freed.site());
        }
    }
}
