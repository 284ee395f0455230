package ferrite.debugport;

/**
 * A client at the machine's prompt, as seen by the machine. It must be called on the thread that holds the machine's
 * turn. After the client has gone, calls have no effect and throw nothing.
 */
public interface PromptClient {

    /** Returns the client's rights, which do not change. */
    default Rights rights() {
        return Rights.COMMAND;
    }

    /**
     * Sends output of a line's command. A slow client is waited for briefly. A client that does not read is dropped.
     *
     * @param number the number of the line
     * @param error  whether the output is for standard error
     */
    void output(int number, boolean error, byte[] bytes);

    /** Sends a text for people about a violation, or an addition to it, with its line ends. */
    void violation(String text);

    /** Sends a text for people that is no violation, with its line ends. */
    void notice(String text);

    /** Tells the client that the line's command continues in the background. The next line may come. */
    void background(int number);

    /** Tells the client that the line's command ended with this status. */
    void ended(int number, int status);

    /**
     * Sends the last frame.
     *
     * @param status the exit status of the machine's run; 0 for a client that left by itself
     * @param reason the reason for the end, in words; empty if the client knows it
     */
    void bye(int status, String reason);
}
