package ferrite.hardware.monitor;

/**
 * A reason to halt the machine that software above the hardware adds to the monitor's {@code break on}. All methods are
 * called on the thread that holds the turn. Neither a reason nor its absence changes the run.
 */
public interface StopReason {

    /**
     * A reason that was set.
     *
     * @param text  the reason as {@code info break} shows it
     * @param clear ends it
     */
    record Point(String text, Runnable clear) { }

    /** Returns the form of the words after {@code break on}, such as {@code cache NAME}. */
    String usage();

    /** Returns words that show the use, such as {@code cache kmalloc-64}. */
    String example();

    /**
     * Has the machine halt for this reason from now on.
     *
     * @param words the typed words after {@code break on}, with one blank between two of them
     * @return the point that was set, or null if the words do not name this reason
     * @throws MonitorException with a sentence, if they name this reason and are wrong
     */
    Point set(String words) throws MonitorException;
}
