package ferrite.debugport;

/**
 * A client at the machine's prompt, as the machine sees it. To be called on the thread that holds the machine's turn. Nothing is thrown when the client is
 * gone; then nobody hears what is said.
 */
public interface PromptClient {

    /**
     * What the command of a line wrote. A client that is slow to take it is waited for a little, and one that stands still is dropped.
     *
     * @param number the line's
     * @param error  whether it went to standard error
     */
    void output(int number, boolean error, byte[] bytes);

    /** A rule was broken, or something is to be added to that; a text for people, with its line ends. */
    void violation(String text);

    /** The line's command goes on in the background; the next line may come. */
    void background(int number);

    /** The line's command ended with this status. */
    void ended(int number, int status);

    /**
     * The last word.
     *
     * @param status the exit status of the machine's run; 0 for a client that left by itself
     * @param reason why it is over, in words; empty when the client knows
     */
    void bye(int status, String reason);
}
