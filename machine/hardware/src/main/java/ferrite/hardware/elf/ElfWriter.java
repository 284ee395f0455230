package ferrite.hardware.elf;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes an ELF file for a debugger: named stretches of memory, global symbols in them, and sections of debugging
 * information. There are no program headers, because no loader reads the file.
 *
 * <pre>
 *  header | contents of the sections | .symtab | .strtab | .shstrtab | section headers
 * </pre>
 */
public final class ElfWriter {

    /** Flags of a stretch of memory (System V ABI, "Sections"): data, or instructions. */
    public static final int DATA = 0x2 | 0x1;
    public static final int TEXT = 0x2 | 0x4;

    private static final int ET_EXEC = 2;
    private static final int EM_RISCV = 243;
    private static final int EF_RISCV_RVC = 1;
    private static final int SHT_PROGBITS = 1;
    private static final int SHT_SYMTAB = 2;
    private static final int SHT_STRTAB = 3;
    private static final int SHT_NOBITS = 8;
    private static final int STB_GLOBAL = 1;
    private static final int SYMBOL_BYTES = 16;
    private static final byte[] IDENT = {0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    /** A row of the table of section headers; {@code size} is that of the memory if there are no contents. */
    private record Section(String name, int type, int flags, long address, byte[] contents, long size, int link,
            int info, int entryBytes) {

        static Section ofContents(String name, int type, byte[] contents) {
            return new Section(name, type, 0, 0, contents, contents.length, 0, 0, 0);
        }
    }

    private final long entry;
    private final List<Section> sections = new ArrayList<>();
    private final LittleEndian symbols = new LittleEndian().bytes(new byte[SYMBOL_BYTES]);
    private final ElfStrings symbolNames = new ElfStrings();

    /** @param entry address of the program's first instruction */
    public ElfWriter(long entry) {
        this.entry = entry;
        sections.add(new Section("", 0, 0, 0, new byte[0], 0, 0, 0, 0));
    }

    /**
     * Adds a stretch of memory without contents.
     *
     * @param flags {@link #DATA} or {@link #TEXT}
     * @return its index, for {@link #symbol}
     */
    public int memory(String name, long address, long bytes, int flags) {
        sections.add(new Section(name, SHT_NOBITS, flags, address, new byte[0], bytes, 0, 0, 0));
        return sections.size() - 1;
    }

    /**
     * Adds a stretch of memory with contents.
     *
     * @param flags {@link #DATA} or {@link #TEXT}
     * @return its index, for {@link #symbol}
     */
    public int memory(String name, long address, byte[] contents, int flags) {
        sections.add(new Section(name, SHT_PROGBITS, flags, address, contents, contents.length, 0, 0, 0));
        return sections.size() - 1;
    }

    /** Adds a section that only debuggers read. */
    public void section(String name, byte[] contents) {
        sections.add(Section.ofContents(name, SHT_PROGBITS, contents));
    }

    /** Adds a global symbol in a stretch of memory. */
    public void symbol(Symbol symbol, int memory) {
        symbols.u32(symbolNames.offset(symbol.name())).u32(symbol.value()).u32(symbol.size())
                .u8(STB_GLOBAL << 4 | symbol.type()).u8(0).u16(memory);
    }

    /** Returns the file. Nothing can be added afterwards. */
    public byte[] toBytes() {
        sections.add(new Section(".symtab", SHT_SYMTAB, 0, 0, symbols.toBytes(), symbols.size(), sections.size() + 1, 1,
                SYMBOL_BYTES));
        sections.add(Section.ofContents(".strtab", SHT_STRTAB, symbolNames.toBytes()));
        ElfStrings names = new ElfStrings();
        sections.forEach(section -> names.offset(section.name()));
        names.offset(".shstrtab");
        sections.add(Section.ofContents(".shstrtab", SHT_STRTAB, names.toBytes()));

        LittleEndian contents = new LittleEndian();
        LittleEndian headers = new LittleEndian();
        for (Section section : sections) {
            contents.align(4);
            writeHeader(headers, section, names.offset(section.name()), ElfHeader.BYTES + contents.size());
            contents.bytes(section.contents());
        }
        contents.align(4);
        LittleEndian file = new LittleEndian().bytes(IDENT).u16(ET_EXEC).u16(EM_RISCV).u32(1).u32(entry).u32(0)
                .u32(ElfHeader.BYTES + contents.size()).u32(EF_RISCV_RVC).u16(ElfHeader.BYTES).u16(0).u16(0)
                .u16(ElfHeader.SECTION_HEADER_BYTES).u16(sections.size()).u16(sections.size() - 1);
        return file.bytes(contents.toBytes()).bytes(headers.toBytes()).toBytes();
    }

    private static void writeHeader(LittleEndian headers, Section section, int name, int offset) {
        if (section.type() == 0) {
            headers.bytes(new byte[ElfHeader.SECTION_HEADER_BYTES]);
            return;
        }
        headers.u32(name).u32(section.type()).u32(section.flags()).u32(section.address()).u32(offset)
                .u32(section.size()).u32(section.link()).u32(section.info())
                .u32(section.type() == SHT_PROGBITS && section.flags() == 0 ? 1 : 4).u32(section.entryBytes());
    }
}
