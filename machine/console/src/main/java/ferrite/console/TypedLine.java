package ferrite.console;

import java.util.List;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.Parser;

/**
 * A typed line for JLine, with the words of the command at the cursor. The line itself is taken as it was typed.
 *
 * @param words the words before the cursor; the last one is the one at the cursor, perhaps empty
 */
record TypedLine(String line, int cursor, List<String> words) implements CompletingParsedLine {

    /** Returns a parser that asks a completion for the words. */
    static Parser parser(Completion completion) {
        return (line, cursor, context) -> new TypedLine(line, cursor, completion.words(line.substring(0, cursor)));
    }

    @Override
    public String word() {
        return words.get(words.size() - 1);
    }

    @Override
    public int wordCursor() {
        return word().length();
    }

    @Override
    public int wordIndex() {
        return words.size() - 1;
    }

    /** Returns the same word: candidates are inserted as they are. */
    @Override
    public CharSequence escape(CharSequence candidate, boolean complete) {
        return candidate;
    }

    @Override
    public int rawWordCursor() {
        return wordCursor();
    }

    @Override
    public int rawWordLength() {
        return wordCursor();
    }
}
