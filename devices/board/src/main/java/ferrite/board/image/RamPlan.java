package ferrite.board.image;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/** The division of RAM before a bare program starts, among the program, the initial RAM disk and the device tree. */
public final class RamPlan {

    private record Claim(long start, long end) { }

    private final long base;
    private final long end;
    private final List<Claim> claims = new ArrayList<>();

    public RamPlan(long base, long bytes) {
        this.base = base;
        this.end = base + bytes;
    }

    void claim(long start, long bytes) {
        claims.add(new Claim(start, start + bytes));
        claims.sort(Comparator.comparingLong(Claim::start));
    }

    /**
     * Claims the lowest room from {@code from} on, at a multiple of {@code alignment}. Returns empty if there is none.
     */
    public OptionalLong claimFrom(long from, long bytes, long alignment) {
        long at = up(from, alignment);
        for (Claim claim : claims) {
            if (at < claim.end && claim.start < at + bytes) {
                at = up(claim.end, alignment);
            }
        }
        return claimAt(at, bytes);
    }

    /**
     * Claims the highest room below {@code limit}, at a multiple of {@code alignment}. Returns empty if there is none.
     */
    public OptionalLong claimBelow(long limit, long bytes, long alignment) {
        long at = down(Math.min(limit, end) - bytes, alignment);
        for (int i = claims.size() - 1; i >= 0; i--) {
            Claim claim = claims.get(i);
            if (at < claim.end && claim.start < at + bytes) {
                at = down(claim.start - bytes, alignment);
            }
        }
        return claimAt(at, bytes);
    }

    private OptionalLong claimAt(long at, long bytes) {
        if (at < base || at + bytes > end) {
            return OptionalLong.empty();
        }
        claim(at, bytes);
        return OptionalLong.of(at);
    }

    private static long up(long address, long alignment) {
        return address + alignment - 1 & -alignment;
    }

    private static long down(long address, long alignment) {
        return address & -alignment;
    }
}
