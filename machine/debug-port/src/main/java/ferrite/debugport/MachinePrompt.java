package ferrite.debugport;

import java.util.List;

/**
 * The prompt of a machine, for clients that attach to it. Whoever controls the machine offers it, and calls back through {@link PromptClient}. All methods
 * here are called on the thread that holds the machine's turn, and return soon.
 */
public interface MachinePrompt {

    /** A client has come. Nothing about the machine changes. */
    Attachment attach(PromptClient client);

    /** A client that is attached. */
    interface Attachment {

        /**
         * The client typed a line. A next one comes when {@link PromptClient#ended} or {@link PromptClient#background} was called for this one.
         *
         * @param number what the client calls it; each number is larger than the one before
         */
        void line(int number, String line);

        /**
         * How a line could go on. Only looks.
         *
         * @param words those before the one that is being typed
         * @param word  what has been typed of it
         * @return words that could stand there, whether or not they begin so
         */
        List<String> complete(List<String> words, String word);

        /** The client asks that the line that is neither ended nor in the background be interrupted. */
        void interrupt();

        /**
         * The client leaves, or is gone. Its line that has not ended is interrupted, what it started in the background goes on, unheard. Only
         * {@link PromptClient#bye} may still be called.
         */
        void detach();
    }
}
