package ferrite.console;

import java.io.IOException;
import java.io.InputStream;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** This process's terminal with every key going through as it is, until it is closed. What is written stays as it was: a line end returns the carriage. */
public final class RawTerminal implements AutoCloseable {

    private final Terminal terminal;
    private final Attributes before;

    RawTerminal(Terminal terminal) {
        this.terminal = terminal;
        this.before = terminal.enterRawMode();
        Attributes raw = terminal.getAttributes();
        raw.setLocalFlag(Attributes.LocalFlag.ISIG, false);        // Ctrl-C is the guest's
        terminal.setAttributes(raw);
    }

    /** @throws IOException when standard input is no terminal that can be set */
    public static RawTerminal open() throws IOException {
        return new RawTerminal(TerminalBuilder.builder().system(true).provider("exec").build());
    }

    /** The keys, as bytes. */
    public InputStream keys() {
        return terminal.input();
    }

    /** Gives the terminal back as it was. */
    @Override
    public void close() throws IOException {
        terminal.setAttributes(before);
        terminal.close();
    }
}
