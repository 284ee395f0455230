package ferrite.kernel.dma;

import ferrite.hardware.Machine;
import ferrite.hardware.report.Durations;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.UnreachableAddress;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.MemMap;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.MemoryWords;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.mm.PageOwner;
import ferrite.kernel.mm.Zones;

/**
 * Explains a transfer to an address that its bus master cannot drive, with the kernel's knowledge of the memory. It
 * only looks.
 */
public final class ViolationExplainer {

    private final Machine machine;
    private final KernelBase base;
    private final MemMap memMap;
    private final Zones zones;
    private final MemoryWords words;
    private final IsaDma isa;

    public ViolationExplainer(Machine machine, KernelBase base, MemoryManager mm, DmaLayer dma) {
        this.machine = machine;
        this.base = base;
        this.memMap = mm.memMap();
        this.zones = mm.zones();
        this.words = new MemoryWords(mm);
        this.isa = dma.isa();
    }

    /** Composes the violation. */
    public Violation explain(UnreachableAddress what) {
        ReadableMemory view = base.peek();
        Violation.Moment when = machine.moment();
        String setUp = what.channel() == null ? null : isa.setupSite(view, what.channel().number());
        PageOwner.Owner owner = words.owner(view, words.allocatedHead(view, pfn(what.dma())));
        Violation.Builder report = what.begin();
        buffer(report, view, what, owner, when.ticks());
        if (what.channel() != null) {
            report.line("channel", what.transfer() + (setUp == null ? "" : ", set up at " + setUp));
        }
        why(report, view, what, owner);
        report.facts().text("flags", owner == null ? null : Gfp.names(owner.gfp()))
                .text("site", owner == null ? null : owner.site()).text("set_up", setUp);
        return report.build(what.culprit() + (setUp == null ? "" : ", set up at " + setUp)
                + (owner == null ? "" : ", buffer allocated at " + owner.site()), when);
    }

    private static long pfn(long dma) {
        return dma >>> AddressSpace.PAGE_SHIFT;
    }

    // ---- the buffer ----

    private void buffer(Violation.Builder report, ReadableMemory view, UnreachableAddress what,
            PageOwner.Owner owner, long now) {
        long pfn = pfn(what.dma());
        String physical = "physical " + Hex.grouped(what.dma());
        if (!memMap.isValid(pfn)) {
            report.line("buffer", physical + ", where there is no memory");
            facts(report, what, 0, null);
            return;
        }
        long va = pfn < memMap.lowEndPfn() ? base.space().virt(what.dma()) : 0;
        String zone = Zones.name(zones.zoneOf(view, pfn));
        long head = words.allocatedHead(view, pfn);
        report.line("buffer", (va == 0 ? physical : Hex.grouped(va) + " (" + physical + ")") + ", "
                + (head == 0 ? "not allocated" : size(PageLayout.ORDER.get(view, head))) + ", zone " + zone);
        if (owner != null) {
            report.line("", "allocated at " + owner.site() + " by task " + owner.pid()
                    + " '" + owner.task() + "' on hart " + owner.hart()
                    + " with " + Gfp.names(owner.gfp()) + ", " + Durations.ofTicks(now - owner.ticks()) + " ago");
        }
        facts(report, what, va, zone);
    }

    private static void facts(Violation.Builder report, UnreachableAddress what, long va, String zone) {
        report.facts().text("va", va == 0 ? null : Hex.address(va)).address("pa", what.dma())
                .address("wrapped_pa", what.wrappedDma()).text("zone", zone);
    }

    private static String size(int order) {
        int kibibytes = AddressSpace.PAGE_SIZE >> 10 << order;
        return (kibibytes >= 1024 ? kibibytes / 1024 + " MiB" : kibibytes + " KiB") + ", order " + order;
    }

    // ---- why, and what instead ----

    private void why(Violation.Builder report, ReadableMemory view, UnreachableAddress what, PageOwner.Owner owner) {
        if (what.channel() == null) {
            report.line("why", "the address was not one that a mapping call returned for this device, or was "
                    + "mapped with a wider mask than the device has.")
                  .line("instead", "set the mask to what the device tree says, and give the device what "
                          + "dma_map_single, dma_map_page or dma_map_sg returned");
            return;
        }
        boolean wrongZone = owner != null && (owner.gfp() & Gfp.__GFP_DMA) == 0;
        report.line("why", wrongZone ? Gfp.names(owner.gfp()) + " searches "
                + Zones.name(Zones.highest(owner.gfp())) + " first; on a machine with more than 16 MiB that memory is "
                + "out of the controller's reach."
                : "the address has bits above the controller's " + what.master().addressBits() + " wires.")
              .line("", what.onSilicon() + ", " + words.whose(view, pfn(what.wrappedDma())) + ".")
              .line("instead", wrongZone
                      ? "ask for " + Gfp.names(owner.gfp() & ~Gfp.__GFP_HIGHMEM | Gfp.__GFP_DMA)
                              + ": only the DMA zone is searched then"
                      : "give the channel memory of the DMA zone, allocated with GFP_DMA");
    }
}
