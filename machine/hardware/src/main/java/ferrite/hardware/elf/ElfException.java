package ferrite.hardware.elf;

/**
 * A file that is not an ELF image for this machine. The message names the file, the field, its value and the right
 * value.
 */
public final class ElfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ElfException(String message) {
        super(message);
    }
}
