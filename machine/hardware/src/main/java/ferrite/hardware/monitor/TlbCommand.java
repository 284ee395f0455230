package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.Pte;
import ferrite.hardware.hart.TlbEntry;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import java.util.List;

/**
 * The monitor's {@code info tlb}: the cached translations of a hart. They may be stale; {@code info mem} shows the page
 * tables.
 */
final class TlbCommand implements MonitorCommand {

    private final Machine machine;

    TlbCommand(Machine machine) {
        this.machine = machine;
    }

    @Override
    public String name() {
        return "info tlb";
    }

    @Override
    public String usage() {
        return "info tlb [HART]";
    }

    @Override
    public String summary() {
        return "translations in the TLB of one hart, or of all";
    }

    @Override
    public List<String> examples() {
        return List.of("info tlb", "info tlb 1");
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        List<Hart> harts = HartArgument.all(machine, arguments);
        StringBuilder text = new StringBuilder();
        for (Hart hart : harts) {
            print(text, hart);
        }
        Report report = Report.ofText("tlb", text.toString());
        for (Hart hart : harts) {
            Report child = Report.of("hart " + hart.id());
            for (TlbEntry entry : hart.tlbEntries()) {
                child.child(Report.of(Hex.address(entry.va())).address("pa", Pte.pa(entry.pte()))
                        .number("asid", entry.asid()).text("flags", Pte.flags(entry.pte()))
                        .text("leaf", entry.isMegapage() ? "4 MiB" : "4 KiB"));
            }
            report.child(child);
        }
        return report;
    }

    private static void print(StringBuilder text, Hart hart) {
        List<TlbEntry> entries = hart.tlbEntries();
        text.append("hart ").append(hart.id()).append(": ").append(entries.size()).append(" entries\n");
        for (TlbEntry entry : entries) {
            text.append("  ").append(Hex.address(entry.va())).append(" -> ").append(Hex.address(Pte.pa(entry.pte())))
                    .append("  asid ").append(entry.asid()).append(entry.isMegapage() ? "  of 4 MiB  " : "  of 4 KiB  ")
                    .append(Pte.flags(entry.pte())).append('\n');
        }
    }
}
