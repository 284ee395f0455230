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

    /**
     * Returns the options of the command as {@link Letters#of} takes them: the shell refuses others before it runs the
     * command, and knows {@code --help}. Null for a command that takes its words as they are.
     */
    default String options() {
        return null;
    }

    /** What is printed after the message about a wrong option. */
    default String hint() {
        return "Try '" + name() + " --help' for more information.";
    }

    /** The exit status for a wrong option. */
    default int statusOfWrongOption() {
        return 1;
    }

    /** @return the exit status: 0 for success, 1 for a failure, 2 for a wrong command line */
    int run(CommandContext context);
}
