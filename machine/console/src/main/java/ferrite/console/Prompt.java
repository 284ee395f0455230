package ferrite.console;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Supplier;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jline.utils.InfoCmp;

/**
 * The prompt at which a person types commands, with editing, history (the arrow keys, Ctrl-R), and completion with the
 * tabulator key. A line that begins with a blank, or repeats the line before, is not kept in the history.
 *
 * <p>It only reads. Output is printed between two calls of {@link #readLine}. One thread uses it.
 */
public final class Prompt implements AutoCloseable {

    /**
     * A type for a terminal with {@code TERM=dumb}, which goes back by a backspace and no further. JLine would not set
     * a terminal of type dumb at all: it would print each key twice, and Ctrl-C would end the process.
     */
    private static final String PLAIN = "ferrite-plain";
    private static final String PLAIN_CAPABILITIES = PLAIN + ",\n\tam,\n\tcols#80,\n"
            + "\tbel=^G, cr=\\r, cub1=^H, cud1=\\n, ind=\\n,\n";
    private static final String INTERRUPT_KEY = "\003";
    private static final String DROP_LINE = "drop-line";

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
                // A backslash, a quote or an exclamation mark belongs to the command, and every line end ends the line.
                .parser(TypedLine.parser(completion))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .variable(LineReader.HISTORY_SIZE, HistoryFile.MAX_LINES)
                .completer((line, typed, candidates) -> complete(typed, completion, candidates))
                .build();
        // Tab lists the words, and inserts only what all begin with
        reader.unsetOpt(LineReader.Option.AUTO_MENU);
        if (isPlain(terminal)) {
            reader.unsetOpt(LineReader.Option.BRACKETED_PASTE);
        }
        reader.getWidgets().put(LineReader.CALLBACK_INIT, this::takeAllKeys);
        reader.getWidgets().put(DROP_LINE, this::dropLine);
        reader.getKeyMaps().values().forEach(map -> map.bind(new Reference(DROP_LINE), INTERRUPT_KEY));
        for (String line : history.read()) {
            reader.getHistory().add(line);
            lastKept = line;
        }
    }

    /**
     * Takes each key as it is, while a line is read. As a signal, Ctrl-C would overtake the keys before it, and the
     * terminal would drop those. A dumb terminal must not show the keys by itself either.
     */
    private boolean takeAllKeys() {
        Attributes raw = terminal.getAttributes();
        raw.setLocalFlags(EnumSet.of(Attributes.LocalFlag.ICANON, Attributes.LocalFlag.ECHO,
                Attributes.LocalFlag.IEXTEN, Attributes.LocalFlag.ISIG), false);
        raw.setInputFlags(EnumSet.of(Attributes.InputFlag.IGNCR, Attributes.InputFlag.INLCR), false);
        raw.setControlChar(Attributes.ControlChar.VMIN, 1);
        raw.setControlChar(Attributes.ControlChar.VTIME, 0);
        terminal.setAttributes(raw);
        return true;
    }

    /** Drops the typed text and shows the prompt again, as a shell does. */
    private boolean dropLine() {
        reader.callWidget(LineReader.END_OF_LINE);
        reader.callWidget(LineReader.REDISPLAY);
        reader.getBuffer().clear();
        reader.getHistory().moveToEnd();
        terminal.writer().print("^C\r\n");
        reader.callWidget(LineReader.REDRAW_LINE);
        reader.callWidget(LineReader.REDISPLAY);
        return true;
    }

    private static String coloured(String name, Terminal terminal) {
        AttributedString styled = new AttributedStringBuilder()
                .styled(AttributedStyle.BOLD.foreground(AttributedStyle.GREEN), name).toAttributedString();
        return styled.toAnsi(terminal);
    }

    /**
     * Opens a prompt on the terminal of this process, or on its standard input if that is no terminal.
     *
     * @param name       the name before the cursor, as in {@code name> }
     * @param completion is asked at every press of the tabulator key
     * @param history    the lines of earlier sessions, to which new lines are added
     * @param coloured   whether the name is coloured
     * @throws UncheckedIOException with a sentence, if the terminal cannot be opened
     */
    public static Prompt open(String name, Completion completion, HistoryFile history, boolean coloured) {
        try {
            return new Prompt(systemTerminal(), name, completion, history, coloured);
        } catch (IOException e) {
            throw new UncheckedIOException("the prompt cannot be opened on this terminal: " + e.getMessage()
                    + "; commands can be given with -c or --script instead", e);
        }
    }

    /**
     * Opens a prompt as {@link #open(String, Completion, HistoryFile, boolean)} does, with a history only while it is
     * open, and completion of first words only.
     */
    public static Prompt open(String name, Supplier<List<String>> words) {
        return open(name, (before, word) -> Completion.ofFirstWords(words.get()).complete(before, word),
                new HistoryFile(null), false);
    }

    /**
     * Sets the action of the interrupt key (Ctrl-C) while no line is read. Without it the key ends the process. The
     * action runs on its own thread, after the terminal has shown {@code ^C}.
     */
    public void onInterrupt(Runnable action) {
        terminal.handle(Terminal.Signal.INT, signal -> action.run());
    }

    /** Tells whether the terminal can do more than print line after line. */
    public boolean canRedraw() {
        return !isPlain(terminal);
    }

    /**
     * Returns the next line, without its end, or null at the end of input (Ctrl-D). The interrupt key drops the typed
     * text and starts the line again.
     */
    public String readLine() {
        while (true) {
            try {
                String line = reader.readLine(prompt);
                keep(line);
                return line;
            } catch (UserInterruptException e) {
                // The half-typed line is gone, as in a shell.
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

    /** Restores the terminal's settings. */
    @Override
    public void close() {
        try {
            terminal.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the terminal cannot be set back to what it was: " + e.getMessage()
                    + "; the command 'reset' may help", e);
        }
    }

    /**
     * Returns the line that the end of input cut off, or null if it is empty. The next call then finds the end again.
     */
    private static String unfinished(String line) {
        return line == null || line.isEmpty() ? null : line;
    }

    /**
     * Gives the terminal a size if it has none, as under a script or in a container. Without columns it could show
     * nothing.
     */
    private static void giveSize(Terminal terminal) {
        if (terminal.getWidth() <= 0 || terminal.getHeight() <= 0) {
            terminal.setSize(new Size(80, 24));
        }
    }

    /**
     * Opens the terminal through {@code stty}. The other providers load native code, for which newer JVMs print a
     * warning.
     */
    private static Terminal systemTerminal() throws IOException {
        TerminalBuilder builder = TerminalBuilder.builder().system(true).provider("exec").dumb(true)
                .nativeSignals(true);
        if (Terminal.TYPE_DUMB.equals(System.getenv("TERM"))) {
            InfoCmp.setDefaultInfoCmp(PLAIN, PLAIN_CAPABILITIES);
            builder.type(PLAIN);
        }
        return builder.build();
    }

    /** Tells whether a terminal prints line after line, and knows no sequences of characters that draw. */
    private static boolean isPlain(Terminal terminal) {
        return terminal.getType().equals(PLAIN) || terminal.getType().startsWith(Terminal.TYPE_DUMB);
    }

    /** Completes the word at the cursor. */
    private static void complete(ParsedLine typed, Completion completion, List<Candidate> candidates) {
        for (String candidate : completion.complete(typed.words().subList(0, typed.wordIndex()), typed.word())) {
            boolean whole = !candidate.endsWith("=") && !candidate.endsWith("/");
            candidates.add(new Candidate(candidate, candidate, null, null, null, null, whole));
        }
    }
}
