package ferrite.hardware.elf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reader for the symbol table, if the file has one. Its time and memory are proportional to the size of the file.
 *
 * <pre>
 * section header:  4 sh_type | 16 sh_offset | 20 sh_size | 24 sh_link | 36 sh_entsize
 * symbol:          0 st_name | 4 st_value | 8 st_size | 12 st_info: binding (7..4), type (3..0) | 14 st_shndx | 16 end
 * </pre>
 */
final class ElfSymbols {
    private static final int SHT_SYMTAB = 2;
    private static final int SHT_STRTAB = 3;
    private static final int SYMBOL_BYTES = 16;
    private static final int SHN_UNDEF = 0;
    private static final int STB_LOCAL = 0;
    private static final int STT_SECTION = 3;
    private static final int STT_FILE = 4;
    private static final int MAX_SYMBOLS = 1 << 20;

    /**
     * Limit on names that share their tails, as linkers let them. Without it a hostile table of names could take
     * gigabytes.
     */
    private static final int MAX_SHARING = 16;

    private final ElfFile elf;
    private final int names;
    private final int namesSize;
    private long charactersLeft;
    private final Map<Integer, String> nameAt = new HashMap<>();
    private final List<Symbol> globals = new ArrayList<>();
    private final List<Symbol> locals = new ArrayList<>();

    private ElfSymbols(ElfFile elf, int names, int namesSize) {
        this.elf = elf;
        this.names = names;
        this.namesSize = namesSize;
        this.charactersLeft = (long) MAX_SHARING * namesSize;
    }

    static List<Symbol> read(ElfFile elf, ElfHeader header) {
        for (int i = 0; i < header.sectionHeaderCount(); i++) {
            int section = header.sectionHeaders() + i * ElfHeader.SECTION_HEADER_BYTES;
            if (elf.word(section + 4) == SHT_SYMTAB) {
                // System V ABI, "Sections": an object file has at most one section of this type.
                return readTable(elf, header, section);
            }
        }
        return List.of();
    }

    private static List<Symbol> readTable(ElfFile elf, ElfHeader header, int section) {
        long size = elf.word(section + 20);
        int table = elf.requireInside("the symbol table (sh_offset, sh_size)", elf.word(section + 16), size);
        elf.requireEqual("sh_entsize of the symbol table", elf.word(section + 36), SYMBOL_BYTES,
                "the size of an ELF32 symbol");
        if (size % SYMBOL_BYTES != 0 || size / SYMBOL_BYTES > MAX_SYMBOLS) {
            throw elf.fault("sh_size of the symbol table is 0x%x; it should be a multiple of 16, and at most 0x%x",
                    size, MAX_SYMBOLS * SYMBOL_BYTES);
        }
        long link = elf.word(section + 24);
        if (link >= header.sectionHeaderCount()) {
            throw elf.fault("sh_link of the symbol table is %d; it should be less than e_shnum, %d", link,
                    header.sectionHeaderCount());
        }
        int strings = header.sectionHeaders() + (int) link * ElfHeader.SECTION_HEADER_BYTES;
        elf.requireEqual("sh_type of the symbol table's sh_link", elf.word(strings + 4), SHT_STRTAB, "SHT_STRTAB");
        long stringsSize = elf.word(strings + 20);
        int names = elf.requireInside("the table of symbol names (sh_offset, sh_size)",
                elf.word(strings + 16), stringsSize);
        return new ElfSymbols(elf, names, (int) stringsSize).readSymbols(table, (int) size);
    }

    private List<Symbol> readSymbols(int table, int size) {
        for (int at = table; at < table + size; at += SYMBOL_BYTES) {
            int type = elf.byteAt(at + 12) & 0xf;
            boolean named = elf.word(at) != 0 && type != STT_SECTION && type != STT_FILE;
            if (named && elf.half(at + 14) != SHN_UNDEF) {
                addSymbol(at, type);
            }
        }
        globals.addAll(locals);
        return globals;
    }

    private void addSymbol(int at, int type) {
        String name = name(elf.word(at));
        if (!name.isEmpty()) {
            boolean local = elf.byteAt(at + 12) >>> 4 == STB_LOCAL;
            (local ? locals : globals).add(new Symbol(name, elf.word(at + 4), elf.word(at + 8), type));
        }
    }

    private String name(long offset) {
        if (offset >= namesSize) {
            throw elf.fault("st_name of a symbol is 0x%x; it should lie in the table of names, which has 0x%x bytes",
                    offset, namesSize);
        }
        return nameAt.computeIfAbsent((int) offset, this::decode);
    }

    private String decode(int offset) {
        int start = names + offset;
        int end = endOfName(start);
        charactersLeft -= end - start;
        if (charactersLeft < 0) {
            throw elf.fault("the symbols have names of more than %d times the size of the table of names; the "
                    + "table should hold each name once", MAX_SHARING);
        }
        return new String(elf.bytes(), start, end - start, StandardCharsets.UTF_8);
    }

    private int endOfName(int start) {
        for (int end = start; end < names + namesSize; end++) {
            if (elf.byteAt(end) == 0) {
                return end;
            }
            if (elf.byteAt(end) < ' ') {
                throw elf.fault("a symbol name has the control character 0x%02x at offset 0x%x of the file; it "
                        + "should be printable", elf.byteAt(end), end);
            }
        }
        throw elf.fault("the symbol name at 0x%x of the table of names does not end; a zero byte should end it",
                start - names);
    }
}
