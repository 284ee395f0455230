package ferrite.debugport;

import java.util.List;

/**
 * The prompt of a machine, for clients that attach to it. The controller of the machine offers it, and calls back
 * through {@link PromptClient}. All methods here are called on the thread that holds the machine's turn, and must
 * return soon.
 */
public interface MachinePrompt {

    /** Attaches a client. Nothing about the machine changes. */
    Attachment attach(PromptClient client);

    /** An attached client. */
    interface Attachment {

        /**
         * Takes a line that the client typed. The next one comes after {@link PromptClient#ended} or {@link
         * PromptClient#background} was called for this one.
         *
         * @param number the client's number for the line, larger than all earlier ones
         */
        void line(int number, String line);

        /**
         * Returns possible completions of a line. It only inspects.
         *
         * @param words the words before the one that is being typed
         * @param word  the typed part of that word
         * @return words that fit in its place, whether or not they start with the typed part
         */
        List<String> complete(List<String> words, String word);

        /** Interrupts the line that is neither ended nor in the background, at the client's request. */
        void interrupt();

        /**
         * Detaches a client that leaves or is gone. Its line that has not ended is interrupted. Its background commands
         * continue, but their output is discarded. Only {@link PromptClient#bye} may still be called.
         */
        void detach();
    }
}
