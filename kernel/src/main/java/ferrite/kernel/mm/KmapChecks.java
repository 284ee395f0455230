package ferrite.kernel.mm;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;

/** Reports misused high memory. It only reads. */
public final class KmapChecks {

    private final Violations violations;
    private final PageOwner owners;
    private final MemMap memMap;

    KmapChecks(Violations violations, PageFrames frames) {
        this.violations = violations;
        this.owners = frames.owners();
        this.memMap = frames.memMap();
    }

    ReadableMemory peek() {
        return violations.peek();
    }

    /** @param by the call that mapped the page, and its place */
    void freedMapped(long pfn, long va, String by) {
        if (violations.checks(Rule.PAGE_FREED_MAPPED)) {
            report(violations.of(Rule.PAGE_FREED_MAPPED, "free of the high memory page pfn 0x"
                    + Long.toHexString(pfn) + ", which is mapped at " + Hex.grouped(va))
                    .line("mapped", "by " + by), Rule.PAGE_FREED_MAPPED, va, pfn, "");
        }
    }

    void badUnmap(String summary) {
        violations.of(Rule.KMAP_BAD_UNMAP, summary).line("instead", Rule.KMAP_BAD_UNMAP.right()).report();
    }

    /** Reports a fault at high memory that is not mapped. Returns an explanation as a clause. */
    String fault(String access, long va, long pfn, String why) {
        report(violations.ofFault(Rule.HIGHMEM_UNMAPPED, access + " at " + Hex.grouped(va) + ": high memory page pfn 0x"
                + Long.toHexString(pfn) + " is not mapped"), Rule.HIGHMEM_UNMAPPED, va, pfn, why);
        return "high memory page pfn 0x" + Long.toHexString(pfn) + " is not mapped" + (why.isEmpty() ? "" : ": " + why);
    }

    /** Reports the use of a translation after kunmap. */
    void stale(int hart, long va, String access, long pfn) {
        if (violations.checks(Rule.STALE_TRANSLATION)) {
            report(violations.of(Rule.STALE_TRANSLATION, "hart " + hart + " used " + Hex.grouped(va)
                    + " (" + access + ") through its TLB, after kunmap"), Rule.STALE_TRANSLATION, va, pfn,
                    "the page was unmapped, and this hart has not flushed its TLB yet");
        }
    }

    private void report(Violations.Building report, Rule rule, long va, long pfn, String why) {
        ReadableMemory view = violations.peek();
        report.line("page", "frame 0x" + Long.toHexString(pfn) + ", physical "
                + Hex.grouped(pfn << AddressSpace.PAGE_SHIFT) + ", zone HighMem").address("va", va).number("pfn", pfn);
        long head = memMap.head(view, memMap.pfnToPage(pfn));
        PageOwner.Owner owner = head == 0 ? null : owners.of(view, memMap.pageToPfn(head));
        if (owner != null) {
            report.line("", "allocated at " + owner.site() + " by task " + owner.pid() + " '" + owner.task()
                    + "' with " + Gfp.names(owner.gfp())).text("allocated_at", owner.site());
        }
        if (!why.isEmpty()) {
            report.line("why", why);
        }
        report.line("instead", rule.right()).report();
    }
}
