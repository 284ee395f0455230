package ferrite.kernel.shell;

/** What the shell remembers between two of its restart points. */
final class ShellLayout {

    static final int SIZE = 256;
    static final int MAX_BACKGROUND = 32;

    /** The task whose end the shell waits for, or 0. */
    static final int FOREGROUND = 0;
    /** {@code wait} was typed: the shell waits for all of them. */
    static final int WAITING = 4;
    static final int BACKGROUND_COUNT = 8;
    static final int BACKGROUND = 12;
    /** A page for the line that is being read. */
    static final int LINE = BACKGROUND + 4 * MAX_BACKGROUND;

    private ShellLayout() { }
}
