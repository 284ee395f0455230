package ferrite.board.image;

import ferrite.hardware.debug.SymbolSource;
import ferrite.hardware.elf.ElfException;
import ferrite.hardware.elf.ElfImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The symbols of a bare program: its ELF file, which is read again when a debugger first asks. A flat binary has none.
 */
public final class GuestSymbols implements SymbolSource {

    private final Path image;
    private boolean read;
    private byte[] file = {};
    /** Null until the file is read, and for a flat binary. */
    private ElfImage elf;

    public GuestSymbols(Path image) {
        this.image = image;
    }

    @Override
    public String name() {
        read();
        return elf == null ? "" : image.getFileName().toString();
    }

    @Override
    public byte[] file() {
        read();
        return file;
    }

    @Override
    public long loadedAt(long va) {
        read();
        return elf == null ? -1 : elf.segments().stream().filter(segment -> segment.containsVa(va)).findFirst()
                .map(segment -> segment.pa() + va - segment.va()).orElse(-1L);
    }

    private void read() {
        if (read) {
            return;
        }
        read = true;
        try {
            byte[] bytes = Files.size(image) > GuestImage.MAX_ELF_BYTES ? file : Files.readAllBytes(image);
            if (ElfImage.isElf(bytes)) {
                elf = ElfImage.parse(bytes, image.toString());
                file = bytes;
            }
        } catch (IOException | ElfException changedSinceItWasLoaded) {
            // the machine runs on without symbols
        }
    }
}
