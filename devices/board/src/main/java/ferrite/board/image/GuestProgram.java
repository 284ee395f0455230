package ferrite.board.image;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The program that {@code ferrite boot} runs.
 *
 * @param image     an ELF32 file or a flat binary
 * @param initrd    a file that is placed in memory beside it, or null
 * @param arguments the command line of the program
 * @param bios      {@link #NO_FIRMWARE}, {@link #FIRMWARE_OF_OURS}, the path of another firmware; null lets the image
 *                  decide
 */
public record GuestProgram(Path image, Path initrd, String arguments, String bios) {

    public static final String NO_FIRMWARE = "none";
    public static final String FIRMWARE_OF_OURS = "default";

    /** A device tree has room for a command line of this length, in any characters. */
    private static final int MAX_ARGUMENTS_LENGTH = 256 << 10;

    /** @throws IllegalArgumentException with a sentence, when the command line is too long */
    public GuestProgram {
        if (arguments.length() > MAX_ARGUMENTS_LENGTH) {
            throw new IllegalArgumentException("--append has " + arguments.length()
                    + " characters; a command line has at most " + MAX_ARGUMENTS_LENGTH);
        }
    }

    /** Creates a program that is started as its image says. */
    public GuestProgram(Path image, Path initrd, String arguments) {
        this(image, initrd, arguments, null);
    }

    /** Returns the words that follow the image on the command line of {@code ferrite boot}. */
    public List<String> optionWords() {
        List<String> words = new ArrayList<>();
        if (initrd != null) {
            words.addAll(List.of("--initrd", initrd.toString()));
        }
        if (!arguments.isEmpty()) {
            words.addAll(List.of("--append", arguments));
        }
        if (bios != null) {
            words.addAll(List.of("--bios", bios));
        }
        return words;
    }
}
