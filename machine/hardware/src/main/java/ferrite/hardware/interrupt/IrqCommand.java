package ferrite.hardware.interrupt;

import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * The monitor's {@code irq}: the interrupt controllers, and the interrupts that each hart has pending and enabled.
 *
 * <p>A board with a kernel adds its counts.
 */
public final class IrqCommand implements MonitorCommand {

    private final Plic plic;
    private final Aclint aclint;
    private final List<Hart> harts;
    private final IntFunction<String> names;
    private final Supplier<Report> counts;

    /**
     * Creates the command.
     *
     * @param names  returns the name of a PLIC source's device; null if it has none
     * @param counts returns a report of the kernel's counts, or null
     */
    public IrqCommand(Plic plic, Aclint aclint, List<Hart> harts, IntFunction<String> names, Supplier<Report> counts) {
        this.plic = plic;
        this.aclint = aclint;
        this.harts = List.copyOf(harts);
        this.names = names;
        this.counts = counts;
    }

    @Override
    public String name() {
        return "irq";
    }

    @Override
    public String usage() {
        return "irq";
    }

    @Override
    public String summary() {
        return "the interrupt controllers, and the interrupts of each hart";
    }

    @Override
    public Report run(String arguments) {
        Report report = Report.of("irq");
        Report sources = Report.of("plic");
        for (Plic.SourceState source : plic.lookAtSources()) {
            sources.child(describe(source));
        }
        report.child(sources).child(timer());
        harts.forEach(hart -> report.child(describe(hart)));
        Report kernel = counts.get();
        return kernel == null ? report : report.child(kernel);
    }

    private Report describe(Plic.SourceState source) {
        Report report = Report.of("source " + source.source());
        String name = names.apply(source.source());
        if (name != null) {
            report.text("device", name);
        }
        return report.number("priority", source.priority()).text("wire", source.high() ? "high" : "low")
                .text("state", source.inService() ? "claimed" : source.pending() ? "pending" : "idle");
    }

    private Report timer() {
        return Report.of("aclint").text("mtime", Long.toUnsignedString(aclint.mtime()));
    }

    private Report describe(Hart hart) {
        Report report = Report.of("hart " + hart.id());
        int pending = hart.csrs().read(Csrs.MIP, PrivilegeMode.M);
        report.texts("pending", causes(pending)).texts("enabled", causes(hart.csrs().read(Csrs.MIE, PrivilegeMode.M)));
        Aclint.HartState timer = aclint.look().get(hart.id());
        report.number("msip", timer.software() ? 1 : 0).text("mtimecmp", Long.toUnsignedString(timer.compare()));
        for (Plic.ContextState context : plic.lookAtContexts()) {
            if (context.hart() == hart.id()) {
                report.child(Report.of(context.machineMode() ? "plic, M-mode" : "plic, S-mode")
                        .number("threshold", context.threshold()).numbers("enabled", bits(context.enabled()))
                        .number("would_claim", context.best()));
            }
        }
        return report;
    }

    private static List<Long> bits(int mask) {
        List<Long> bits = new ArrayList<>();
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            if ((mask >>> bit & 1) != 0) {
                bits.add((long) bit);
            }
        }
        return bits;
    }

    private static List<String> causes(int mask) {
        return bits(mask).stream().map(bit -> cause(bit.intValue())).toList();
    }

    /** Returns the specification's short name of an interrupt: SSIP, MTIP and so on, without "IP". */
    private static String cause(int number) {
        return switch (Trap.INTERRUPT | number) {
            case Trap.SUPERVISOR_SOFTWARE | Trap.INTERRUPT -> "SS";
            case Trap.MACHINE_SOFTWARE | Trap.INTERRUPT -> "MS";
            case Trap.SUPERVISOR_TIMER | Trap.INTERRUPT -> "ST";
            case Trap.MACHINE_TIMER | Trap.INTERRUPT -> "MT";
            case Trap.SUPERVISOR_EXTERNAL | Trap.INTERRUPT -> "SE";
            case Trap.MACHINE_EXTERNAL | Trap.INTERRUPT -> "ME";
            default -> Integer.toString(number);
        };
    }
}
