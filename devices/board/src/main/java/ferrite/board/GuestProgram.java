package ferrite.board;

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

    /** One that is started as what it is. */
    public GuestProgram(Path image, Path initrd, String arguments) {
        this(image, initrd, arguments, null);
    }
}
