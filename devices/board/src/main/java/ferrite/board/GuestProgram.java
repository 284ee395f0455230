package ferrite.board;

import java.nio.file.Path;

/**
 * What {@code ferrite boot} runs.
 *
 * @param image     an ELF32 file or a flat binary
 * @param initrd    a file to be put into memory beside it, or null
 * @param arguments its command line
 */
public record GuestProgram(Path image, Path initrd, String arguments) { }
