package ferrite.hardware.dwarf;

import ferrite.hardware.dwarf.Dwarf.Attribute;
import ferrite.hardware.dwarf.Dwarf.Tag;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A debugging information entry: its kind, attributes, and the entries inside it. */
final class Entry {

    private final Tag tag;
    /** The values: a {@code Long}, {@code String} or {@code Entry}, as the attribute's form wants it. */
    private final Map<Attribute, Object> values = new EnumMap<>(Attribute.class);
    private final List<Entry> children = new ArrayList<>();
    /** Offset in the unit, once {@link #place} has set it. */
    private int offset;

    Entry(Tag tag) {
        this.tag = tag;
    }

    Entry with(Attribute attribute, long value) {
        values.put(attribute, value);
        return this;
    }

    /** Gives the entry a name or another text. */
    Entry with(Attribute attribute, String text) {
        values.put(attribute, text);
        return this;
    }

    /** Refers to another entry. Null is C's void, and written as no reference. */
    Entry with(Attribute attribute, Entry other) {
        if (other != null) {
            values.put(attribute, other);
        }
        return this;
    }

    /** Sets a flag. */
    Entry with(Attribute flag) {
        return with(flag, 1);
    }

    /** Adds an entry inside this one, and returns the added one. */
    Entry add(Entry child) {
        children.add(child);
        return child;
    }

    Tag tag() {
        return tag;
    }

    Map<Attribute, Object> values() {
        return values;
    }

    List<Entry> children() {
        return children;
    }

    int offset() {
        return offset;
    }

    /** Sets the offsets of this entry and of those inside it. Returns the offset of the first byte past them. */
    int place(int at) {
        offset = at;
        int end = at + DebugInfo.CODE_BYTES;
        for (Attribute attribute : values.keySet()) {
            end += attribute.form.bytes;
        }
        for (Entry child : children) {
            end = child.place(end);
        }
        return children.isEmpty() ? end : end + DebugInfo.CODE_BYTES;   // code 0 ends the children
    }
}
