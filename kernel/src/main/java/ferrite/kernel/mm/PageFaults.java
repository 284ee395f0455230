package ferrite.kernel.mm;

/** What a kernel address was that a page fault was taken at: for the oops, and for the report of the rule that was broken. It only looks. */
public final class PageFaults {

    private final Vmalloc vmalloc;
    private final VmallocChecks areas;

    public PageFaults(Vmalloc vmalloc, VmallocChecks areas) {
        this.vmalloc = vmalloc;
        this.areas = areas;
    }

    /** What there is to say about it, as a clause; or null. */
    public String explain(String access, long va) {
        return Vmalloc.isVmallocAddr(va) ? areas.fault(access, va, vmalloc.view()) : null;
    }
}
