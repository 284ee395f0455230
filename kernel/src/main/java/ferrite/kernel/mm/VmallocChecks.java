package ferrite.kernel.mm;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.mm.VmallocView.Area;

/** Reports misused areas: the access or call, the area, and the tasks that made and freed it. It only reads. */
public final class VmallocChecks {

    private final Violations violations;

    public VmallocChecks(Violations violations) {
        this.violations = violations;
    }

    /** Reports a free of something other than an area of that call. */
    void badFree(String call, long va, VmallocView areas) {
        ReadableMemory view = violations.peek();
        Area area = areas.find(view, va);
        Area freed = areas.findFreed(view, va);
        if (area == null && freed != null && freed.start() == va || area != null && area.freed() != null) {
            report(Rule.AREA_DOUBLE_FREE, violations.of(Rule.AREA_DOUBLE_FREE,
                    call + " of " + Hex.grouped(va) + ", which was freed already"), area == null ? freed : area);
        } else if (area == null) {
            report(Rule.AREA_BAD_FREE,
                    violations.of(Rule.AREA_BAD_FREE, call + " of " + Hex.grouped(va) + ", where no area begins: it is "
                            + (AddressSpace.isLinear(va) ? "in the linear map, so use kfree or free_pages"
                                    : Vmalloc.isVmallocAddr(va) ? "free" : "not in the vmalloc area")), null);
        } else if (area.start() != va) {
            report(Rule.AREA_BAD_FREE, violations.of(Rule.AREA_BAD_FREE,
                    call + " of " + Hex.grouped(va) + ", which is inside an area, not at its beginning"), area);
        } else {
            report(Rule.AREA_BAD_FREE, violations.of(Rule.AREA_BAD_FREE,
                    call + " of " + Hex.grouped(va) + ", "
                            + (area.isStack() ? "a kernel stack" : "an area of " + area.kind())),
                    area);
        }
    }

    /** Reports the use of a translation after the area was unmapped. */
    void stale(int hart, long va, String access, VmallocView areas) {
        if (violations.checks(Rule.STALE_TRANSLATION)) {
            report(Rule.STALE_TRANSLATION,
                    violations.of(Rule.STALE_TRANSLATION, "hart " + hart + " used " + Hex.grouped(va) + " (" + access
                            + ") through its TLB, while the area there was being freed")
                    .address("va", va), areas.find(violations.peek(), va));
        }
    }

    /**
     * Reports and explains a page fault in the vmalloc area.
     *
     * @param access the kind of access, as Linux names the cause
     * @return an explanation as a clause, or null
     */
    String fault(String access, long va, VmallocView areas) {
        ReadableMemory view = violations.peek();
        Area area = areas.find(view, va);
        if (area != null && area.freed() == null) {
            String where = va >= area.guard() ? "the guard page of the area from " + Hex.grouped(area.start())
                    : access.endsWith("access fault") ? "registers, and the device has none with this address and "
                            + "width, or not for this kind of access" : "an area, but not mapped or not writable";
            if (va >= area.guard()) {
                report(Rule.AREA_OVERRUN, violations.ofFault(Rule.AREA_OVERRUN, access + " at " + Hex.grouped(va)
                        + ", " + (va - area.guard()) + " bytes past the end of an area")
                        .address("va", va), area);
            }
            return "it is in " + where + ", made " + area.made().text();
        }
        Area freed = area != null ? area : areas.findFreed(view, va);
        if (freed == null) {
            return null;
        }
        report(Rule.AREA_USE_AFTER_FREE, violations.ofFault(Rule.AREA_USE_AFTER_FREE,
                access + " at " + Hex.grouped(va) + ", in an area that was freed")
                .address("va", va), freed);
        return "it was in an area of " + freed.kind() + ", freed " + freed.freed().text();
    }

    private static void report(Rule rule, Violations.Building report, Area area) {
        if (area != null) {
            report.line("area", Hex.address(area.start()) + "-" + Hex.address(area.guard()) + ", " + area.kind()
                            + (area.pages() == 0 ? "" : ", " + area.pages() + " pages")
                            + (area.phys() == 0 ? "" : ", physical " + Hex.grouped(area.phys())))
                  .line("", "made " + area.made().text()).address("area", area.start())
                  .text("made_at", area.made().site());
            if (area.freed() != null) {
                report.line("", "freed " + area.freed().text()).text("freed_at", area.freed().site());
            }
        }
        report.line("instead", rule.right()).report();
    }
}
