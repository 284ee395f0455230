package ferrite.debugport;

/**
 * What a client that attaches to the machine's prompt and the port say to each other. Every frame is a line of ASCII, its words separated by one blank; a
 * word {@code LEN} says how many bytes follow the line. N is a number that the client gives to a line, larger than those before.
 *
 * <pre>
 *  client                          port
 *  ferrite-attach 1                ferrite-attach 1               first of all; a token's line comes before
 *  run N LEN                                                      a line for the prompt, at most 64 KiB of UTF-8
 *                                  out N LEN                      what its command wrote to standard output,
 *                                  err N LEN                      and to standard error
 *                                  background N                   it goes on in the background,
 *                                  end N STATUS                   or it has ended; only then comes the next run
 *                                  violation LEN                  a text for people, to every client
 *  complete LEN                    candidates LEN                 how a line could go on: its words, the last one as far as it is typed, one a line;
 *                                                                 and words that could stand there, one a line; one question at a time
 *  interrupt                                                      the line that was run last is to be interrupted, if it has not ended
 *  quit, or the end of its input   bye STATUS LEN                 the last frame, with a reason in words, if any;
 *                                                                 it comes too when the machine's run has ended, with its exit status
 *                                  error: SENTENCE                instead of any frame: the port hangs up
 * </pre>
 */
final class AttachProtocol {

    static final String GREETING = "ferrite-attach 1";
    /** How every version's greeting begins; no command of the monitor does. */
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
    static final String BYE = "bye";
    static final String ERROR = "error: ";

    static final int MOST_HEADER_BYTES = 64;
    static final int MOST_LINE_BYTES = 1 << 16;

    private AttachProtocol() { }

    /** A word of a frame as a number, or -1 when it is none, or larger than {@code most}. */
    static int number(String word, int most) {
        if (!word.matches("[0-9]{1,10}")) {
            return -1;
        }
        long number = Long.parseLong(word);
        return number <= most ? (int) number : -1;
    }
}
