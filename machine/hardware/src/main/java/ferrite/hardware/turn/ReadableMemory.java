package ferrite.hardware.turn;

/**
 * Memory at kernel virtual addresses, to read: as software on a hart does ({@link KernelMemory}), or as
 * one who only looks ({@link PeekMemory}). Addresses are zero-extended; loads are aligned to their width and zero-extend.
 */
public interface ReadableMemory {

    int load8(long va);

    int load16(long va);

    int load32(long va);

    /** A word that holds an address. */
    default long loadAddress(long va) {
        return load32(va) & 0xffff_ffffL;
    }

    default long load64(long va) {
        return loadAddress(va) | (long) load32(va + 4) << 32;
    }

    /** Copies bytes out of memory. */
    void read(long va, byte[] into, int at, int length);

    /** The bytes up to the first NUL, at most {@code limit}, as ISO 8859-1. */
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
}
