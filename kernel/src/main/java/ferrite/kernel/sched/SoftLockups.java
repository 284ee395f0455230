package ferrite.kernel.sched;

import ferrite.hardware.Machine;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.CallSite;

/**
 * Tells when a hart has been in an atomic section for too long, as Linux's {@code watchdog}. Its timer interrupt still
 * comes, but no other task can run there. Only looks.
 */
@Plumbing
final class SoftLockups {

    /** Linux's default; a lockup is told after twice the time. */
    private static final int WATCHDOG_THRESH = 10;

    private final KernelBase base;
    private final Context context;
    private final long limit;
    /** The last time at which each hart could have run another task, and whether a lockup since then was told. */
    private final long[] last = new long[Machine.MAX_HARTS];
    private final boolean[] told = new boolean[Machine.MAX_HARTS];

    SoftLockups(KernelBase base) {
        this.base = base;
        this.context = base.context();
        int threshold = base.commandLine().seconds("watchdog_thresh", WATCHDOG_THRESH);
        boolean wanted = threshold > 0 && base.violations().checks(Rule.SOFT_LOCKUP);
        this.limit = wanted ? 2L * threshold * Clock.TICKS_PER_SECOND : Long.MAX_VALUE;
    }

    /** Notes that a hart switches tasks, or could. */
    void switches(int hart, long now) {
        last[hart] = now;
        told[hart] = false;
    }

    /** Looks at a hart in its timer interrupt. */
    void look(int hart, long task, long now) {
        ReadableMemory view = base.peek();
        if (TaskLayout.PREEMPT_COUNT.get(view, task) == TaskLayout.HARDIRQ) {
            switches(hart, now);
        } else if (now - last[hart] > limit && !told[hart]) {
            told[hart] = true;
            report(view, hart, task, now);
        }
    }

    private void report(ReadableMemory view, int hart, long task, long now) {
        String comm = TaskLayout.COMM.get(view, task);
        int pid = TaskLayout.PID.get(view, task);
        Violations.Building report = base.violations().at(Rule.SOFT_LOCKUP, "soft lockup - CPU#" + hart + " stuck for "
                + (now - last[hart]) / Clock.TICKS_PER_SECOND + "s! [" + comm + ":" + pid + "]", CallSite.ofFault(),
                "task " + pid + " '" + comm + "'");
        String since = context.atomicSince(hart);
        if (since != null) {
            report.line("began", since);
        }
        report.line("why", "no other task runs on this hart before the section ends")
                .line("instead", Rule.SOFT_LOCKUP.right()).number("hart", hart).report();
    }
}
