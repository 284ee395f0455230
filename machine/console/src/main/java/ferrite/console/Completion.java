package ferrite.console;

import java.util.List;

/** Source of completions for a half-typed word. */
@FunctionalInterface
public interface Completion {

    /**
     * Returns the words that fit at the cursor. The thread that reads the line calls this when the tabulator key is
     * pressed.
     *
     * @param words the words before it on the line
     * @param word  the typed part of it, perhaps empty
     * @return whole words; one that ends with {@code =} or {@code /} continues. The prompt leaves out words that do not
     *         start with {@code word}.
     */
    List<String> complete(List<String> words, String word);

    /**
     * Splits the text before the cursor into the words of the command that is being typed. The last one is the typed
     * part of the next word, perhaps empty. This method splits at blanks.
     */
    default List<String> words(String text) {
        return List.of(text.stripLeading().split("\\s+", -1));
    }

    /** Completes the first word of a line with the first words of these lines. */
    static Completion ofFirstWords(List<String> lines) {
        return (words, word) -> words.isEmpty() ? lines.stream().map(line -> line.split(" ", 2)[0])
                .distinct().toList() : List.of();
    }
}
