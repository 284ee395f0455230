package ferrite.kernel.shell;

/** A command of the shell. It runs as a task of its own, may sleep, and says how it went as Unix commands do. */
public interface Command {

    String name();

    /** What is typed, for example {@code cat PATH...}. */
    String usage();

    /** One line of help. */
    String summary();

    /** @return the exit status: 0 when it did what was asked, 1 when not, 2 when what was asked makes no sense */
    int run(CommandContext context);
}
