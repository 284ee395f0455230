package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.KernelFixture;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The model: a map of allocated bytes. It knows nothing of zones, blocks or slabs, so it is right if this page of code
 * is. An allocation must overlap no other, be zero if the request says so, and keep its owner's bytes until it is
 * freed.
 */
final class AllocatorModel {

    /** A live allocation. */
    record Claim(Family family, Family.Request request, Family.Piece piece, int number) {

        private int pattern() {
            return number & 0xff;
        }

        private long end() {
            return piece.pa() + piece.bytes();
        }

        @Override
        public String toString() {
            return family.describe(request) + " at 0x" + Long.toHexString(piece.pa());
        }
    }

    /** Larger allocations get a mark at both ends of each page only, because checking every byte takes too long. */
    private static final int MAX_FILLED = 1 << 16;
    private static final int STRIDE = 4096;

    private final KernelFixture fixture;
    private final TreeMap<Long, Claim> claims = new TreeMap<>();
    private int numbers = 1;
    long allocations;
    long failures;

    AllocatorModel(KernelFixture fixture) {
        this.fixture = fixture;
    }

    /** Returns null if the allocation failed. */
    Claim allocate(Family family, Family.Request request) {
        Family.Piece piece = family.allocate(fixture, request);
        allocations++;
        if (piece == null) {
            failures++;
            return null;
        }
        Claim claim = claim(family, request, piece);
        if (family.zeroed(request)) {
            byte[] bytes = new byte[(int) piece.bytes()];
            fixture.machine.bus().peek(piece.pa(), bytes, 0, bytes.length);
            check(Arrays.equals(bytes, new byte[bytes.length]), claim + " is not zero");
        }
        fill(claim);
        return claim;
    }

    private Claim claim(Family family, Family.Request request, Family.Piece piece) {
        Claim claim = new Claim(family, request, piece, numbers++);
        Map.Entry<Long, Claim> below = claims.lowerEntry(claim.end());
        check(below == null || below.getValue().end() <= piece.pa(),
                claim + " overlaps " + (below == null ? "" : below.getValue()));
        claims.put(piece.pa(), claim);
        return claim;
    }

    void free(Claim claim) {
        release(claim);
        claim.family.free(fixture, claim.request, claim.piece);
    }

    private void release(Claim claim) {
        checkContents(claim, claim.piece.bytes());
        check(claims.remove(claim.piece.pa()) == claim, claim + " shares its address with a later allocation");
    }

    /**
     * Resizes an allocation. Returns the new claim; the old one if there was no memory, and then nothing has changed.
     */
    Claim resize(Claim old, Family.Request to) {
        release(old);
        Family.Piece piece = old.family.resize(fixture, old.piece, to);
        allocations++;
        if (piece == null) {
            failures++;
            claims.put(old.piece.pa(), old);
            return old;
        }
        Claim claim = claim(old.family, to, piece);
        checkContents(new Claim(old.family, to, piece, old.number), Math.min(old.piece.bytes(), piece.bytes()));
        fill(claim);
        return claim;
    }

    private void fill(Claim claim) {
        Family.Piece piece = claim.piece;
        if (piece.va() != 0 && piece.bytes() <= MAX_FILLED) {
            fixture.memory().fill(piece.va(), claim.pattern(), (int) piece.bytes());
            return;
        }
        for (long offset = 0; piece.va() != 0 && offset < piece.bytes(); offset += STRIDE) {
            fixture.memory().store32(piece.va() + offset, claim.number);
            fixture.memory().store8(piece.va() + Math.min(offset + STRIDE, piece.bytes()) - 1, claim.pattern());
        }
    }

    private void checkContents(Claim claim, long bytes) {
        Family.Piece piece = claim.piece;
        if (piece.va() == 0) {
            return;
        }
        boolean kept = true;
        if (bytes <= MAX_FILLED) {
            byte[] has = new byte[(int) bytes];
            fixture.memory().read(piece.va(), has, 0, has.length);
            for (byte each : has) {
                kept &= each == (byte) claim.pattern();
            }
        }
        for (long offset = 0; bytes > MAX_FILLED && offset < bytes; offset += STRIDE) {
            kept &= fixture.memory().load32(piece.va() + offset) == claim.number
                    && fixture.memory().load8(piece.va()
                            + Math.min(offset + STRIDE, piece.bytes()) - 1) == claim.pattern();
        }
        check(kept, "the bytes have changed of " + claim);
    }

    int alive() {
        return claims.size();
    }
}
