package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;

import java.util.Map;
import java.util.TreeMap;

/**
 * A slab allocator that is plain enough to be right: a map of what is allocated. Where an object lies it lets the real one choose, and says whether it may lie there
 * and what must be in it.
 */
final class SlabModel {

    /** An allocation, and the byte that its user has filled it with. */
    record Piece(long va, int size, int pattern) { }

    private final TreeMap<Long, Piece> pieces = new TreeMap<>();

    /** The real allocator gave this. */
    void allocated(Piece piece, int align, boolean dma, long pa, String where) {
        check(piece.va % align == 0, "0x" + Long.toHexString(piece.va) + " is not aligned to " + align + ", " + where);
        check(!dma || pa + piece.size <= 16 << 20, "0x" + Long.toHexString(piece.va) + " is out of the DMA zone, " + where);
        Map.Entry<Long, Piece> below = pieces.floorEntry(piece.va + piece.size - 1);
        check(below == null || below.getValue().va + below.getValue().size <= piece.va,
                "0x" + Long.toHexString(piece.va) + " of " + piece.size + " bytes overlaps " + below + ", " + where);
        pieces.put(piece.va, piece);
    }

    void freed(Piece piece) {
        pieces.remove(piece.va);
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    int count() {
        return pieces.size();
    }
}
