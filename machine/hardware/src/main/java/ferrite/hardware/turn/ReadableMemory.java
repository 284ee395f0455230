package ferrite.hardware.turn;

import java.nio.charset.StandardCharsets;

/**
 * Reading of memory at kernel virtual addresses, either as software on a hart ({@link KernelMemory}) or as an observer
 * without effects ({@link PeekMemory}). Addresses are zero-extended. Loads are aligned to their width, and their
 * results are zero-extended.
 */
public interface ReadableMemory {

    int load8(long va);

    int load16(long va);

    int load32(long va);

    /** Loads a word that holds an address. */
    default long loadAddress(long va) {
        return load32(va) & 0xffff_ffffL;
    }

    default long load64(long va) {
        return loadAddress(va) | (long) load32(va + 4) << 32;
    }

    /** Copies bytes out of memory. */
    void read(long va, byte[] into, int at, int length);

    /** Loads the bytes up to the first NUL, at most {@code limit}, as ISO 8859-1. */
    default String loadString(long va, int limit) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < limit; i++) {
            int c = load8(va + i);
            if (c == 0) {
                break;
            }
            text.append((char) c);
        }
        return text.toString();
    }

    /** As {@link #loadString}, as UTF-8: paths. */
    default String loadUtf8(long va, int limit) {
        return new String(loadString(va, limit).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
