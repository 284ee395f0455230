package ferrite.kernel.shell;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.driver.CallsOnStack;
import ferrite.kernel.sched.Priorities;
import ferrite.kernel.sched.TaskSystem;
import java.util.List;

/** The output of {@code ps}. */
final class TaskList {

    private TaskList() { }

    /** Formats the tasks in procps' columns. */
    static String text(List<Long> tasks, ReadableMemory view) {
        StringBuilder out = new StringBuilder("    PID TTY      STAT   TIME COMMAND\n");
        for (long task : tasks) {
            String pid = Integer.toString(TaskLayout.PID.get(view, task));
            long seconds = TaskLayout.RUNTIME.get(view, task) / Clock.TICKS_PER_SECOND;
            out.append(" ".repeat(Math.max(0, 7 - pid.length()))).append(pid).append(" ?        ")
               .append(state(view, task)).append("   ")
               .append(" ".repeat(seconds / 60 > 9 ? 0 : 1)).append(seconds / 60).append(':')
               .append(Long.toString(100 + seconds % 60).substring(1)).append(' ')
               .append(TaskLayout.COMM.get(view, task)).append('\n');
        }
        return out.toString();
    }

    /** Returns the state, with {@code <} for a task that gets more than others, {@code N} for one that gets less. */
    private static String state(ReadableMemory view, long task) {
        int nice = TaskLayout.NICE.get(view, task);
        return TaskLayout.stateLetter(TaskLayout.STATE.get(view, task)) + (nice < 0 ? "<" : nice > 0 ? "N" : " ");
    }

    /** Lists the tasks, and for a task in a kernel call that call's name as {@code wchan}. */
    static Report report(TaskSystem tasks, ReadableMemory view) {
        Report report = Report.of("ps");
        for (long task : tasks.tasks().all(view)) {
            String call = CallsOnStack.innermost(tasks.scheduler().strandOf(task));
            report.child(Report.of(TaskLayout.COMM.get(view, task))
                    .number("pid", TaskLayout.PID.get(view, task))
                    .text("stat", state(view, task).strip())
                    .number("priority", Priorities.shown(view, task))
                    .number("nice", TaskLayout.NICE.get(view, task))
                    .text("wchan", call == null ? "-" : call)
                    .number("seconds", TaskLayout.RUNTIME.get(view, task) / Clock.TICKS_PER_SECOND));
        }
        return report;
    }
}
