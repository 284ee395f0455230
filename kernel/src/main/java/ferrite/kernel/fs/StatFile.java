package ferrite.kernel.fs;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.irq.Interrupts;
import ferrite.kernel.sched.CpuTimes;
import ferrite.kernel.sched.Softirq;
import ferrite.kernel.sched.TaskSystem;

/**
 * {@code /proc/stat}: the use of the time, in hundredths of a second (proc(5)), and counts since the start. The
 * machine has no clock of the day, so {@code btime} is 0.
 */
public final class StatFile implements ProcFile {

    /** Linux's {@code USER_HZ} is 100. */
    static final long TICKS_PER_USER_HZ = Clock.TICKS_PER_SECOND / 100;

    private final KernelBase base;
    private final TaskSystem tasks;
    private final Interrupts interrupts;

    StatFile(KernelBase base, TaskSystem tasks, Interrupts interrupts) {
        this.base = base;
        this.tasks = tasks;
        this.interrupts = interrupts;
    }

    @Override
    public String name() {
        return "stat";
    }

    private CpuTimes times(ReadableMemory view, int hart) {
        return tasks.scheduler().times(view, hart, base.violations().now());
    }

    private CpuTimes all(ReadableMemory view) {
        CpuTimes all = new CpuTimes(0, 0, 0, 0);
        for (int hart = 0; hart < base.harts(); hart++) {
            all = all.plus(times(view, hart));
        }
        return all;
    }

    private long record(int hart) {
        return tasks.scheduler().record(hart);
    }

    /** user nice system idle iowait irq softirq steal guest guest_nice. */
    private static String columns(CpuTimes times) {
        return " 0 0 " + times.system() / TICKS_PER_USER_HZ + " " + times.idle() / TICKS_PER_USER_HZ + " 0 "
                + times.irq() / TICKS_PER_USER_HZ + " " + times.softirq() / TICKS_PER_USER_HZ + " 0 0 0\n";
    }

    private long interrupts(ReadableMemory view, int irq) {
        long count = 0;
        for (int hart = 0; hart < base.harts(); hart++) {
            count += interrupts.count(view, irq, hart);
        }
        return count;
    }

    private long allInterrupts(ReadableMemory view) {
        long count = 0;
        for (int irq = 1; irq < Interrupts.SOURCES; irq++) {
            count += interrupts(view, irq);
        }
        for (int hart = 0; hart < base.harts(); hart++) {
            count += interrupts.timerCount(view, hart) + interrupts.ipiCount(view, hart);
        }
        return count;
    }

    private long softirqs(ReadableMemory view, int number) {
        long count = 0;
        for (int hart = 0; hart < base.harts(); hart++) {
            count += PerCpuLayout.SOFTIRQ_COUNTS.get(view, record(hart), number);
        }
        return count;
    }

    private long switches(ReadableMemory view) {
        long count = 0;
        for (int hart = 0; hart < base.harts(); hart++) {
            count += Integer.toUnsignedLong(PerCpuLayout.SWITCHES.get(view, record(hart)));
        }
        return count;
    }

    private long running(ReadableMemory view) {
        return tasks.tasks().all(view).stream()
                .filter(task -> TaskLayout.STATE.get(view, task) == TaskLayout.RUNNING).count();
    }

    private int made(ReadableMemory view) {
        return RootLayout.NEXT_PID.get(view, base.root()) - 1;
    }

    @Override
    public long lock() {
        return RootLayout.TASK_LIST_LOCK.at(base.root());
    }

    @Override
    public String text(ReadableMemory view) {
        StringBuilder out = new StringBuilder("cpu ").append(columns(all(view)));
        for (int hart = 0; hart < base.harts(); hart++) {
            out.append("cpu").append(hart).append(columns(times(view, hart)));
        }
        out.append("intr ").append(allInterrupts(view));
        for (int irq = 0; irq < Interrupts.SOURCES; irq++) {
            out.append(' ').append(irq == 0 ? 0 : interrupts(view, irq));
        }
        out.append("\nctxt ").append(switches(view)).append("\nbtime 0\nprocesses ").append(made(view))
                .append("\nprocs_running ").append(running(view)).append("\nprocs_blocked 0\nsoftirq ");
        long total = 0;
        StringBuilder each = new StringBuilder();
        for (int number = 0; number < Softirq.COUNT; number++) {
            total += softirqs(view, number);
            each.append(' ').append(softirqs(view, number));
        }
        return out.append(total).append(each).append('\n').toString();
    }

    @Override
    public Report report(ReadableMemory view) {
        Report report = Report.of(name()).number("intr", allInterrupts(view)).number("ctxt", switches(view))
                .number("processes", made(view)).number("procs_running", running(view));
        for (int hart = 0; hart < base.harts(); hart++) {
            CpuTimes times = times(view, hart);
            report.child(Report.of("cpu" + hart).number("system", times.system() / TICKS_PER_USER_HZ)
                    .number("idle", times.idle() / TICKS_PER_USER_HZ).number("irq", times.irq() / TICKS_PER_USER_HZ)
                    .number("softirq", times.softirq() / TICKS_PER_USER_HZ));
        }
        Report softirqs = Report.of("softirqs");
        for (int number = 0; number < Softirq.COUNT; number++) {
            softirqs.number(Softirq.NAMES.get(number), softirqs(view, number));
        }
        return report.child(softirqs);
    }
}
