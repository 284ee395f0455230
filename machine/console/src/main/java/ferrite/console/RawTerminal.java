package ferrite.console;

import java.io.IOException;
import java.io.InputStream;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * This process's terminal in raw mode until it is closed, so that every key is passed on unchanged. Output is processed
 * as before: a line end returns the carriage.
 */
public final class RawTerminal implements AutoCloseable {

    private final Terminal terminal;
    private final Attributes before;

    RawTerminal(Terminal terminal) {
        this.terminal = terminal;
        this.before = terminal.enterRawMode();
        Attributes raw = terminal.getAttributes();
        raw.setLocalFlag(Attributes.LocalFlag.ISIG, false);        // Ctrl-C is for the guest
        terminal.setAttributes(raw);
    }

    /**
     * Opens the terminal in raw mode.
     *
     * @throws IOException if standard input is no terminal that can be set
     */
    public static RawTerminal open() throws IOException {
        return new RawTerminal(TerminalBuilder.builder().system(true).provider("exec").build());
    }

    /** Returns the keys, as bytes. */
    public InputStream keys() {
        return terminal.input();
    }

    /** Restores the terminal's settings. */
    @Override
    public void close() throws IOException {
        terminal.setAttributes(before);
        terminal.close();
    }
}
