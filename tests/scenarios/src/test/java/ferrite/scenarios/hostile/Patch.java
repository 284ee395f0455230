package ferrite.scenarios.hostile;

import java.util.List;
import java.util.Locale;

/**
 * A few bytes of a good file that are replaced, little-endian.
 *
 * @param what what they are, for a person
 */
record Patch(String what, int at, int width, long value) implements Part {

    @Override
    public String describe() {
        return String.format(Locale.ROOT, "%s: %d bytes at 0x%x become 0x%x", what, width, at, value);
    }

    /** What becomes of a file; what lies beyond its end is left out. */
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
