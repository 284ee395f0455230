package ferrite.kernel.sched;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Strand;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.JavaStack;
import ferrite.kernel.shadow.Locks;
import java.util.List;

/**
 * Tells which tasks sleep for ever, when the machine stands still: those that no signal can wake, as Linux's {@code
 * khungtaskd}. Only looks.
 */
@Plumbing
public final class HungTasks {

    private final KernelBase base;
    private final Scheduler scheduler;

    HungTasks(KernelBase base, Scheduler scheduler) {
        this.base = base;
        this.scheduler = scheduler;
    }

    /** Reports each task that sleeps and that nothing will wake. The machine stands still. */
    public void report() {
        if (!base.violations().checks(Rule.HUNG_TASK)) {
            return;
        }
        ReadableMemory view = base.peek();
        try {
            for (long node : ListHead.nodes(view, RootLayout.TASK_LIST.at(base.root()), Tasks.MAX_TASKS)) {
                long task = TaskLayout.TASKS.containerOf(node);
                if (TaskLayout.STATE.get(view, task) == TaskLayout.UNINTERRUPTIBLE) {
                    report(view, task);
                }
            }
        } catch (BusFault damaged) {
            // the list of tasks was overwritten, and the rest of it is not known
        }
    }

    private void report(ReadableMemory view, long task) {
        String name = "task " + TaskLayout.PID.get(view, task) + " '" + TaskLayout.COMM.get(view, task) + "'";
        Locks.Held wanted = base.states().locks().wantedBy(name);
        if (wanted != null && base.states().locks().holding(wanted.lock()) != null) {
            return;                                    // the lock's holder is the one who sleeps, or was reported
        }
        Violations.Building report = base.violations().at(Rule.HUNG_TASK, name + " sleeps, and nothing is left that "
                + "could wake it", site(scheduler.strandOf(task)), name);
        for (Locks.Held held : base.states().locks().of(name)) {
            report.line("holds", held.describe());
        }
        report.line("why", "every hart waits: no interrupt, timer or task will come that wakes this one")
                .line("instead", Rule.HUNG_TASK.right()).report();
    }

    /** Returns the line where a task's own code waits. */
    private static String site(Strand strand) {
        List<JavaStack.Frame> frames = strand == null ? List.of() : JavaStack.of(strand);
        return frames.stream().filter(frame -> !frame.plumbing()).findFirst()
                .map(frame -> frame.file() + ":" + frame.line()).orElse("?");
    }
}
