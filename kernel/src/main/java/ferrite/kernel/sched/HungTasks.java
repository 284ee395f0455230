package ferrite.kernel.sched;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells which tasks sleep too long where no signal reaches them, as Linux's {@code khungtaskd}, and which sleep for
 * ever when the machine stands still. Only looks.
 */
@Plumbing
public final class HungTasks {

    /** Linux's default. */
    private static final int TIMEOUT_SECS = 120;

    private final KernelBase base;
    private final Scheduler scheduler;
    private final int seconds;
    private final boolean isTimed;
    /** When the tasks are looked at next. Not visible to the machine, as all of the state here. */
    private long nextLook;
    /** The tasks that were told, with the time at which they had run last. */
    private final Map<Long, Long> told = new HashMap<>();

    HungTasks(KernelBase base, Scheduler scheduler) {
        this.base = base;
        this.scheduler = scheduler;
        this.seconds = base.commandLine().seconds("hung_task_timeout_secs", TIMEOUT_SECS);
        this.isTimed = seconds > 0 && base.violations().checks(Rule.HUNG_TASK);
        this.nextLook = Clock.TICKS_PER_SECOND;
    }

    /** Looks at all tasks once a second, and reports those that have slept too long. */
    void look(long now) {
        if (isTimed && now >= nextLook) {
            nextLook = now + Clock.TICKS_PER_SECOND;
            forEachSleeper((view, task) -> reportTimed(view, task, now));
        }
    }

    private void reportTimed(ReadableMemory view, long task, long now) {
        long last = TaskLayout.SINCE.get(view, task);
        if (now - last < seconds * (long) Clock.TICKS_PER_SECOND || Long.valueOf(last).equals(told.put(task, last))) {
            return;
        }
        int pid = TaskLayout.PID.get(view, task);
        String comm = TaskLayout.COMM.get(view, task);
        Violations.Building report = base.violations().at(Rule.HUNG_TASK, "task " + comm + ":" + pid
                + " blocked for more than " + seconds + " seconds", site(scheduler.strandOf(task)), name(view, task));
        Locks.Held wanted = base.states().locks().wantedBy(name(view, task));
        Locks.Held holder = wanted == null ? null : base.states().locks().holding(wanted.lock());
        if (holder != null) {
            report.line("waits", "for the lock that " + holder.holder() + " took with " + holder.how() + " at "
                    + holder.site());
        }
        describe(report, name(view, task)).line("instead", Rule.HUNG_TASK.right()).number("pid", pid).report();
    }

    /** Reports each task that sleeps and that nothing will wake. The machine stands still. */
    public void report() {
        if (base.violations().checks(Rule.HUNG_TASK)) {
            forEachSleeper(this::reportForEver);
        }
    }

    /** Takes a task that sleeps where no signal reaches it. */
    private interface Sleeper {
        void take(ReadableMemory view, long task);
    }

    private void forEachSleeper(Sleeper sleeper) {
        ReadableMemory view = base.peek();
        try {
            for (long node : ListHead.nodes(view, RootLayout.TASK_LIST.at(base.root()), Tasks.MAX_TASKS)) {
                long task = TaskLayout.TASKS.containerOf(node);
                if (TaskLayout.STATE.get(view, task) == TaskLayout.UNINTERRUPTIBLE) {
                    sleeper.take(view, task);
                }
            }
        } catch (BusFault damaged) {
            // the list of tasks was overwritten, and the rest of it is not known
        }
    }

    private static String name(ReadableMemory view, long task) {
        return "task " + TaskLayout.PID.get(view, task) + " '" + TaskLayout.COMM.get(view, task) + "'";
    }

    private void reportForEver(ReadableMemory view, long task) {
        String name = name(view, task);
        Locks.Held wanted = base.states().locks().wantedBy(name);
        if (told.containsKey(task) || wanted != null && base.states().locks().holding(wanted.lock()) != null) {
            return;                                    // the lock's holder sleeps itself, or was reported
        }
        Violations.Building report = base.violations().at(Rule.HUNG_TASK, name + " sleeps, and nothing is left that "
                + "could wake it", site(scheduler.strandOf(task)), name);
        describe(report, name)
                .line("why", "every hart waits: no interrupt, timer or task will come that wakes this one")
                .line("instead", Rule.HUNG_TASK.right()).report();
    }

    private Violations.Building describe(Violations.Building report, String name) {
        for (Locks.Held held : base.states().locks().of(name)) {
            report.line("holds", held.describe());
        }
        return report;
    }

    /** Returns the line where a task's own code waits. */
    private static String site(Strand strand) {
        List<JavaStack.Frame> frames = strand == null ? List.of() : JavaStack.of(strand);
        return frames.stream().filter(frame -> !frame.plumbing()).findFirst()
                .map(frame -> frame.file() + ":" + frame.line()).orElse("?");
    }
}
