package ferrite.kernel.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.fs.ProcFile;
import java.util.function.Supplier;

/** The monitor's {@code buddyinfo}: the text of {@code /proc/buddyinfo}, without a task that reads it. */
public final class BuddyInfoCommand implements MonitorCommand {

    private final Machine machine;
    private final Supplier<Kernel> kernel;

    public BuddyInfoCommand(Machine machine, Supplier<Kernel> kernel) {
        this.machine = machine;
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return "buddyinfo";
    }

    @Override
    public String usage() {
        return "buddyinfo";
    }

    @Override
    public String summary() {
        return "free blocks of each zone, by order";
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        if (!kernel.get().isUp()) {
            throw new MonitorException("the kernel has not booted yet: there are no zones");
        }
        ProcFile file = kernel.get().files().proc().file("buddyinfo");
        ReadableMemory view = machine.peek(0);
        Report report = Report.ofText("buddyinfo", file.text(view));
        file.report(view).children().forEach(report::child);
        return report;
    }
}
