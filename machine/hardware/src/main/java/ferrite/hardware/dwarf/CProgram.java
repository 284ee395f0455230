package ferrite.hardware.dwarf;

import ferrite.hardware.dwarf.Dwarf.Attribute;
import ferrite.hardware.dwarf.Dwarf.Tag;
import ferrite.hardware.elf.ElfWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A C program for a debugger: its structures, variables and functions. Types are written as C writes them; a structure
 * may be used before it is described. A use:
 *
 * <pre>{@code
 * CProgram program = new CProgram("vmlinux", "ferrite 0.1", text, textBytes);
 * program.struct("page", 8, List.of(new CMember("flags", "unsigned int", 0, 4, 1), …));
 * program.array("mem_map", "struct page", frames, address);
 * program.function(CPrototype.parse("struct page *pfn_to_page(unsigned long pfn)"), address, bytes);
 * program.write(elf);
 * }</pre>
 */
public final class CProgram {

    private final Entry unit;
    private final CTypes types;

    /**
     * Makes a program without types.
     *
     * @param text      address of the first function's first instruction
     * @param textBytes bytes from there to the end of the last function
     */
    public CProgram(String name, String producer, long text, long textBytes) {
        unit = new Entry(Tag.COMPILE_UNIT).with(Attribute.PRODUCER, producer).with(Attribute.NAME, name)
                .with(Attribute.LANGUAGE, Dwarf.LANG_C99).with(Attribute.LOW_PC, text)
                .with(Attribute.HIGH_PC, textBytes);
        types = new CTypes(unit);
    }

    /** Declares another name for a type. */
    public void typedef(String name, String type) {
        types.typedef(name, type);
    }

    /** Describes an enumeration. */
    public void enumeration(String name, Map<String, Long> constants) {
        Entry enumeration = unit.add(new Entry(Tag.ENUMERATION_TYPE).with(Attribute.NAME, name)
                .with(Attribute.BYTE_SIZE, Integer.BYTES));
        constants.forEach((constant, value) -> enumeration.add(new Entry(Tag.ENUMERATOR)
                .with(Attribute.NAME, constant).with(Attribute.CONST_VALUE, value)));
    }

    /** Describes a structure. Members that share bytes become an unnamed union. */
    public void struct(String name, int bytes, List<CMember> members) {
        Entry struct = types.of("struct " + name).with(Attribute.BYTE_SIZE, bytes);
        List<CMember> sorted = members.stream().sorted(Comparator.comparingInt(CMember::offset)).toList();
        for (int i = 0, next; i < sorted.size(); i = next) {
            next = pastUnion(sorted, i);
            List<CMember> together = sorted.subList(i, next);
            if (together.size() == 1) {
                struct.add(member(together.get(0), 0));
            } else {
                union(struct, together);
            }
        }
    }

    /** Returns the index of the first member that does not share bytes with the ones from {@code first} on. */
    private static int pastUnion(List<CMember> sorted, int first) {
        int end = sorted.get(first).end();
        int next = first + 1;
        while (next < sorted.size() && sorted.get(next).offset() < end) {
            end = Math.max(end, sorted.get(next).end());
            next++;
        }
        return next;
    }

    private void union(Entry struct, List<CMember> members) {
        int start = members.get(0).offset();
        int bytes = members.stream().mapToInt(CMember::end).max().orElseThrow() - start;
        Entry union = unit.add(new Entry(Tag.UNION_TYPE).with(Attribute.BYTE_SIZE, bytes));
        members.forEach(each -> union.add(member(each, start)));
        struct.add(new Entry(Tag.MEMBER).with(Attribute.TYPE, union).with(Attribute.DATA_MEMBER_LOCATION, start));
    }

    private Entry member(CMember member, int start) {
        return new Entry(Tag.MEMBER).with(Attribute.NAME, member.name())
                .with(Attribute.TYPE, member.count() == 1 ? types.of(member.type())
                        : types.array(member.type(), member.count()))
                .with(Attribute.DATA_MEMBER_LOCATION, member.offset() - start);
    }

    /** Describes a global variable. */
    public void variable(String name, String type, long address) {
        variable(name, types.of(type), address);
    }

    /** Describes a global array. */
    public void array(String name, String element, int count, long address) {
        variable(name, types.array(element, count), address);
    }

    private void variable(String name, Entry type, long address) {
        unit.add(new Entry(Tag.VARIABLE).with(Attribute.NAME, name).with(Attribute.TYPE, type)
                .with(Attribute.EXTERNAL).with(Attribute.LOCATION, address));
    }

    /** Describes a global function of so many bytes of instructions. */
    public void function(CPrototype prototype, long address, int bytes) {
        Entry function = unit.add(new Entry(Tag.SUBPROGRAM).with(Attribute.NAME, prototype.name())
                .with(Attribute.TYPE, types.of(prototype.type())).with(Attribute.EXTERNAL).with(Attribute.PROTOTYPED)
                .with(Attribute.LOW_PC, address).with(Attribute.HIGH_PC, bytes));
        for (CPrototype.Parameter parameter : prototype.parameters()) {
            function.add(new Entry(Tag.FORMAL_PARAMETER).with(Attribute.NAME, parameter.name())
                    .with(Attribute.TYPE, types.of(parameter.type())));
        }
    }

    /** Adds the program's debugging information to an ELF file. */
    public void write(ElfWriter elf) {
        types.declareTheRest();
        DebugInfo.write(unit, elf);
    }
}
