package ferrite.board.image;

import ferrite.hardware.debug.SymbolSource;
import ferrite.hardware.elf.ElfException;
import ferrite.hardware.elf.ElfImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The symbols of a bare program: its ELF file. */
public final class GuestSymbols implements SymbolSource {

    private final String name;
    private final byte[] file;
    private final ElfImage elf;

    private GuestSymbols(String name, byte[] file, ElfImage elf) {
        this.name = name;
        this.file = file;
        this.elf = elf;
    }

    /** Reads a program that {@link GuestImage} has accepted. A flat binary has no symbols. */
    public static SymbolSource of(Path image) throws IOException {
        if (Files.size(image) > GuestImage.MAX_ELF_BYTES) {
            return NONE;
        }
        byte[] file = Files.readAllBytes(image);
        try {
            return ElfImage.isElf(file)
                    ? new GuestSymbols(image.getFileName().toString(), file, ElfImage.parse(file, image.toString()))
                    : NONE;
        } catch (ElfException replacedMeanwhile) {
            return NONE;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte[] file() {
        return file;
    }

    @Override
    public long loadedAt(long va) {
        return elf.segments().stream().filter(segment -> segment.containsVa(va)).findFirst()
                .map(segment -> segment.pa() + va - segment.va()).orElse(-1L);
    }
}
