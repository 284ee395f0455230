package ferrite.board;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.elf.ElfException;
import ferrite.hardware.elf.ElfImage;
import ferrite.hardware.elf.Segment;
import ferrite.hardware.elf.Symbol;
import ferrite.hardware.report.Hex;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * A bare program as a file has it: an ELF32 executable, or, if it does not begin as one, a flat binary that belongs at the start of RAM. It may be hostile.
 * Whatever is wrong with it is an {@link IOException} with a sentence.
 */
final class GuestImage {

    private static final long LARGEST_ELF = 64L << 20;
    private static final int PIECE = 1 << 16;

    private final Path file;
    private final long bytes;
    private final long ramBase;
    /** Null for a flat binary. */
    private final ElfImage elf;

    private GuestImage(Path file, long bytes, long ramBase, ElfImage elf) {
        this.file = file;
        this.bytes = bytes;
        this.ramBase = ramBase;
        this.elf = elf;
    }

    /** Reads what has to be known about a file before there is a machine, and checks that it fits the RAM that there will be. */
    static GuestImage read(Path file, BoardOptions options) throws IOException {
        long bytes = sizeOf(file);
        if (bytes == 0) {
            throw new IOException(file + " is empty; an ELF file or a flat binary is expected");
        }
        if (!isElf(file)) {
            if (bytes > options.ramBytes) {
                throw new IOException(file + " is a flat binary of " + bytes + " bytes, and does not fit into " + BoardLimits.show(options.ramBytes) + " of RAM");
            }
            return new GuestImage(file, bytes, options.kind.ramBase(), null);
        }
        if (bytes > LARGEST_ELF) {
            throw new IOException(file + " has " + bytes + " bytes; an ELF file may have 64M, and 'strip' may help");
        }
        try {
            ElfImage elf = ElfImage.parse(Files.readAllBytes(file), file.toString());
            requireInRam(elf, options);
            return new GuestImage(file, bytes, options.kind.ramBase(), elf);
        } catch (ElfException e) {
            throw new IOException(e.getMessage());
        }
    }

    static long sizeOf(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException("there is no file " + file);
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is not a file");
        }
        return Files.size(file);
    }

    private static boolean isElf(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return ElfImage.isElf(in.readNBytes(4));
        }
    }

    private static void requireInRam(ElfImage elf, BoardOptions options) throws IOException {
        long base = options.kind.ramBase();
        long end = base + options.ramBytes;
        for (Segment segment : elf.segments()) {
            if (segment.pa() < base || segment.endPa() > end) {
                throw new IOException(elf.name() + ": the segment at " + segment + " does not lie in RAM, which is at " + Hex.address(base) + ".."
                        + Hex.address(end - 1) + " on the " + options.kind.label() + " board with --ram " + BoardLimits.show(options.ramBytes));
            }
        }
    }

    /** Where it starts, a physical address. */
    long entry() {
        return elf == null ? ramBase : elf.entryPa();
    }

    /** What it takes of RAM. */
    void claim(RamPlan plan) {
        if (elf == null) {
            plan.claim(ramBase, bytes);
        } else {
            elf.segments().forEach(segment -> plan.claim(segment.pa(), segment.memSize()));
        }
    }

    /** Puts it into RAM, which is zero where it puts nothing. */
    void load(PhysicalBus bus, BusMaster loader) throws IOException {
        if (elf != null) {
            for (Segment segment : elf.segments()) {
                bus.write(loader, segment.pa(), segment.file(), segment.offset(), segment.fileSize());
            }
            return;
        }
        copy(file, bytes, bus, loader, ramBase);
    }

    /** Copies a file into RAM; one that has shrunk meanwhile leaves zeroes. */
    static void copy(Path file, long bytes, PhysicalBus bus, BusMaster loader, long to) throws IOException {
        byte[] piece = new byte[PIECE];
        try (InputStream in = Files.newInputStream(file)) {
            for (long done = 0; done < bytes; ) {
                int length = in.read(piece, 0, (int) Math.min(PIECE, bytes - done));
                if (length < 0) {
                    return;
                }
                bus.write(loader, to + done, piece, 0, length);
                done += length;
            }
        }
    }

    /** The physical address that a symbol stands for, if the image has it; 0 is never a symbol's. */
    OptionalLong symbolPa(String name) throws IOException {
        OptionalLong va = elf == null ? OptionalLong.empty() : elf.symbol(name);
        if (va.isEmpty()) {
            return va;
        }
        for (Segment segment : elf.segments()) {
            if (segment.containsVa(va.getAsLong())) {
                long pa = va.getAsLong() - segment.va() + segment.pa();
                if (pa % 8 != 0 || pa / Ram.PAGE_BYTES != (pa + 7) / Ram.PAGE_BYTES) {
                    break;
                }
                return OptionalLong.of(pa);
            }
        }
        throw new IOException(elf.name() + ": the symbol " + name + " is " + Hex.address(va.getAsLong())
                + "; it should be a double word in a segment, at a multiple of 8");
    }

    /** What is known about the program beside what goes into RAM. */
    ProgramFacts facts() throws IOException {
        return new ProgramFacts(symbols(), symbolPa("tohost"), symbolPa("fromhost"));
    }

    /** Its symbols; none for a flat binary. */
    List<Symbol> symbols() {
        return elf == null ? List.of() : elf.symbols();
    }
}
