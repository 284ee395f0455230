package ferrite.kernel.mm;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.mm.VmallocView.Area;

/** Reports what was done wrongly with areas of the vmalloc area: the access or the call, the area, who made it and who gave it back. It only looks. */
public final class VmallocChecks {

    private final Violations violations;

    public VmallocChecks(Violations violations) {
        this.violations = violations;
    }

    /** A call gave back what it has not given. */
    void badFree(String call, long va, VmallocView areas) {
        ReadableMemory view = violations.peek();
        Area area = areas.find(view, va);
        Area freed = areas.findFreed(view, va);
        if (area == null && freed != null && freed.start() == va || area != null && area.freed() != null) {
            report(Rule.AREA_DOUBLE_FREE, violations.of(Rule.AREA_DOUBLE_FREE, call + " of " + Hex.grouped(va) + ", which was given back already"), area == null ? freed : area);
        } else if (area == null) {
            report(Rule.AREA_BAD_FREE, violations.of(Rule.AREA_BAD_FREE, call + " of " + Hex.grouped(va) + ", where no area begins: it is "
                    + (AddressSpace.isLinear(va) ? "in the linear map, whose memory kfree and free_pages give back" : Vmalloc.isVmallocAddr(va) ? "free" : "no address of the vmalloc area")), null);
        } else if (area.start() != va) {
            report(Rule.AREA_BAD_FREE, violations.of(Rule.AREA_BAD_FREE, call + " of " + Hex.grouped(va) + ", which is inside of an area, not its beginning"), area);
        } else {
            report(Rule.AREA_BAD_FREE, violations.of(Rule.AREA_BAD_FREE, call + " of " + Hex.grouped(va) + ", an area of " + area.kind()), area);
        }
    }

    /** A hart used a translation that has been taken away. */
    void stale(int hart, long va, String access, VmallocView areas) {
        if (violations.checks(Rule.STALE_TRANSLATION)) {
            report(Rule.STALE_TRANSLATION, violations.of(Rule.STALE_TRANSLATION, "hart " + hart + " used " + Hex.grouped(va) + " (" + access
                    + ") through its TLB, while the area there was being given back").address("va", va), areas.find(violations.peek(), va));
        }
    }

    /**
     * A page fault in the vmalloc area.
     *
     * @param access what was tried, as Linux names the cause
     * @return what there is to say about it, or null
     */
    String fault(String access, long va, VmallocView areas) {
        ReadableMemory view = violations.peek();
        Area area = areas.find(view, va);
        if (area != null && area.freed() == null) {
            String where = va >= area.guard() ? "the guard page of the area from " + Hex.grouped(area.start()) : "an area, where nothing is mapped or may be written";
            if (va >= area.guard()) {
                report(Rule.AREA_OVERRUN, violations.ofFault(Rule.AREA_OVERRUN, access + " at " + Hex.grouped(va) + ", " + (va - area.guard()) + " bytes behind the end of an area")
                        .address("va", va), area);
            }
            return "it is in " + where + ", made " + area.made().text();
        }
        Area freed = area != null ? area : areas.findFreed(view, va);
        if (freed == null) {
            return null;
        }
        report(Rule.AREA_USE_AFTER_FREE, violations.ofFault(Rule.AREA_USE_AFTER_FREE, access + " at " + Hex.grouped(va) + ", in an area that has been given back")
                .address("va", va), freed);
        return "it was in an area of " + freed.kind() + ", given back " + freed.freed().text();
    }

    private static void report(Rule rule, Violations.Building report, Area area) {
        if (area != null) {
            report.line("area", Hex.address(area.start()) + "-" + Hex.address(area.guard()) + ", " + area.kind()
                            + (area.pages() == 0 ? "" : ", " + area.pages() + " pages") + (area.phys() == 0 ? "" : ", physical " + Hex.grouped(area.phys())))
                  .line("", "made " + area.made().text()).address("area", area.start()).text("made_at", area.made().site());
            if (area.freed() != null) {
                report.line("", "given back " + area.freed().text()).text("freed_at", area.freed().site());
            }
        }
        report.line("instead", rule.right()).report();
    }
}
