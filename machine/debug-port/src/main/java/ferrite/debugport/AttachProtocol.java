package ferrite.debugport;

/**
 * The frames between the port and a client that attaches to the machine's prompt. A frame is a line of ASCII, with its
 * words separated by one blank. A word {@code LEN} is the number of bytes that follow the line. N is a number that the
 * client gives to a line, larger than all earlier ones.
 *
 * <pre>
 *  client                          port
 *  ferrite-attach 1                ferrite-attach 1               the first frames; a token's line comes before
 *  run N LEN                                                      a line for the prompt, at most 64 KiB of UTF-8
 *                                  out N LEN                      standard output of its command,
 *                                  err N LEN                      and standard error
 *                                  background N                   the command continues in the background,
 *                                  end N STATUS                   or it has ended; the next run comes after either
 *                                  violation LEN                  a text for people, to every client
 *                                  notice LEN                     any other text for people, to every client
 *  complete LEN                    candidates LEN                 the words of a line, one a line, the last one as
 *                                                                 far as it is typed; and words that fit in its place,
 *                                                                 one a line; one question at a time
 *  interrupt                                                      interrupts the line run last, if it has not ended
 *  quit, or the end of its input   bye STATUS LEN                 the last frame, with a reason in words, if any;
 *                                                                 also sent when the machine's run has ended, with
 *                                                                 its exit status
 *                                  error: SENTENCE                instead of any frame; the port then disconnects
 * </pre>
 */
final class AttachProtocol {

    static final String GREETING = "ferrite-attach 1";
    /** Common start of every version's greeting. No command of the monitor starts so. */
    static final String NAME = "ferrite-attach ";

    static final String RUN = "run";
    static final String COMPLETE = "complete";
    static final String INTERRUPT = "interrupt";
    static final String QUIT = "quit";

    static final String OUT = "out";
    static final String ERR = "err";
    static final String BACKGROUND = "background";
    static final String END = "end";
    static final String CANDIDATES = "candidates";
    static final String VIOLATION = "violation";
    static final String NOTICE = "notice";
    static final String BYE = "bye";
    static final String ERROR = "error: ";

    static final int MAX_HEADER_BYTES = 64;
    static final int MAX_LINE_BYTES = 1 << 16;

    private AttachProtocol() { }

    /** Parses a word of a frame as a number. Returns -1 if it is not a number, or is larger than {@code max}. */
    static int number(String word, int max) {
        if (!word.matches("[0-9]{1,10}")) {
            return -1;
        }
        long number = Long.parseLong(word);
        return number <= max ? (int) number : -1;
    }
}
