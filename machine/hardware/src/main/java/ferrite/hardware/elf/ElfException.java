package ferrite.hardware.elf;

/** A file is no ELF image for this machine; the message names the file, the field, its value and what would be right. */
public final class ElfException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ElfException(String message) {
        super(message);
    }
}
