package ferrite.board.front;

import java.util.Map;

/**
 * What may be shown at a terminal beside text.
 *
 * @param coloured whether what is wrong is red
 * @param progress whether a line that tells how far a command has come may be drawn, and drawn over
 */
public record TerminalLook(boolean coloured, boolean progress) {

    /**
     * What the environment allows: no colours when {@code NO_COLOR} is set and not empty (no-color.org), and plain lines alone when {@code TERM} is
     * {@code dumb} or not set.
     */
    public static TerminalLook of(Map<String, String> environment) {
        boolean dumb = environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new TerminalLook(!dumb && environment.getOrDefault("NO_COLOR", "").isEmpty(), !dumb);
    }
}
