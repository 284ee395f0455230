package ferrite.hardware.elf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A statically linked little-endian RISC-V ELF32 executable (System V ABI, "Object Files" and "Program Loading"; RISC-V
 * ELF psABI). It is a description of the file: nothing is loaded, and nothing that the file merely claims to have is
 * allocated.
 */
public final class ElfImage {
    private final String name;
    private final long entry;
    private final List<Segment> segments;
    private final List<Symbol> symbols;
    private final Map<String, Long> valueOfSymbol = new HashMap<>();

    private ElfImage(String name, long entry, List<Segment> segments, List<Symbol> symbols) {
        this.name = name;
        this.entry = entry;
        this.segments = List.copyOf(segments);
        this.symbols = List.copyOf(symbols);
        symbols.forEach(symbol -> valueOfSymbol.putIfAbsent(symbol.name(), symbol.value()));
    }

    /** Whether a file starts as every ELF file does, whatever follows. */
    public static boolean isElf(byte[] file) {
        return file.length >= Integer.BYTES && file[0] == 0x7f && file[1] == 'E' && file[2] == 'L' && file[3] == 'F';
    }

    /**
     * Parses an executable. The file may be hostile.
     *
     * @param file the whole file, which the image keeps, and which nobody may change from now on
     * @param name what messages call the file
     * @throws ElfException if anything is malformed, or asks for another machine than a 32-bit RISC-V without
     *                      floating-point registers
     */
    public static ElfImage parse(byte[] file, String name) {
        ElfFile elf = new ElfFile(file, name);
        ElfHeader header = ElfHeader.read(elf);
        List<Segment> segments = ElfSegments.read(elf, header);
        return new ElfImage(name, header.entry(), segments, ElfSymbols.read(elf, header));
    }

    /** What the caller of {@link #parse} called the file. */
    public String name() {
        return name;
    }

    /** The header's e_entry: the address, virtual or physical, of an executable segment at which the image starts. */
    public long entry() {
        return entry;
    }

    /**
     * The physical address at which the image starts: {@link #entry} moved as the segment is that contains it. The two
     * differ in an image that is linked at the addresses it will have once it has turned translation on, as Linux is.
     */
    public long entryPa() {
        return segments.stream().filter(segment -> segment.isExecutable() && segment.containsVa(entry)).findFirst()
                .map(segment -> entry - segment.va() + segment.pa()).orElse(entry);
    }

    /** The loadable segments that take up memory, in the file's order; at least one. No two share a physical address. */
    public List<Segment> segments() {
        return segments;
    }

    /** The symbols that are defined, global ones first; none in a stripped image. */
    public List<Symbol> symbols() {
        return symbols;
    }

    /** The value of the symbol of this name, or empty if the image has none. A global one hides the local ones. */
    public OptionalLong symbol(String symbolName) {
        Long value = valueOfSymbol.get(symbolName);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
