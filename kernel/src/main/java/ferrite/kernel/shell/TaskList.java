package ferrite.kernel.shell;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.sched.Tasks;

/** The output of {@code ps}. */
final class TaskList {

    private TaskList() { }

    /** Formats the tasks in procps' columns. */
    static String text(Tasks tasks, ReadableMemory view) {
        StringBuilder out = new StringBuilder("    PID TTY      STAT   TIME COMMAND\n");
        for (long task : tasks.all(view)) {
            String pid = Integer.toString(view.load32(task + TaskLayout.PID));
            long seconds = view.load64(task + TaskLayout.RUNTIME) / Clock.TICKS_PER_SECOND;
            out.append(" ".repeat(Math.max(0, 7 - pid.length()))).append(pid).append(" ?        ")
               .append(TaskLayout.stateLetter(view.load32(task + TaskLayout.STATE))).append("    ")
               .append(" ".repeat(seconds / 60 > 9 ? 0 : 1)).append(seconds / 60).append(':')
               .append(Long.toString(100 + seconds % 60).substring(1)).append(' ')
               .append(view.loadString(task + TaskLayout.COMM, TaskLayout.COMM_BYTES)).append('\n');
        }
        return out.toString();
    }

    static Report report(Tasks tasks, ReadableMemory view) {
        Report report = Report.of("ps");
        for (long task : tasks.all(view)) {
            report.child(Report.of(view.loadString(task + TaskLayout.COMM, TaskLayout.COMM_BYTES))
                    .number("pid", view.load32(task + TaskLayout.PID))
                    .text("stat", TaskLayout.stateLetter(view.load32(task + TaskLayout.STATE)))
                    .number("seconds", view.load64(task + TaskLayout.RUNTIME) / Clock.TICKS_PER_SECOND));
        }
        return report;
    }
}
