package ferrite.board.command;

import ferrite.console.Completion;
import ferrite.kernel.grammar.Parser;
import java.util.List;

/**
 * Completion at a prompt of the shell: the words of a line are split as the shell does it.
 *
 * @param commands completes the words of one command
 */
record LineCompletion(Completion commands) implements Completion {

    @Override
    public List<String> words(String text) {
        return Parser.wordsAtEnd(text);
    }

    @Override
    public List<String> complete(List<String> words, String word) {
        return commands.complete(words, word);
    }
}
