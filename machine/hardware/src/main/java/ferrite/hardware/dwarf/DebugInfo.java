package ferrite.hardware.dwarf;

import ferrite.hardware.dwarf.Dwarf.Attribute;
import ferrite.hardware.elf.ElfStrings;
import ferrite.hardware.elf.ElfWriter;
import ferrite.hardware.elf.LittleEndian;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes the entries of a compilation unit as sections (DWARF 4, sections 7.5 and 7.21).
 *
 * <pre>
 *  .debug_info     unit header | entry: code of its abbreviation, values | entry | ...
 *  .debug_abbrev   code: tag, whether there are children, attributes with their forms | ...
 *  .debug_str      the texts
 * </pre>
 */
final class DebugInfo {

    /** Bytes of an abbreviation's code: there are fewer than 128, so that an LEB128 number has one byte. */
    static final int CODE_BYTES = 1;

    private static final int MAX_CODE = 127;
    private static final int UNIT_HEADER_BYTES = 11;
    private static final int LENGTH_BYTES = 4;

    private final LittleEndian info = new LittleEndian();
    private final LittleEndian abbreviations = new LittleEndian();
    private final ElfStrings strings = new ElfStrings();
    /** The codes of abbreviations, by their bytes. */
    private final Map<String, Integer> codes = new LinkedHashMap<>();

    private DebugInfo() { }

    /** Adds the sections of a unit to an ELF file. */
    static void write(Entry unit, ElfWriter elf) {
        DebugInfo debug = new DebugInfo();
        int end = unit.place(UNIT_HEADER_BYTES);
        debug.info.u32(end - LENGTH_BYTES).u16(Dwarf.VERSION).u32(0).u8(Dwarf.ADDRESS_BYTES);
        debug.write(unit);
        debug.abbreviations.u8(0);
        elf.section(".debug_info", debug.info.toBytes());
        elf.section(".debug_abbrev", debug.abbreviations.toBytes());
        elf.section(".debug_str", debug.strings.toBytes());
    }

    private void write(Entry entry) {
        info.u8(code(entry));
        entry.values().forEach(this::write);
        entry.children().forEach(this::write);
        if (!entry.children().isEmpty()) {
            info.u8(0);
        }
    }

    private int code(Entry entry) {
        String key = entry.tag() + " " + entry.children().isEmpty() + " " + entry.values().keySet();
        Integer known = codes.get(key);
        if (known != null) {
            return known;
        }
        int code = codes.size() + 1;
        if (code > MAX_CODE) {
            throw new IllegalStateException("the entries have more than " + MAX_CODE + " shapes");
        }
        codes.put(key, code);
        abbreviations.uleb128(code).uleb128(entry.tag().number).u8(entry.children().isEmpty() ? 0 : 1);
        entry.values().keySet().forEach(attribute ->
                abbreviations.uleb128(attribute.number).uleb128(attribute.form.number));
        abbreviations.u8(0).u8(0);
        return code;
    }

    private void write(Attribute attribute, Object value) {
        switch (attribute.form) {
            case STRP -> info.u32(strings.offset((String) value));
            case REF4 -> info.u32(((Entry) value).offset());
            case EXPRLOC -> info.u8(1 + Dwarf.ADDRESS_BYTES).u8(Dwarf.OP_ADDR).u32((Long) value);
            case FLAG_PRESENT -> { }
            default -> info.u32((Long) value);
        }
    }
}
