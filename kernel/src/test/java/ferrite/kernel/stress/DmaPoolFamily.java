package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaDeviceLayout;
import ferrite.kernel.dma.DmaPool;
import java.util.Random;

/**
 * {@code dma_pool_create} to {@code dma_pool_destroy}: a device with a pool. The model holds one block while
 * neighbouring blocks are allocated and freed.
 */
final class DmaPoolFamily implements Family {

    private static final int POOL = DmaDeviceLayout.SIZE;
    private static final int HANDLE = POOL + 4;
    private static final int OTHER = POOL + 8;
    private static final int NEIGHBOURS = 5;

    @Override
    public Request random(Random random, boolean atomic) {
        int gfp = Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN | (random.nextInt(3) == 0 ? Gfp.__GFP_ZERO : 0);
        return new Request(gfp, 8 * (1 + random.nextInt(random.nextInt(5) == 0 ? 1000 : 60)));
    }

    @Override
    public boolean mayBeAtomic() {
        return false;
    }

    @Override
    public void prepare(KernelFixture fixture) {
        MappingFamily.setUp(fixture);
    }

    @Override
    public Piece allocate(KernelFixture fixture, Request request) {
        long dev = MappingFamily.device(fixture, OTHER + 4);
        DmaPool pools = fixture.kernel().dma().pools();
        int boundary = Integer.highestOneBit(request.size()) << 1;
        long pool = dev == 0 ? 0 : pools.dmaPoolCreate("stress", dev, request.size(), 8, boundary);
        long va = pool == 0 ? 0 : pools.dmaPoolAlloc(pool, request.gfp(), dev + HANDLE);
        if (va == 0) {
            pools.dmaPoolDestroy(pool);
            fixture.kernel().calls().kfree(dev);
            return null;
        }
        fixture.memory().storeAddress(dev + POOL, pool);
        long dma = fixture.memory().loadAddress(dev + HANDLE);
        check(dma == fixture.kernel().calls().virtToPhys(va) && dma + request.size() - 1 <= MappingFamily.MASK,
                "a block out of reach");
        check(dma / boundary == (dma + request.size() - 1) / boundary, "a block across its boundary");
        comeAndGo(fixture, dev, pool);
        return new Piece(dev, va, dma, request.size());
    }

    private static void comeAndGo(KernelFixture fixture, long dev, long pool) {
        DmaPool pools = fixture.kernel().dma().pools();
        long[] vas = new long[NEIGHBOURS];
        long[] dmas = new long[NEIGHBOURS];
        for (int i = 0; i < NEIGHBOURS; i++) {
            vas[i] = pools.dmaPoolAlloc(pool, Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN, dev + OTHER);
            dmas[i] = fixture.memory().loadAddress(dev + OTHER);
        }
        for (int i = 0; i < NEIGHBOURS; i++) {
            if (vas[i] != 0) {
                pools.dmaPoolFree(pool, vas[i], dmas[i]);
            }
        }
    }

    @Override
    public void free(KernelFixture fixture, Request request, Piece piece) {
        DmaPool pools = fixture.kernel().dma().pools();
        long pool = fixture.memory().loadAddress(piece.key() + POOL);
        comeAndGo(fixture, piece.key(), pool);
        pools.dmaPoolFree(pool, piece.va(), fixture.memory().loadAddress(piece.key() + HANDLE));
        check(pools.dmaPoolDestroy(pool), "a block is out");
        fixture.kernel().calls().kfree(piece.key());
    }

    @Override
    public boolean zeroed(Request request) {
        return false;  // neighbours have been allocated here; the pool's own tests check this
    }

    @Override
    public String describe(Request request) {
        return "a DMA pool of blocks of " + request.size() + ", and one with " + Gfp.names(request.gfp());
    }
}
