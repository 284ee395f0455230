package ferrite.console;

import java.util.List;

/** Knows how a half-typed word could go on. */
@FunctionalInterface
public interface Completion {

    /**
     * The words that could stand at the cursor. Called by the thread that reads the line, when the tabulator key is pressed.
     *
     * @param words the words before it on the line
     * @param word  what has been typed of it, perhaps nothing
     * @return whole words; one that ends with {@code =} or {@code /} goes on. Those that do not begin with {@code word} are left out by the prompt.
     */
    List<String> complete(List<String> words, String word);

    /** The first word of each of these lines, where the first word is typed. */
    static Completion ofFirstWords(List<String> lines) {
        return (words, word) -> words.isEmpty() ? lines.stream().map(line -> line.split(" ", 2)[0]).distinct().toList() : List.of();
    }
}
