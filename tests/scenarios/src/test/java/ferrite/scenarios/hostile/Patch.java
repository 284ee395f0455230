package ferrite.scenarios.hostile;

import java.util.List;
import java.util.Locale;

/**
 * A replacement of a few bytes in a good file, little-endian.
 *
 * @param name the name of the bytes, for a person
 */
record Patch(String name, int at, int width, long value) implements Part {

    @Override
    public String describe() {
        return String.format(Locale.ROOT, "%s: %d bytes at 0x%x become 0x%x", name, width, at, value);
    }

    /** Applies patches to a file. Bytes past its end are dropped. */
    static byte[] apply(byte[] good, List<Patch> patches) {
        byte[] bytes = good.clone();
        for (Patch patch : patches) {
            for (int i = 0; i < patch.width && patch.at + i < bytes.length && patch.at + i >= 0; i++) {
                bytes[patch.at + i] = (byte) (patch.value >>> 8 * i);
            }
        }
        return bytes;
    }
}
