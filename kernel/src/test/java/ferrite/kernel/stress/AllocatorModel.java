package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.KernelFixture;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The model: a map of who has which bytes. It knows nothing of zones, blocks or slabs; so it is right if this page of code is. What is given
 * out must overlap nothing, be zero if zeros were asked for, and hold until it is freed what its owner wrote into it.
 */
final class AllocatorModel {

    /** One allocation that is alive. */
    record Claim(Family family, Family.Request request, Family.Piece piece, int tag) {
        @Override
        public String toString() {
            return family.describe(request) + " at 0x" + Long.toHexString(piece.pa());
        }
    }

    private static final int STRIDE = 4096;

    private final KernelFixture fixture;
    private final TreeMap<Long, Claim> claims = new TreeMap<>();
    private int tags = 1;
    long allocations;
    long failures;

    AllocatorModel(KernelFixture fixture) {
        this.fixture = fixture;
    }

    /** Returns null when the allocation failed. */
    Claim allocate(Family family, Family.Request request) {
        Family.Piece piece = family.allocate(fixture, request);
        allocations++;
        if (piece == null) {
            failures++;
            return null;
        }
        Claim claim = new Claim(family, request, piece, tags++);
        Map.Entry<Long, Claim> below = claims.lowerEntry(piece.pa() + piece.bytes());
        check(below == null || below.getKey() + below.getValue().piece.bytes() <= piece.pa(), claim + " overlaps " + (below == null ? "" : below.getValue()));
        claims.put(piece.pa(), claim);
        if (family.zeroed(request)) {
            byte[] bytes = new byte[(int) piece.bytes()];
            fixture.machine.bus().peek(piece.pa(), bytes, 0, bytes.length);
            check(Arrays.equals(bytes, new byte[bytes.length]), claim + " is not zero");
        }
        for (long offset = 0; piece.va() != 0 && offset < piece.bytes(); offset += STRIDE) {
            fixture.memory().store32(piece.va() + offset, claim.tag);
            fixture.memory().store32(piece.va() + Math.min(offset + STRIDE, piece.bytes()) - 4, claim.tag);
        }
        return claim;
    }

    void free(Claim claim) {
        Family.Piece piece = claim.piece;
        for (long offset = 0; piece.va() != 0 && offset < piece.bytes(); offset += STRIDE) {
            check(fixture.memory().load32(piece.va() + offset) == claim.tag
                    && fixture.memory().load32(piece.va() + Math.min(offset + STRIDE, piece.bytes()) - 4) == claim.tag, "somebody wrote to " + claim);
        }
        check(claims.remove(piece.pa()) == claim, claim + " was given to somebody else meanwhile");
        claim.family.free(fixture, claim.request, piece);
    }

    int alive() {
        return claims.size();
    }

    long bytesAlive() {
        return claims.values().stream().mapToLong(claim -> claim.piece.bytes()).sum();
    }
}
