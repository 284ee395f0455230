package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.Softirq;
import ferrite.kernel.sched.TaskSystem;
import java.util.stream.IntStream;

/** {@code /proc/softirqs}: the count of each softirq, by hart. */
public final class SoftirqsFile implements ProcFile {

    private final KernelBase base;
    private final TaskSystem tasks;

    SoftirqsFile(KernelBase base, TaskSystem tasks) {
        this.base = base;
        this.tasks = tasks;
    }

    @Override
    public String name() {
        return "softirqs";
    }

    private long count(ReadableMemory view, int number, int hart) {
        return PerCpuLayout.SOFTIRQ_COUNTS.get(view, tasks.scheduler().record(hart), number);
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder(" ".repeat(20));
        for (int hart = 0; hart < base.harts(); hart++) {
            out.append("CPU").append(ProcText.left(Integer.toString(hart), 8));
        }
        for (int number = 0; number < Softirq.COUNT; number++) {
            out.append('\n').append(ProcText.right(Softirq.NAMES.get(number), 12)).append(':');
            for (int hart = 0; hart < base.harts(); hart++) {
                out.append(' ').append(ProcText.right(count(view, number, hart), 10));
            }
        }
        return out.append('\n').toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name());
        for (int number = 0; number < Softirq.COUNT; number++) {
            int softirq = number;
            report.child(Report.of(Softirq.NAMES.get(number)).numbers("count_by_hart",
                    IntStream.range(0, base.harts()).mapToObj(hart -> count(view, softirq, hart)).toList()));
        }
        return report;
    }
}
