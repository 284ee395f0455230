package ferrite.kernel.fs;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.TaskSystem;

/** {@code /proc/uptime}: the seconds since the start, and the seconds that all harts together were idle. */
public final class Uptime implements ProcFile {

    private static final long TICKS_PER_HUNDREDTH = Clock.TICKS_PER_SECOND / 100;

    private final KernelBase base;
    private final TaskSystem tasks;

    Uptime(KernelBase base, TaskSystem tasks) {
        this.base = base;
        this.tasks = tasks;
    }

    @Override
    public String name() {
        return "uptime";
    }

    private String up() {
        return ProcText.hundredths(base.violations().now() / TICKS_PER_HUNDREDTH);
    }

    private String idle(ReadableMemory view) {
        long ticks = 0;
        for (int hart = 0; hart < base.harts(); hart++) {
            ticks += tasks.scheduler().times(view, hart, base.violations().now()).idle();
        }
        return ProcText.hundredths(ticks / TICKS_PER_HUNDREDTH);
    }

    @Override
    public String text(ReadableMemory view) {
        return up() + " " + idle(view) + "\n";
    }

    @Override
    public Report report(ReadableMemory view) {
        return Report.of(name()).text("up_seconds", up()).text("idle_seconds", idle(view));
    }
}
