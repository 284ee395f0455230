package ferrite.kernel.mm;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;

/**
 * Reports misused page blocks: the rule, the block, the tasks that allocated and freed it, and the right call. It only
 * reads.
 */
public final class PageChecks {

    private static final double TICKS_PER_MILLISECOND = 100_000;

    private final Violations violations;
    private final MemMap memMap;
    private final Zones zones;
    private final PageOwner owners;

    PageChecks(Violations violations, PageFrames frames) {
        this.violations = violations;
        this.memMap = frames.memMap();
        this.zones = frames.zones();
        this.owners = frames.owners();
    }

    /** Reports a free of something other than an allocated block of that order. */
    void badFree(long page, int order) {
        if (!memMap.isPage(page)) {
            bad("__free_pages of 0x" + Long.toHexString(page) + ", which is not a struct page", 0);
            return;
        }
        ReadableMemory view = violations.peek();
        long head = memMap.head(view, page);
        int flags = head == 0 ? 0 : PageLayout.FLAGS.get(view, head);
        String block = "the block at frame 0x" + Long.toHexString(memMap.pageToPfn(page));
        boolean allocated = (flags & PageLayout.HEAD) != 0 && PageLayout.COUNT.get(view, head) > 0;
        if ((flags & PageLayout.RESERVED) != 0) {
            bad("free of frame 0x" + Long.toHexString(memMap.pageToPfn(page))
                    + ", which is reserved and was never allocated", head);
        } else if (!allocated) {  // or no block contains the frame: another hart is freeing it at this moment
            report(Rule.PAGE_DOUBLE_FREE, "free of " + block + ", which is free already", head, page);
        } else if (head != page) {
            bad("free of frame 0x" + Long.toHexString(memMap.pageToPfn(page))
                    + ", which is page " + (memMap.pageToPfn(page) - memMap.pageToPfn(head))
                    + " of the block of order " + PageLayout.ORDER.get(view,
                            head) + " at frame 0x" + Long.toHexString(memMap.pageToPfn(head)), head);
        } else if ((flags & PageLayout.SLAB) != 0) {
            bad("free of " + block + " as pages, which is a slab of " + SlabView.name(view,
                    PageLayout.SLAB_CACHE.get(view, head)), head);
        } else {
            report(Rule.PAGE_WRONG_ORDER, "free of " + block + " with order " + order
                    + ", which was allocated with order " + PageLayout.ORDER.get(view, head), head, page);
        }
    }

    /** Reports a free of an address that is not the beginning of a page in the linear map. */
    void badAddress(String call, long va) {
        long page = memMap.virtToPage(va);
        bad(call + " of 0x" + Long.toHexString(va) + (page == 0 ? ", which is not an address of the linear map"
                : ", which is not the beginning of a page"), page == 0 ? 0 : memMap.head(violations.peek(), page));
    }

    void badReference(String call, long page) {
        long head = memMap.isPage(page) ? memMap.head(violations.peek(), page) : 0;
        report(Rule.PAGE_BAD_REFERENCE, call + " of " + unreferenced(page, head), head, page);
    }

    /**
     * Reports an answer of a driver's {@code vm_ops.fault} that is no page for a program. The operation has returned,
     * so its name stands for the line.
     *
     * @param function the driver's method, such as {@code CounterAreas.fault}
     * @param symbol   the name of its operations
     */
    public void badFaultPage(String function, String symbol, long page) {
        if (!violations.checks(Rule.PAGE_BAD_REFERENCE)) {
            return;
        }
        long head = memMap.isPage(page) ? memMap.head(violations.peek(), page) : 0;
        Violations.Building report = violations.in(Rule.PAGE_BAD_REFERENCE, "the fault operation of " + symbol
                + " answered with " + unreferenced(page, head), function);
        describe(report, head, page);
        report.line("instead", "store a page with a reference: get_page(virt_to_page(va))").text("function", function)
                .address("page", page).report();
    }

    private String unreferenced(long page, long head) {
        if (!memMap.isPage(page)) {
            return "0x" + Long.toHexString(page) + ", which is not a struct page";
        }
        boolean slab = head != 0 && (PageLayout.FLAGS.get(violations.peek(), head) & PageLayout.SLAB) != 0;
        return "frame 0x" + Long.toHexString(memMap.pageToPfn(page))
                + (slab ? ", which belongs to a slab" : ", which is not allocated");
    }

    /** Reports a request for the address of memory that may have none. */
    void highmem(String call, int gfp) {
        violations.of(Rule.HIGHMEM_ADDRESS, call + " with " + Gfp.names(gfp) + ": the memory may have no address")
                .line("why", "only low memory is in the linear map; a page of high memory "
                        + "has no kernel address until it is kmapped")
                .line("instead", Rule.HIGHMEM_ADDRESS.right()).text("call", call)
                .text("flags", Gfp.names(gfp)).report();
    }

    private void bad(String summary, long head) {
        report(Rule.PAGE_BAD_FREE, summary, head, head);
    }

    /**
     * Reports a rule with the block and its owner.
     *
     * @param head the block, or 0
     * @param page the page that has the owner record; a block that was merged away keeps its own
     */
    private void report(Rule rule, String summary, long head, long page) {
        if (!violations.checks(rule)) {
            return;
        }
        Violations.Building report = violations.of(rule, summary);
        describe(report, head, page);
        report.line("instead", rule.right()).report();
    }

    /** Adds the block and its owner to a report. */
    private void describe(Violations.Building report, long head, long page) {
        ReadableMemory view = violations.peek();
        if (head != 0) {
            long pfn = memMap.pageToPfn(head);
            long va = memMap.pageAddress(head);
            int flags = PageLayout.FLAGS.get(view, head);
            int order = PageLayout.ORDER.get(view, head);
            report.line("block", (va == 0 ? "" : Hex.address(va) + " (") + "physical "
                    + Hex.grouped(pfn << AddressSpace.PAGE_SHIFT) + (va == 0 ? "" : ")") + ", order " + order
                    + ", zone " + Zones.name(zones.zoneOf(view, pfn)) + ", " + PageLayout.flags(flags) + ", "
                    + PageLayout.COUNT.get(view, head) + " references")
                  .number("pfn", pfn).number("order", order).text("zone", Zones.name(zones.zoneOf(view, pfn)));
        }
        if (page != 0 && memMap.isPage(page)) {
            long pfn = memMap.pageToPfn(page);
            PageOwner.Owner owner = owners.of(view, pfn);
            PageOwner.Owner freed = owners.freedBy(view, pfn);
            if (owner != null) {
                report.line("", "allocated " + by(owner) + " with " + Gfp.names(owner.gfp()))
                        .text("allocated_at", owner.site());
            }
            if (freed != null) {
                report.line("", "freed " + by(freed)).text("freed_at", freed.site());
            }
        }
    }

    static String by(PageOwner.Owner owner) {
        return "at " + owner.site() + " by task " + owner.pid() + " '" + owner.task() + "' on hart " + owner.hart()
                + " at " + Math.round(owner.ticks() / TICKS_PER_MILLISECOND * 1000) / 1000.0 + " ms";
    }
}
