package ferrite.board;

import java.nio.file.Path;

/**
 * What {@code ferrite boot} runs.
 *
 * @param image     an ELF32 file or a flat binary
 * @param initrd    a file to be put into memory beside it, or null
 * @param arguments its command line
 */
public record GuestProgram(Path image, Path initrd, String arguments) {

    /** A device tree has room for it, whatever its characters are. */
    private static final int LONGEST_ARGUMENTS = 256 << 10;

    /** @throws IllegalArgumentException with a sentence, when the command line is too long */
    public GuestProgram {
        if (arguments.length() > LONGEST_ARGUMENTS) {
            throw new IllegalArgumentException("--append has " + arguments.length() + " characters; a command line has at most " + LONGEST_ARGUMENTS);
        }
    }
}
