package ferrite.console;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Supplier;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * The line at which a person types commands: editing, a history for as long as it is open, and completion of a
 * command's first word with the tabulator key.
 *
 * <p>It only reads. Whoever prints does so between two calls of {@link #readLine}. To be used by one thread.
 */
public final class Prompt implements AutoCloseable {

    private final Terminal terminal;
    private final LineReader reader;
    private final String prompt;

    Prompt(Terminal terminal, String name, Supplier<List<String>> words) {
        giveSize(terminal);
        this.terminal = terminal;
        this.prompt = name + "> ";
        this.reader = LineReaderBuilder.builder()
                .terminal(terminal)
                // A backslash, a quote or an exclamation mark belongs to the command, and a line ends where it ends.
                .parser(new DefaultParser().escapeChars(new char[0]).quoteChars(new char[0]))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .completer((line, typed, candidates) -> complete(typed, words.get(), candidates))
                .build();
    }

    /**
     * Takes over the terminal of this process, or its standard input when that is none.
     *
     * @param name  what stands before the cursor, as in {@code name> }
     * @param words the first words of the commands there are, asked for anew at every completion
     * @throws UncheckedIOException with a sentence, when the terminal cannot be opened
     */
    public static Prompt open(String name, Supplier<List<String>> words) {
        try {
            return new Prompt(systemTerminal(), name, words);
        } catch (IOException e) {
            throw new UncheckedIOException("the prompt cannot be opened on this terminal: " + e.getMessage()
                    + "; commands can be given with -c or --script instead", e);
        }
    }

    /** The next line, without its end, or null at the end of input. An interrupt (Ctrl-C) drops what was typed and asks again. */
    public String readLine() {
        while (true) {
            try {
                return reader.readLine(prompt);
            } catch (UserInterruptException e) {
                // The half-typed line is gone, as it would be in a shell.
            } catch (EndOfFileException e) {
                return unfinished(e.getPartialLine());
            }
        }
    }

    /** Gives the terminal back as it was. */
    @Override
    public void close() {
        try {
            terminal.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the terminal cannot be set back to what it was: " + e.getMessage()
                    + "; the command 'reset' may help", e);
        }
    }

    /** The end of input can come in the middle of a line, which then is one: the call after it finds the end again. */
    private static String unfinished(String line) {
        return line == null || line.isEmpty() ? null : line;
    }

    /** A terminal under a script or in a container may have no columns at all, and nothing could be shown on it. */
    private static void giveSize(Terminal terminal) {
        if (terminal.getWidth() <= 0 || terminal.getHeight() <= 0) {
            terminal.setSize(new Size(80, 24));
        }
    }

    /** The provider that asks {@code stty}: the others load native code, for which newer JVMs print a warning. */
    private static Terminal systemTerminal() throws IOException {
        return TerminalBuilder.builder().system(true).provider("exec").dumb(true).build();
    }

    private static void complete(ParsedLine typed, List<String> words, List<Candidate> candidates) {
        if (typed.wordIndex() == 0) {
            words.stream().map(word -> word.split(" ", 2)[0]).distinct().map(Candidate::new).forEach(candidates::add);
        }
    }
}
