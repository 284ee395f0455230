package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.TaskSystem;

/** {@code /proc/loadavg}: the load averages, the tasks that run and all, and the newest pid. */
public final class LoadAvg implements ProcFile {

    private final KernelBase base;
    private final TaskSystem tasks;

    LoadAvg(KernelBase base, TaskSystem tasks) {
        this.base = base;
        this.tasks = tasks;
    }

    @Override
    public String name() {
        return "loadavg";
    }

    private long running(ReadableMemory view) {
        return tasks.tasks().all(view).stream()
                .filter(task -> TaskLayout.STATE.get(view, task) == TaskLayout.RUNNING).count();
    }

    private int newestPid(ReadableMemory view) {
        return RootLayout.NEXT_PID.get(view, base.root()) - 1;
    }

    @Override
    public long lock() {
        return RootLayout.TASK_LIST_LOCK.at(base.root());
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder();
        for (long hundredths : tasks.scheduler().loadAverage().hundredths(view, base.violations().now())) {
            out.append(ProcText.hundredths(hundredths)).append(' ');
        }
        return out.append(running(view)).append('/').append(tasks.tasks().all(view).size()).append(' ')
                .append(newestPid(view)).append('\n').toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        long[] loads = tasks.scheduler().loadAverage().hundredths(view, base.violations().now());
        return Report.of(name()).text("load1", ProcText.hundredths(loads[0]))
                .text("load5", ProcText.hundredths(loads[1])).text("load15", ProcText.hundredths(loads[2]))
                .number("running", running(view)).number("tasks", tasks.tasks().all(view).size())
                .number("newest_pid", newestPid(view));
    }
}
