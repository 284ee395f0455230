package ferrite.board.image;

import java.nio.file.Path;

/**
 * What {@code ferrite boot} runs.
 *
 * @param image     an ELF32 file or a flat binary
 * @param initrd    a file to be put into memory beside it, or null
 * @param arguments its command line
 * @param bios      {@link #NO_FIRMWARE}, {@link #FIRMWARE_OF_OURS}, the path of another firmware; or null, and the image decides
 */
public record GuestProgram(Path image, Path initrd, String arguments, String bios) {

    public static final String NO_FIRMWARE = "none";
    public static final String FIRMWARE_OF_OURS = "default";

    /** A device tree has room for it, whatever its characters are. */
    private static final int LONGEST_ARGUMENTS = 256 << 10;

    /** @throws IllegalArgumentException with a sentence, when the command line is too long */
    public GuestProgram {
        if (arguments.length() > LONGEST_ARGUMENTS) {
            throw new IllegalArgumentException("--append has " + arguments.length() + " characters; a command line has at most " + LONGEST_ARGUMENTS);
        }
    }

    /** One that is started as what it is. */
    public GuestProgram(Path image, Path initrd, String arguments) {
        this(image, initrd, arguments, null);
    }
}
