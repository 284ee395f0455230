package ferrite.kernel.shell;

import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/** Puts lines together from the pieces of a file. A line is a text with one character for each byte. */
class LineReader implements FilePieces.Piece {

    /**
     * A line without an end is taken when it has as many bytes, so a longer line is taken as several. A search in one
     * takes a fraction of a second, and between two pieces a signal can end the command.
     */
    static final int MAX_LINE = 64 << 10;

    private final CommandContext context;
    private final BiConsumer<String, Boolean> line;
    private final StringBuilder rest = new StringBuilder();

    /** @param line takes each line, and whether it ended with a line end */
    LineReader(CommandContext context, BiConsumer<String, Boolean> line) {
        this.context = context;
        this.line = line;
    }

    @Override
    public void take(long from, int length) {
        String text = new String(context.load(from, length), StandardCharsets.ISO_8859_1);
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0 && !isDone(); end = text.indexOf('\n', start)) {
            line.accept(rest.append(text, start, end).toString(), true);
            rest.setLength(0);
            start = end + 1;
        }
        rest.append(text, start, text.length());
        if (rest.length() >= MAX_LINE) {
            end();
        }
    }

    /** Takes the last line, if it has no line end. */
    void end() {
        if (!rest.isEmpty() && !isDone()) {
            line.accept(rest.toString(), false);
        }
        rest.setLength(0);
    }

    /** Reads a file's lines. Returns 0, or 1 after an error message. */
    static int forEach(CommandContext context, String path, BiConsumer<String, Boolean> line) {
        LineReader reader = new LineReader(context, line);
        int status = FilePieces.forEach(context, path, reader);
        if (status == 0) {
            reader.end();
        }
        return status;
    }
}
