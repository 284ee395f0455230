package ferrite.kernel.shell;

import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.user.Programs;
import java.util.List;

/** {@code exec}: executes a program of machine code from the root file system, with the command's files. */
final class ExecCommand implements Command {

    private static final int NOT_EXECUTABLE = 126;
    private static final List<String> ENVIRONMENT = List.of("HOME=/", "PATH=/sbin:/bin:/usr/sbin:/usr/bin");

    @Override
    public String name() {
        return "exec";
    }

    @Override
    public String usage() {
        return "exec PROGRAM [ARGUMENT...]";
    }

    @Override
    public String summary() {
        return "execute a program of --root";
    }

    @Override
    public String example() {
        return "exec /bin/hello world";
    }

    @Override
    public int run(CommandContext context) {
        return context.arguments().isEmpty() ? context.fail("which program? usage: " + usage())
                : execute(context, context.arguments());
    }

    /** Makes the current task execute a program. Returns an exit status, or AGAIN: the task begins with it then. */
    static int execute(CommandContext context, List<String> words) {
        try {
            context.kernel().programs().execute(words.get(0), words, ENVIRONMENT);
            return TaskEntry.AGAIN;
        } catch (Programs.NotExecuted failed) {
            context.fail(words.get(0) + ": " + failed.getMessage());
            return NOT_EXECUTABLE;
        }
    }
}
