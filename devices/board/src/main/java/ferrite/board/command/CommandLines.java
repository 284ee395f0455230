package ferrite.board.command;

import ferrite.board.session.Session;
import ferrite.board.stdio.Streams;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The commands in lines that come one by one, from a person or a pipe. An endless line is cut, so that it cannot fill
 * the host's memory.
 */
final class CommandLines implements Session.LineSource {

    private static final int MAX_CHARACTERS = 1 << 16;

    private final Session.LineSource lines;
    private final Deque<String> commands = new ArrayDeque<>();
    /** Set by other threads: the rest of the line is to be dropped. */
    private volatile boolean dropping;
    private volatile boolean ended;
    private volatile long given;
    private final List<String> history = new ArrayList<>();
    private int historyCharacters;

    CommandLines(Session.LineSource lines) {
        this.lines = lines;
    }

    static CommandLines ofStandardInput() {
        Reader input = new BufferedReader(new InputStreamReader(Streams.standardInput(),
                StandardCharsets.UTF_8));
        return new CommandLines(() -> {
            try {
                return readLine(input);
            } catch (IOException e) {
                throw new InputException("standard input cannot be read: " + HostFiles.reason(e));
            }
        });
    }

    @Override
    public String next() throws IOException {
        if (dropping) {
            commands.clear();
        }
        while (commands.isEmpty()) {
            String line = lines.next();
            dropping = false;
            if (line == null) {
                ended = true;
                return null;
            }
            commands.addAll(Script.split(line));
        }
        given++;
        String command = commands.poll();
        remember(command);
        return command;
    }

    private void remember(String command) {
        synchronized (history) {
            if (historyCharacters + command.length() <= MAX_CHARACTERS) {
                history.add(command);
            }
            historyCharacters += command.length();
        }
    }

    /** Returns the commands so far; none if they would not fit on a command line. May be called by any thread. */
    List<String> history() {
        synchronized (history) {
            return historyCharacters <= MAX_CHARACTERS ? List.copyOf(history) : List.of();
        }
    }

    /** Drops the remaining commands of the current line. May be called by any thread. */
    void dropRest() {
        dropping = true;
    }

    /** Returns whether there will be no more commands. May be called by any thread. */
    boolean hasEnded() {
        return ended;
    }

    /** Returns how many commands there were so far. May be called by any thread. */
    long given() {
        return given;
    }

    /** Reads a line, without its line end; null at the end of input. */
    private static String readLine(Reader input) throws IOException {
        StringBuilder line = new StringBuilder();
        int c = input.read();
        if (c < 0) {
            return null;
        }
        for (; c >= 0 && c != '\n'; c = input.read()) {
            if (line.length() < MAX_CHARACTERS) {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
