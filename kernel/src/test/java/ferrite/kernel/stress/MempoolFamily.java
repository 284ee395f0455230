package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.mm.Mempool;
import java.util.Random;

/**
 * {@code mempool_create} to {@code mempool_destroy}: a pool with a reserve. The model holds one element while others
 * are allocated and freed. If memory fails, the reserve runs empty.
 */
final class MempoolFamily implements Family {

    private static final int RESERVE = 3;

    @Override
    public Request random(Random random, boolean atomic) {
        return new Request(random.nextBoolean() ? Gfp.GFP_ATOMIC : Gfp.GFP_KERNEL, 8 * (1 + random.nextInt(80)));
    }

    @Override
    public boolean mayBeAtomic() {
        return false;
    }

    @Override
    public Piece allocate(KernelFixture fixture, Request request) {
        Mempool pools = fixture.kernel().mm().mempools();
        long pool = pools.mempoolCreateKmallocPool(RESERVE, request.size());
        if (pool == 0) {
            return null;
        }
        long[] others = new long[RESERVE];
        long element = pools.mempoolAlloc(pool, request.gfp());
        check(element != 0, "a full reserve returned no element");
        for (int i = 0; i < RESERVE - 1; i++) {
            others[i] = pools.mempoolAlloc(pool, Gfp.GFP_ATOMIC);
            check(others[i] != 0, "element " + i + " of a reserve of " + RESERVE);
        }
        others[RESERVE - 1] = pools.mempoolAlloc(pool, Gfp.GFP_ATOMIC);           // this one may fail
        for (long other : others) {
            pools.mempoolFree(other, pool);
        }
        check(pools.reserve(fixture.memory(), pool) >= RESERVE - 1, "the reserve is refilled first");
        return new Piece(pool, element, fixture.kernel().calls().virtToPhys(element), request.size());
    }

    @Override
    public void free(KernelFixture fixture, Request request, Piece piece) {
        fixture.kernel().mm().mempools().mempoolFree(piece.va(), piece.key());
        check(fixture.kernel().mm().mempools().mempoolDestroy(piece.key()), "an element is still allocated");
    }

    @Override
    public boolean zeroed(Request request) {
        return false;
    }

    @Override
    public String describe(Request request) {
        return "a pool of elements of " + request.size() + ", and one with " + Gfp.names(request.gfp());
    }
}
