package ferrite.kernel.shell;

import ferrite.kernel.Kernel;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Signal;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.fs.Files;
import ferrite.kernel.grammar.AndOr;
import ferrite.kernel.grammar.Pipeline;
import ferrite.kernel.sched.Signals;
import ferrite.kernel.sched.Tasks;
import java.util.ArrayList;
import java.util.List;

/**
 * A line with pipelines, in its own task. It starts the commands of a pipeline, waits for all of them, and passes a
 * signal that it gets on to them. The object lives on the stack of the task.
 */
final class ListRun {

    private static final int SIGPIPE = 13;

    private final Kernel kernel;
    private final LineTasks tasks;
    private final String line;
    private final boolean endsShell;
    private final CommandContext context;
    /** The signal that ends the line; 0 for none. */
    private int signal;

    ListRun(ShellParts parts, LineTasks tasks, String line, boolean endsShell) {
        this.kernel = parts.kernel();
        this.tasks = tasks;
        this.line = line;
        this.endsShell = endsShell;
        this.context = new CommandContext(parts, List.of("sh"), new CommandContext.Place(false, false, false, 0));
    }

    /**
     * Runs the pipelines.
     *
     * @param before the value of {@code $?} at the start
     * @return the exit status of the last pipeline that ran
     */
    int run(List<AndOr.Step> steps, int before) {
        if (!context.openFiles()) {
            return context.failWithoutMemory();
        }
        int status = before;
        for (int i = 0; i < steps.size() && signal == 0 && !(endsShell && context.shellEnds()); i++) {
            if (steps.get(i).runsAfter(status)) {
                Pipeline pipeline = steps.get(i).pipeline();
                int result = run(i, pipeline, status);
                status = !pipeline.isNot() ? result : result == 0 ? 1 : 0;
            }
        }
        return signal == 0 ? status : Signals.EXIT_STATUS + signal;
    }

    private int run(int number, Pipeline pipeline, int status) {
        Files files = kernel.files();
        List<Long> started = new ArrayList<>();
        int count = pipeline.commands().size();
        int input = CommandLayout.NO_PIPE;
        int error = 0;
        for (int i = 0; i < count && error == 0; i++) {
            int[] ends = {CommandLayout.NO_PIPE, CommandLayout.NO_PIPE};
            error = i < count - 1 ? files.programs().pipe(0, ends) : 0;
            String name = pipeline.commands().get(i).words().get(0).text();
            long task = error != 0 ? 0 : tasks.startMember(name, line, status,
                    new LineTasks.Member(number, i, input, ends[1], endsShell && count == 1));
            if (task != 0) {
                started.add(task);
            } else {
                error = error == 0 ? -Errno.ENOMEM : error;
            }
            close(input);
            close(ends[1]);
            input = ends[0];
        }
        close(input);
        if (error != 0) {
            complain(Errno.message(error));
            pass(started);
        }
        int result = await(started);
        return error == 0 ? result : 1;
    }

    private void close(int descriptor) {
        if (descriptor >= 0) {
            kernel.files().close(descriptor);
        }
    }

    /** Writes an error message. A signal that comes meanwhile ends the line, but not before its commands. */
    private void complain(String message) {
        try {
            context.fail(message);
        } catch (Terminated ended) {
            signal = ended.signal();
        }
    }

    /** Passes the signal, if there is one, on to the commands that still run. */
    private void pass(List<Long> started) {
        Tasks all = kernel.tasks().tasks();
        if (signal != 0) {
            started.stream().filter(task -> !all.isDead(task)).forEach(task -> all.kill(all.pid(task), signal));
        }
    }

    /** Waits for all commands of a pipeline. Returns the exit status of the last one. */
    private int await(List<Long> started) {
        Tasks all = kernel.tasks().tasks();
        while (!started.stream().allMatch(all::isDead)) {
            kernel.tasks().sleep().waitEventInterruptible(all.exitWait(), () -> started.stream().allMatch(all::isDead));
            int taken = context.takeSignal();
            if (taken != 0) {
                signal = taken;
                pass(started);
            }
        }
        int status = 0;
        for (long task : started) {
            int ended = TaskLayout.EXIT_SIGNAL.get(kernel.base().memory(), task);
            status = all.reap(task);
            String reason = Shell.reason(ended, status);
            if (reason != null && ended != SIGPIPE) {
                complain(reason);
            }
            signal = ended == Signal.SIGINT || status == Signals.EXIT_STATUS + Signal.SIGINT ? Signal.SIGINT : signal;
        }
        return status;
    }
}
