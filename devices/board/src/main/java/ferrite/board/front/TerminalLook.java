package ferrite.board.front;

import java.util.Map;

/**
 * The means that may be used at a terminal in addition to text.
 *
 * @param coloured whether errors are red
 * @param progress whether a line with the progress of a command may be drawn and redrawn
 */
public record TerminalLook(boolean coloured, boolean progress) {

    /**
     * Returns the means that the environment allows: no colours if {@code NO_COLOR} is set and not empty
     * (no-color.org), and only plain lines if {@code TERM} is {@code dumb} or not set.
     */
    public static TerminalLook of(Map<String, String> environment) {
        boolean dumb = environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new TerminalLook(!dumb && environment.getOrDefault("NO_COLOR", "").isEmpty(), !dumb);
    }
}
