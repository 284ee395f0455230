package ferrite.board;

import ferrite.hardware.report.Violation;
import java.io.IOException;

/** Where commands are typed and what they say is shown. Called by whoever has the turn; nothing that it does is part of the machine. */
interface FrontEnd {

    /** The guest took a line that was typed here. */
    CommandRun begin(String line);

    /** Bytes that were written by none of the commands. */
    void output(int stream, byte[] bytes) throws IOException;

    /**
     * A rule was broken.
     *
     * @param text    what a person is told
     * @param mistake what makes it the same mistake as another one
     */
    void violation(Violation violation, String text, String mistake) throws IOException;

    /** The machine has ended, and so have all commands. */
    void finish();
}
