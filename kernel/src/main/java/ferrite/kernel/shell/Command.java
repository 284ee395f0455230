package ferrite.kernel.shell;

/** A command of the shell. It runs in its own task, may sleep, and returns an exit status as Unix commands do. */
public interface Command {

    String name();

    /** The form of the command line, for example {@code cat PATH...}. */
    String usage();

    /** One line of help. */
    String summary();

    /** A line to try, for the help. */
    String example();

    /** Returns whether the command uses {@link CommandContext#buffer}. One that does not works with less memory. */
    default boolean usesBuffer() {
        return true;
    }

    /** @return the exit status: 0 for success, 1 for a failure, 2 for a wrong command line */
    int run(CommandContext context);
}
