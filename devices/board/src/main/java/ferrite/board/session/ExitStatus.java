package ferrite.board.session;

/** The exit statuses of the {@code ferrite} command. */
public final class ExitStatus {

    public static final int SUCCESS = 0;
    /** A command failed, or a bare program reported failure or crashed. */
    public static final int FAILED = 1;
    public static final int WRONG_USAGE = 2;
    public static final int UNUSABLE_INPUT = 3;
    public static final int VIOLATION = 4;
    public static final int PANIC = 5;
    /** The instruction limit was reached, or every hart of a bare machine waits for ever. */
    public static final int NOT_FINISHED = 124;
    /** The person at the terminal left: 128 and SIGINT. */
    public static final int LEFT = 130;

    private ExitStatus() { }
}
