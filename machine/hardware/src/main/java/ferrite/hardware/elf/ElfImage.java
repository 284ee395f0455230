package ferrite.hardware.elf;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A statically linked little-endian RISC-V ELF32 executable, which may be position-independent (System V ABI, "Object
 * Files" and "Program Loading"; RISC-V ELF psABI).
 *
 * <p>It describes the file and loads nothing. It allocates nothing for data that the file claims to have but does not
 * contain.
 */
public final class ElfImage {
    private final String name;
    private final boolean movable;
    private final long entry;
    private final List<Segment> segments;
    private final List<Symbol> symbols;
    private final Map<String, Long> valueOfSymbol = new HashMap<>();

    private ElfImage(String name, boolean movable, long entry, List<Segment> segments, List<Symbol> symbols) {
        this.name = name;
        this.movable = movable;
        this.entry = entry;
        this.segments = List.copyOf(segments);
        this.symbols = List.copyOf(symbols);
        symbols.forEach(symbol -> valueOfSymbol.putIfAbsent(symbol.name(), symbol.value()));
    }

    /** Tells whether a file starts with the four bytes of every ELF file. */
    public static boolean isElf(byte[] file) {
        return file.length >= Integer.BYTES && file[0] == 0x7f && file[1] == 'E' && file[2] == 'L' && file[3] == 'F';
    }

    /**
     * Parses an executable. The file may be hostile.
     *
     * @param file the whole file; the image keeps the array, which must not change afterwards
     * @param name the file's name for messages
     * @throws ElfException if the file is malformed, or needs another machine than a 32-bit RISC-V without
     *                      floating-point registers
     */
    public static ElfImage parse(byte[] file, String name) {
        ElfFile elf = new ElfFile(file, name);
        ElfHeader header = ElfHeader.read(elf);
        List<Segment> segments = ElfSegments.read(elf, header);
        return new ElfImage(name, header.movable(), header.entry(), segments, ElfSymbols.read(elf, header));
    }

    /** Returns the name given to {@link #parse}. */
    public String name() {
        return name;
    }

    /** Tells whether the program works at any address, as a static PIE does, which relocates itself. */
    public boolean isMovable() {
        return movable;
    }

    /** Returns the header's e_entry, the virtual or physical address of the first instruction. A segment holds it. */
    public long entry() {
        return entry;
    }

    /**
     * Returns the physical address of the first instruction: {@link #entry}, moved with its segment from virtual to
     * physical. The two differ in an image such as Linux, which is linked at the addresses that it has after it turns
     * translation on.
     */
    public long entryPa() {
        return segments.stream().filter(segment -> segment.containsVa(entry))
                .max(Comparator.comparing(Segment::isExecutable))
                .map(segment -> entry - segment.va() + segment.pa()).orElse(entry);
    }

    /**
     * Returns the loadable segments that occupy memory, at least one, in the file's order. No two share a physical
     * address.
     */
    public List<Segment> segments() {
        return segments;
    }

    /** Returns the defined symbols, global ones first. A stripped image has none. */
    public List<Symbol> symbols() {
        return symbols;
    }

    /** Returns the value of a symbol, or empty if the image has no such symbol. A global symbol hides local ones. */
    public OptionalLong symbol(String symbolName) {
        Long value = valueOfSymbol.get(symbolName);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
