package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.instruction.CsrNames;
import ferrite.hardware.report.Report;
import java.util.List;

/**
 * The monitor's {@code info csrs}: the control and status registers of a hart, in the order of their numbers. Registers
 * of the numbered groups (counters, events, PMP) are left out while they are zero.
 */
final class CsrsCommand implements MonitorCommand {

    private static final int CSRS = 0x1000;

    private final Machine machine;

    CsrsCommand(Machine machine) {
        this.machine = machine;
    }

    @Override
    public String name() {
        return "info csrs";
    }

    @Override
    public String usage() {
        return "info csrs [HART]";
    }

    @Override
    public String summary() {
        return "control and status registers of one hart, or of all";
    }

    @Override
    public List<String> examples() {
        return List.of("info csrs", "info csrs 1");
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        Report report = Report.of("csrs");
        for (Hart hart : HartArgument.all(machine, arguments)) {
            report.child(describe(hart));
        }
        return report;
    }

    private static Report describe(Hart hart) {
        Report report = Report.of("hart " + hart.id());
        for (int csr = 0; csr < CSRS; csr++) {
            String name = CsrNames.name(csr);
            try {
                long value = hart.csrs().read(csr, PrivilegeMode.M) & 0xffff_ffffL;
                if (value != 0 || !isNumbered(name)) {
                    report.address(name, value);
                }
            } catch (Trap missing) {
                // the hart has no such register
            }
        }
        return report;
    }

    private static boolean isNumbered(String name) {
        return name.startsWith("pmp") || name.contains("hpm");
    }
}
