package ferrite.hardware.elf;

import java.util.HashMap;
import java.util.Map;

/** A table of NUL-terminated strings that is being written. Equal strings share their bytes. */
public final class ElfStrings {

    private final LittleEndian bytes = new LittleEndian();
    private final Map<String, Integer> offsets = new HashMap<>();

    /** Makes a table that begins with the empty string, as ELF wants it. */
    public ElfStrings() {
        offset("");
    }

    /** Returns the offset of a string, adding it if necessary. */
    public int offset(String text) {
        Integer known = offsets.get(text);
        if (known != null) {
            return known;
        }
        int offset = bytes.size();
        bytes.string(text);
        offsets.put(text, offset);
        return offset;
    }

    public byte[] toBytes() {
        return bytes.toBytes();
    }
}
