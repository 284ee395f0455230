package ferrite.kernel.mm;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;
import java.util.ArrayList;
import java.util.List;

/**
 * The early allocator: a small table of reserved pieces of low memory, until the page allocator takes over the rest. It
 * allocates from the top down, so that boot data stays out of the DMA zone if possible.
 *
 * <p>Only boot calls it, on one hart. Addresses are physical.
 */
public final class Memblock {

    private static final int MAX_PIECES = 64;

    /** A reserved piece. */
    static final Struct REGION = Struct.of("memblock_region", 8);

    private static final ULong BASE = REGION.ulong("base", 0);
    private static final ULong SIZE = REGION.ulong("size", 4);

    /** The table of the reserved pieces, in order of address. */
    static final Struct TABLE = Struct.of("memblock_type", 520);

    private static final Word COUNT = TABLE.u32("cnt", 0);
    private static final Embedded PIECES = TABLE.array("regions", 8, REGION, MAX_PIECES);

    private final KernelMemory memory;
    private final long table;
    private final long start;
    private final long end;

    /**
     * @param table address of the table
     * @param start of low memory
     * @param end   of low memory
     */
    public Memblock(KernelMemory memory, long table, long start, long end) {
        this.memory = memory;
        this.table = table;
        this.start = start;
        this.end = end;
    }

    /** Returns the same allocator, with its table at another address. */
    public Memblock at(long newTable) {
        return new Memblock(memory, newTable, start, end);
    }

    /** A reserved piece. */
    public record Piece(long pa, long bytes) {
        long end() {
            return pa + bytes;
        }
    }

    /** Returns the reserved pieces, in order of address. */
    public static List<Piece> reserved(ReadableMemory memory, long table) {
        List<Piece> pieces = new ArrayList<>();
        int count = Math.min(COUNT.get(memory, table), MAX_PIECES);
        for (int i = 0; i < count; i++) {
            long entry = PIECES.at(table, i);
            pieces.add(new Piece(BASE.get(memory, entry), SIZE.get(memory, entry)));
        }
        return pieces;
    }

    /** Reserves a piece of memory, rounded out to pages. */
    public void reserve(long pa, long bytes) {
        long first = pa & -AddressSpace.PAGE_SIZE;
        long last = roundUp(pa + bytes);
        List<Piece> pieces = reserved(memory, table);
        if (pieces.size() == MAX_PIECES) {
            throw new KernelPanic("more than " + MAX_PIECES + " pieces of memory were reserved at boot");
        }
        int at = 0;
        while (at < pieces.size() && pieces.get(at).pa < first) {
            at++;
        }
        pieces.add(at, new Piece(first, last - first));
        store(pieces);
    }

    private void store(List<Piece> pieces) {
        COUNT.set(memory, table, pieces.size());
        for (int i = 0; i < pieces.size(); i++) {
            long entry = PIECES.at(table, i);
            BASE.set(memory, entry, pieces.get(i).pa);
            SIZE.set(memory, entry, pieces.get(i).bytes);
        }
    }

    /** Allocates whole pages, as high as possible. */
    public long alloc(long bytes, String what) {
        long size = roundUp(bytes);
        long top = end;
        List<Piece> pieces = reserved(memory, table);
        for (int i = pieces.size() - 1; i >= -1; i--) {
            long bottom = i < 0 ? start : Math.min(pieces.get(i).end(), top);
            if (top - bottom >= size) {
                reserve(top - size, size);
                return top - size;
            }
            if (i >= 0) {
                top = Math.min(top, pieces.get(i).pa);
            }
        }
        throw new KernelPanic("no memory at boot for " + what + ": " + bytes
                + " bytes are not free below " + Hex.grouped(end));
    }

    /**
     * Allocates whole pages below an address, as high as possible.
     *
     * @param align of the address, a power of two, at least a page
     * @return 0 if there are none
     */
    long allocBelow(long bytes, long align, long limit) {
        long size = roundUp(bytes);
        long top = Math.min(end, limit);
        List<Piece> pieces = reserved(memory, table);
        for (int i = pieces.size() - 1; i >= -1; i--) {
            long bottom = i < 0 ? start : Math.min(pieces.get(i).end(), top);
            long at = top - size & -align;
            if (top - size >= bottom && at >= bottom) {
                reserve(at, size);
                return at;
            }
            if (i >= 0) {
                top = Math.min(top, pieces.get(i).pa);
            }
        }
        return 0;
    }

    /** Frees whole pages of {@link #allocBelow}. Returns whether they were reserved. */
    boolean free(long pa, long bytes) {
        List<Piece> pieces = reserved(memory, table);
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            if (pa >= piece.pa && pa + bytes <= piece.end()) {
                pieces.remove(i);
                if (pa + bytes < piece.end()) {
                    pieces.add(i, new Piece(pa + bytes, piece.end() - pa - bytes));
                }
                if (pa > piece.pa) {
                    pieces.add(i, new Piece(piece.pa, pa - piece.pa));
                }
                if (pieces.size() > MAX_PIECES) {
                    throw new KernelPanic("more than " + MAX_PIECES + " pieces of memory were reserved at boot");
                }
                store(pieces);
                return true;
            }
        }
        return false;
    }

    private static long roundUp(long bytes) {
        return bytes + AddressSpace.PAGE_SIZE - 1 & -AddressSpace.PAGE_SIZE;
    }
}
