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
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/**
 * The line at which a person types commands: editing, history (the arrow keys, Ctrl-R), and completion with the tabulator key. A line that begins with a
 * blank, and one that repeats the line before, is not kept in the history.
 *
 * <p>It only reads. Whoever prints does so between two calls of {@link #readLine}. To be used by one thread.
 */
public final class Prompt implements AutoCloseable {

    private final Terminal terminal;
    private final LineReader reader;
    private final String prompt;
    private final HistoryFile history;
    private String lastKept = "";

    Prompt(Terminal terminal, String name, Completion completion, HistoryFile history, boolean coloured) {
        giveSize(terminal);
        this.terminal = terminal;
        this.prompt = coloured ? coloured(name, terminal) + "> " : name + "> ";
        this.history = history;
        this.reader = LineReaderBuilder.builder()
                .terminal(terminal)
                // A backslash, a quote or an exclamation mark belongs to the command, and a line ends where it ends.
                .parser(new DefaultParser().escapeChars(new char[0]).quoteChars(new char[0]))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .variable(LineReader.HISTORY_SIZE, HistoryFile.MOST_LINES)
                .completer((line, typed, candidates) -> complete(typed, completion, candidates))
                .build();
        for (String line : history.read()) {
            reader.getHistory().add(line);
            lastKept = line;
        }
    }

    private static String coloured(String name, Terminal terminal) {
        AttributedString styled = new AttributedStringBuilder().styled(AttributedStyle.BOLD.foreground(AttributedStyle.GREEN), name).toAttributedString();
        return styled.toAnsi(terminal);
    }

    /**
     * Takes over the terminal of this process, or its standard input when that is none.
     *
     * @param name       what stands before the cursor, as in {@code name> }
     * @param completion is asked anew at every press of the tabulator key
     * @param history    lines of earlier times, and where these go
     * @param coloured   whether the name is
     * @throws UncheckedIOException with a sentence, when the terminal cannot be opened
     */
    public static Prompt open(String name, Completion completion, HistoryFile history, boolean coloured) {
        try {
            return new Prompt(systemTerminal(), name, completion, history, coloured);
        } catch (IOException e) {
            throw new UncheckedIOException("the prompt cannot be opened on this terminal: " + e.getMessage()
                    + "; commands can be given with -c or --script instead", e);
        }
    }

    /** As {@link #open(String, Completion, HistoryFile, boolean)}, with a history for as long as it is open, and nothing but the first words completed. */
    public static Prompt open(String name, Supplier<List<String>> words) {
        return open(name, (before, word) -> Completion.ofFirstWords(words.get()).complete(before, word), new HistoryFile(null), false);
    }

    /**
     * Says what the interrupt key (Ctrl-C) does while no line is read: without this it ends the process. The action runs on a thread of its own. There, and
     * then, the terminal has shown {@code ^C}.
     */
    public void onInterrupt(Runnable action) {
        terminal.handle(Terminal.Signal.INT, signal -> action.run());
    }

    /** Whether the terminal can do more than print one line after another. */
    public boolean canRedraw() {
        return !terminal.getType().startsWith(Terminal.TYPE_DUMB);
    }

    /** The next line, without its end, or null at the end of input (Ctrl-D). The interrupt key drops what was typed and asks again. */
    public String readLine() {
        while (true) {
            try {
                String line = reader.readLine(prompt);
                keep(line);
                return line;
            } catch (UserInterruptException e) {
                // The half-typed line is gone, as it would be in a shell.
            } catch (EndOfFileException e) {
                return unfinished(e.getPartialLine());
            }
        }
    }

    private void keep(String line) {
        if (!line.startsWith(" ") && !line.equals(lastKept)) {
            history.add(line);
            lastKept = line;
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
        return TerminalBuilder.builder().system(true).provider("exec").dumb(true).nativeSignals(true).build();
    }

    /** The words of the command at the cursor: what is before a semicolon belongs to another one. */
    private static void complete(ParsedLine typed, Completion completion, List<Candidate> candidates) {
        List<String> words = typed.words().subList(0, typed.wordIndex());
        for (int i = words.size(); i > 0; i--) {
            if (words.get(i - 1).endsWith(";")) {
                words = words.subList(i, words.size());
                break;
            }
        }
        String word = typed.word().substring(0, typed.wordCursor());
        for (String candidate : completion.complete(words, word)) {
            boolean whole = !candidate.endsWith("=") && !candidate.endsWith("/");
            candidates.add(new Candidate(candidate, candidate, null, null, null, null, whole));
        }
    }
}
