package ferrite.board.front;

import ferrite.hardware.report.Violation;
import java.io.IOException;

/**
 * A place where commands are typed and their output is shown. The thread that holds the turn calls it; nothing that it
 * does is part of the machine.
 */
public interface FrontEnd {

    /** Begins a command: the guest took a line that was typed here. */
    CommandRun begin(String line);

    /** Takes bytes that no command wrote. */
    void output(int stream, byte[] bytes) throws IOException;

    /**
     * A rule was broken.
     *
     * @param text    the explanation for a person
     * @param mistake the key of the mistake; equal keys are the same mistake
     */
    void violation(Violation violation, String text, String mistake) throws IOException;

    /** The machine has ended, and so have all commands. */
    void finish();
}
