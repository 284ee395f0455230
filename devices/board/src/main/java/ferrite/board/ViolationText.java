package ferrite.board;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Violation;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.check.ExplainedViolation;
import ferrite.kernel.check.KernelViolation;
import ferrite.kernel.dma.DmaViolation;
import ferrite.kernel.mm.PageOwner;
import java.util.function.Supplier;

/** A violation as a person reads it: what, whose, when, why, what instead, and how to see it again. */
public final class ViolationText {

    private static final int MEBIBYTE = 1 << 20;

    private final Supplier<String> replay;

    /** @param replay the command line that does the same run again */
    public ViolationText(String replay) {
        this(() -> replay);
    }

    /** @param replay gives the command line that does the run so far again */
    public ViolationText(Supplier<String> replay) {
        this.replay = replay;
    }

    /** What makes two violations the same mistake: the rule, and the lines that made it. */
    public static String mistake(ExplainedViolation violation) {
        return violation.mistake();
    }

    public String of(ExplainedViolation violation) {
        return violation instanceof DmaViolation dma ? of(dma) : of((KernelViolation) violation);
    }

    private String of(KernelViolation violation) {
        StringBuilder out = new StringBuilder();
        out.append("violation ").append(violation.rule()).append(": ").append(violation.summary()).append("\n\n");
        violation.lines().forEach(each -> line(out, each.label(), each.text()));
        when(out, violation);
        line(out, "again", replay.get());
        return out.append('\n').toString();
    }

    private static void when(StringBuilder out, ExplainedViolation violation) {
        line(out, "when", milliseconds(violation.ticks()) + ", event " + violation.event()
                + (violation.hart() < 0 ? "" : ", hart " + violation.hart()));
    }

    private String of(DmaViolation violation) {
        Violation what = violation.what();
        StringBuilder out = new StringBuilder();
        if (what.channel() < 0) {
            return ofMaster(out, violation);
        }
        out.append("violation ").append(what.rule()).append(": channel ").append(what.channel())
           .append(" was given a buffer that a 24-bit DMA controller cannot address\n\n");
        line(out, "what", what.device() + (what.toMemory() ? " was to put " : " was to get ") + what.bytes() + " bytes"
                + (what.toMemory() ? " into" : " out of") + " memory at " + Hex.grouped(what.dma())
                + "; the controller drives 24 bits (below 0x0100_0000)");
        buffer(out, violation);
        line(out, "channel", what.channel() + " of " + what.engine() + ", " + what.mode() + " mode, "
                + (what.toMemory() ? "device to memory" : "memory to device") + ", count " + what.bytes()
                + (violation.setupSite() == null ? "" : ", set up at " + violation.setupSite()));
        when(out, violation);
        why(out, violation);
        line(out, "again", replay.get());
        return out.append('\n').toString();
    }

    /** Of a device that masters the bus itself. */
    private String ofMaster(StringBuilder out, DmaViolation violation) {
        Violation what = violation.what();
        out.append("violation ").append(what.rule()).append(": ").append(what.engine()).append(" was given an address that its ").append(what.addressBits())
           .append(" bits cannot drive\n\n");
        line(out, "what", what.device() + (what.toMemory() ? " was to put " : " was to get ") + what.bytes() + " bytes" + (what.toMemory() ? " into" : " out of") + " memory at "
                + Hex.grouped(what.dma()) + "; it drives " + what.addressBits() + " bits (below " + Hex.grouped(1L << what.addressBits()) + ")");
        buffer(out, violation);
        when(out, violation);
        line(out, "why", "the address was not one that a mapping call returned for this device, or was mapped with a wider mask than the device has.");
        line(out, "instead", "set the mask to what the device tree says, and give the device what dma_map_single, dma_map_page or dma_map_sg returned");
        line(out, "again", replay.get());
        return out.append('\n').toString();
    }

    private static void buffer(StringBuilder out, DmaViolation violation) {
        String physical = "physical " + Hex.grouped(violation.what().dma());
        if (violation.zone() == null) {
            line(out, "buffer", physical + ", where there is no memory");
            return;
        }
        String where = violation.va() == 0 ? physical : Hex.grouped(violation.va()) + " (" + physical + ")";
        String block = violation.order() < 0 ? "not allocated" : size(violation.order()) + ", order " + violation.order();
        line(out, "buffer", where + ", " + block + ", zone " + violation.zone());
        PageOwner.Owner owner = violation.owner();
        if (owner != null) {
            line(out, "", "allocated at " + owner.site() + " by task " + owner.pid() + " '" + owner.task() + "' on hart " + owner.hart()
                    + " with " + Gfp.names(owner.gfp()) + ", " + duration(violation.ticks() - owner.ticks()) + " ago");
        }
    }

    private static String size(int order) {
        int bytes = 4096 << order;
        return bytes >= MEBIBYTE ? bytes / MEBIBYTE + " MiB" : bytes / 1024 + " KiB";
    }

    private static void why(StringBuilder out, DmaViolation violation) {
        Violation what = violation.what();
        PageOwner.Owner owner = violation.owner();
        boolean wrongZone = owner != null && (owner.gfp() & Gfp.__GFP_DMA) == 0;
        if (wrongZone) {
            line(out, "why", Gfp.names(owner.gfp()) + " searches Normal first; on a machine with more than 16 MiB that memory is out of "
                    + "the controller's reach.");
        } else {
            line(out, "why", "the address has bits above the controller's 24 wires.");
        }
        line(out, "", "Silicon would drop the upper bits and " + (what.toMemory() ? "write to " : "read from ")
                + Hex.grouped(what.wrappedDma()) + ", " + violation.victim() + ".");
        line(out, "instead", wrongZone
                ? "ask for " + Gfp.names(owner.gfp() | Gfp.__GFP_DMA) + ": only the DMA zone is searched then"
                : "give the channel memory of the DMA zone, allocated with GFP_DMA");
    }

    private static void line(StringBuilder out, String label, String text) {
        out.append("  ").append(label).append(" ".repeat(10 - label.length())).append(text).append('\n');
    }

    private static String duration(long ticks) {
        long hundredths = ticks * 100 / Clock.TICKS_PER_MICROSECOND;
        return hundredths >= 100_000 ? milliseconds(ticks)
                : hundredths / 100 + "." + Long.toString(100 + hundredths % 100).substring(1) + " µs";
    }

    private static String milliseconds(long ticks) {
        long micros = ticks / Clock.TICKS_PER_MICROSECOND;
        return micros / 1000 + "." + Long.toString(1000 + micros % 1000).substring(1) + " ms";
    }
}
