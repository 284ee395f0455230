package ferrite.board.image;

import ferrite.board.options.BoardLimits;
import ferrite.board.options.BoardOptions;
import ferrite.firmware.FirmwareImages;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.elf.ElfException;
import ferrite.hardware.elf.ElfImage;
import ferrite.hardware.elf.Segment;
import ferrite.hardware.elf.Symbol;
import ferrite.hardware.report.Hex;
import ferrite.peripherals.semihosting.Semihosting;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A bare program in a file: an ELF32 executable, a flat {@code Image} of Linux, which names its place in RAM, or any
 * other flat binary. The file may be hostile: every fault in it is an {@link IOException} with a sentence.
 */
public final class GuestImage {

    static final long MAX_ELF_BYTES = 64L << 20;
    private static final int PIECE = 1 << 16;

    private final Path file;
    /** The RAM that a flat binary takes, at least the file's length. */
    private final long bytes;
    /** Of an ELF file, the distance of its place from its linked address; of a flat binary, its address. */
    private final long at;
    /** Null for a flat binary. */
    private final ElfImage elf;
    /** What of the ELF file's segments lies in RAM, at their linked addresses; none for a flat binary. */
    private final List<Segment> segments;

    private GuestImage(Path file, long bytes, long at, ElfImage elf, List<Segment> segments) {
        this.file = file;
        this.bytes = bytes;
        this.at = at;
        this.elf = elf;
        this.segments = segments;
    }

    /**
     * Reads the parts of a file that must be known before there is a machine, and checks that the image fits into RAM.
     *
     * @param flatAt the place of an image that does not name its own, counted from the start of RAM
     */
    static GuestImage read(Path file, BoardOptions options, long flatAt) throws IOException {
        long bytes = sizeOf(file);
        if (bytes == 0) {
            throw new IOException(file + " is empty; an ELF file or a flat binary is expected");
        }
        byte[] start = startOf(file);
        if (!ElfImage.isElf(start)) {
            LinuxHeader linux = LinuxHeader.of(start);
            return linux == null ? flat(file, bytes, flatAt, options)
                    : flat(file, linux.bytes(bytes), linux.textOffset(), options);
        }
        if (bytes > MAX_ELF_BYTES) {
            throw new IOException(file + " has " + bytes + " bytes; an ELF file may have 64M, and 'strip' may help");
        }
        try {
            ElfImage elf = ElfImage.parse(Files.readAllBytes(file), file.toString());
            long at = place(elf, options, flatAt);
            return new GuestImage(file, bytes, at, elf, inRam(elf, at, options));
        } catch (ElfException e) {
            throw new IOException(e.getMessage());
        }
    }

    private static GuestImage flat(Path file, long bytes, long offset, BoardOptions options) throws IOException {
        if (offset < 0 || bytes < 0 || offset > options.ramBytes() || bytes > options.ramBytes() - offset) {
            throw new IOException(file + " is a flat binary of " + Long.toUnsignedString(bytes)
                    + " bytes, and does not fit into " + BoardLimits.show(options.ramBytes())
                    + " of RAM" + (offset == 0 ? "" : " from byte 0x" + Long.toHexString(offset) + " on"));
        }
        return new GuestImage(file, bytes, options.kind().ramBase() + offset, null, List.of());
    }

    /** Returns our own firmware, which runs wherever RAM starts. */
    static GuestImage firmware(BoardOptions options) {
        ElfImage elf = ElfImage.parse(FirmwareImages.sbi(), "the firmware");
        return new GuestImage(null, 0, options.kind().ramBase() - elf.entryPa(), elf, elf.segments());
    }

    public static long sizeOf(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException("there is no file " + file);
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is not a file");
        }
        return Files.size(file);
    }

    private static byte[] startOf(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(LinuxHeader.BYTES);
        }
    }

    /** Returns how far an ELF file is moved: only a static PIE is, and only if it is linked below RAM. */
    private static long place(ElfImage elf, BoardOptions options, long flatAt) {
        long base = options.kind().ramBase();
        long lowest = elf.segments().stream().mapToLong(Segment::pa).min().orElseThrow();
        return elf.isMovable() && lowest < base ? base + flatAt - (lowest & -Ram.PAGE_BYTES) : 0;
    }

    /**
     * Returns the parts of an ELF file's segments that lie in RAM. The start of a segment may lie below RAM: the linker
     * puts the file's headers there, which no program needs.
     *
     * @throws IOException if another part does not lie in RAM
     */
    private static List<Segment> inRam(ElfImage elf, long at, BoardOptions options) throws IOException {
        long base = options.kind().ramBase();
        long end = base + options.ramBytes();
        List<Segment> segments = new ArrayList<>();
        for (Segment segment : elf.segments()) {
            Segment inside = segment.from(base - at);
            if (inside == null || inside.endPa() + at > end || elf.entryPa() < inside.pa()
                    && segment.containsPa(elf.entryPa())) {
                throw new IOException(elf.name() + ": the segment at " + segment + " does not lie in RAM, which is at "
                        + Hex.address(base) + ".." + Hex.address(end - 1) + " on the " + options.kind().label()
                        + " board with --ram " + BoardLimits.show(options.ramBytes()));
            }
            segments.add(inside);
        }
        return segments;
    }

    /** Tells what of the file was not loaded; null if everything was. */
    public String leftOut() {
        for (Segment segment : elf == null ? List.<Segment>of() : elf.segments()) {
            long below = segment.memSize() - segments.stream().filter(inside -> inside.endPa() == segment.endPa())
                    .mapToLong(Segment::memSize).sum();
            if (below > 0) {
                return elf.name() + ": the first " + below + " bytes of the segment at " + segment
                        + " lie below RAM and are left out";
            }
        }
        return null;
    }

    /** Returns the physical address of the first instruction. */
    long entry() {
        return elf == null ? at : elf.entryPa() + at;
    }

    /** Returns the lowest address that the image takes in RAM or starts at. */
    long lowest() {
        return elf == null ? at
                : Math.min(entry(), segments.stream().mapToLong(Segment::pa).min().orElseThrow() + at);
    }

    /** Returns the address after the highest that the image takes in RAM. */
    long end() {
        return elf == null ? at + bytes : segments.stream().mapToLong(Segment::endPa).max().orElseThrow() + at;
    }

    /** Claims the RAM that the image takes. */
    void claim(RamPlan plan) {
        if (elf == null) {
            plan.claim(at, bytes);
        } else {
            segments.forEach(segment -> plan.claim(segment.pa() + at, segment.memSize()));
        }
    }

    /** Copies the image into RAM, which is zero everywhere else. */
    void load(PhysicalBus bus, BusMaster loader) throws IOException {
        if (elf != null) {
            for (Segment segment : segments) {
                bus.write(loader, segment.pa() + at, segment.file(), segment.offset(), segment.fileSize());
            }
            return;
        }
        copy(file, sizeOf(file), bus, loader, at);
    }

    /** Copies a file into RAM. A file that has shrunk meanwhile leaves zeroes. */
    public static void copy(Path file, long bytes, PhysicalBus bus, BusMaster loader, long to) throws IOException {
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

    /** Returns the physical address of a symbol, if the image has it. It is never 0. */
    OptionalLong symbolPa(String name) throws IOException {
        OptionalLong va = elf == null ? OptionalLong.empty() : elf.symbol(name);
        if (va.isEmpty()) {
            return va;
        }
        for (Segment segment : segments) {
            if (segment.containsVa(va.getAsLong())) {
                long pa = va.getAsLong() - segment.va() + segment.pa() + at;
                if (pa % 8 != 0 || pa / Ram.PAGE_BYTES != (pa + 7) / Ram.PAGE_BYTES) {
                    break;
                }
                return OptionalLong.of(pa);
            }
        }
        throw new IOException(elf.name() + ": the symbol " + name + " is " + Hex.address(va.getAsLong())
                + "; it should be a double word in a segment, at a multiple of 8");
    }

    /** Returns the facts about the program that are not in RAM. */
    ProgramFacts facts(Semihosting.Program host) throws IOException {
        return new ProgramFacts(symbols(), symbolPa("tohost"), symbolPa("fromhost"), host, signature());
    }

    /** Returns the memory of the signature; null without its symbols. A virtual address is moved with its segment. */
    private Signature signature() {
        OptionalLong begin = elf == null ? OptionalLong.empty() : elf.symbol(Signature.BEGIN);
        OptionalLong end = elf == null ? OptionalLong.empty() : elf.symbol(Signature.END);
        if (begin.isEmpty() || end.isEmpty()) {
            return null;
        }
        long va = begin.getAsLong();
        long moved = segments.stream().filter(segment -> segment.containsVa(va)).findFirst()
                .map(segment -> segment.pa() - segment.va()).orElse(0L);
        return new Signature(va + moved + at, end.getAsLong() - va);
    }

    /** Returns the symbols; none for a flat binary. */
    List<Symbol> symbols() {
        return elf == null ? List.of() : elf.symbols();
    }
}
