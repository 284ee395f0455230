package ferrite.hardware.dwarf;

import ferrite.hardware.dwarf.Dwarf.Attribute;
import ferrite.hardware.dwarf.Dwarf.Tag;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Types by the words with which C writes them: {@code unsigned int}, {@code struct page *}, {@code void (*)()}. A type
 * is made when it is first used, so that structures may refer to each other in any order.
 */
final class CTypes {

    private static final String STRUCT = "struct ";
    private static final String CONST = "const ";
    private static final String FUNCTION = "void (*)()";

    /** A base type of C on a 32-bit RISC-V (psABI, "C type details"), where {@code char} is unsigned. */
    private record Base(String name, int bytes, int encoding) { }

    private static final List<Base> BASES = List.of(new Base("char", 1, Dwarf.ATE_UNSIGNED_CHAR),
            new Base("unsigned char", 1, Dwarf.ATE_UNSIGNED_CHAR), new Base("int", 4, Dwarf.ATE_SIGNED),
            new Base("unsigned int", 4, Dwarf.ATE_UNSIGNED), new Base("long", 4, Dwarf.ATE_SIGNED),
            new Base("unsigned long", 4, Dwarf.ATE_UNSIGNED),
            new Base("long long", 8, Dwarf.ATE_SIGNED), new Base("unsigned long long", 8, Dwarf.ATE_UNSIGNED),
            new Base("_Bool", 1, Dwarf.ATE_BOOLEAN));

    private final Entry unit;
    private final Map<String, Entry> known = new HashMap<>();

    /** @param unit the entry that the types are added to */
    CTypes(Entry unit) {
        this.unit = unit;
    }

    /** Returns the entry of a type; null for {@code void}. */
    Entry of(String words) {
        if (words.equals("void")) {
            return null;
        }
        Entry type = known.get(words);
        if (type == null) {
            type = make(words);
            known.put(words, type);
        }
        return type;
    }

    private Entry make(String words) {
        if (words.equals(FUNCTION)) {
            return pointer(unit.add(new Entry(Tag.SUBROUTINE_TYPE)));
        }
        if (words.endsWith("*")) {
            return pointer(of(words.substring(0, words.length() - 1).strip()));
        }
        if (words.startsWith(CONST)) {
            return unit.add(new Entry(Tag.CONST_TYPE).with(Attribute.TYPE, of(words.substring(CONST.length()))));
        }
        if (words.startsWith(STRUCT)) {
            return unit.add(new Entry(Tag.STRUCTURE_TYPE).with(Attribute.NAME, words.substring(STRUCT.length())));
        }
        Base base = BASES.stream().filter(each -> each.name().equals(words)).findFirst().orElseThrow(
                () -> new IllegalArgumentException("'" + words + "' is no type that was declared"));
        return unit.add(new Entry(Tag.BASE_TYPE).with(Attribute.NAME, base.name())
                .with(Attribute.BYTE_SIZE, base.bytes()).with(Attribute.ENCODING, base.encoding()));
    }

    private Entry pointer(Entry target) {
        return unit.add(new Entry(Tag.POINTER_TYPE).with(Attribute.BYTE_SIZE, Dwarf.ADDRESS_BYTES)
                .with(Attribute.TYPE, target));
    }

    /** Declares a name for a type, as C's {@code typedef} does. */
    void typedef(String name, String words) {
        known.put(name, unit.add(new Entry(Tag.TYPEDEF).with(Attribute.NAME, name).with(Attribute.TYPE, of(words))));
    }

    /** Returns the type of an array of so many elements; one without a length if {@code count} is 0. */
    Entry array(String element, int count) {
        String words = element + " [" + count + "]";
        Entry array = known.get(words);
        if (array == null) {
            Entry type = of(element);
            array = unit.add(new Entry(Tag.ARRAY_TYPE).with(Attribute.TYPE, type));
            Entry range = array.add(new Entry(Tag.SUBRANGE_TYPE).with(Attribute.TYPE, of("unsigned int")));
            if (count != 0) {
                range.with(Attribute.COUNT, count);
            }
            known.put(words, array);
        }
        return array;
    }

    /** Marks the structures that were named and never described as declarations. */
    void declareTheRest() {
        known.values().stream().filter(type -> type.tag() == Tag.STRUCTURE_TYPE
                && !type.values().containsKey(Attribute.BYTE_SIZE)).forEach(type -> type.with(Attribute.DECLARATION));
    }
}
