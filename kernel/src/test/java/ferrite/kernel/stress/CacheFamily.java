package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.mm.Constructor;
import ferrite.kernel.mm.SlabFlags;
import java.util.Collections;
import java.util.Map;
import java.util.Random;
import java.util.WeakHashMap;

/**
 * {@code kmem_cache_alloc} and {@code kmem_cache_free}, on caches of several sizes and alignments, one of them with a
 * constructor. Sometimes {@code kmem_cache_shrink} or {@code kfree}.
 */
final class CacheFamily implements Family {

    private static final int[] SIZES = {40, 41, 200, 1500, 96};
    private static final int[] ALIGNMENTS = {32, 64, 8, 8, 16};
    private static final int CACHE_LINES = 1;
    private static final int CONSTRUCTED = 4;
    private static final int MADE = 0x1234_5678;
    private static final int SHRINK = 16;

    private static final int[] FLAGS = {Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY, Gfp.GFP_ATOMIC, Gfp.GFP_NOWAIT};

    /** The caches of each machine. */
    private final Map<KernelFixture, long[]> caches = Collections.synchronizedMap(new WeakHashMap<>());

    @Override
    public void prepare(KernelFixture fixture) {
        long constructor = fixture.text("stress_constructor", (Constructor) object -> make(fixture, object));
        long[] made = new long[SIZES.length];
        for (int i = 0; i < made.length; i++) {
            made[i] = fixture.kernel().calls().kmemCacheCreate("stress-" + i, SIZES[i],
                    i == CACHE_LINES ? 0 : ALIGNMENTS[i], i == CACHE_LINES ? SlabFlags.SLAB_HWCACHE_ALIGN : 0,
                    i == CONSTRUCTED ? constructor : 0);
            check(made[i] != 0, "no cache");
        }
        caches.put(fixture, made);
    }

    private static void make(KernelFixture fixture, long object) {
        for (int at = 0; at < SIZES[CONSTRUCTED]; at += 4) {
            fixture.memory().store32(object + at, MADE);
        }
    }

    @Override
    public Request random(Random random, boolean atomic) {
        int gfp = FLAGS[atomic ? 1 + random.nextInt(FLAGS.length - 1)
                : random.nextInt(FLAGS.length)] | Gfp.__GFP_NOWARN;
        int kind = random.nextInt(SIZES.length);
        boolean zeroed = kind != CONSTRUCTED && random.nextInt(4) == 0;
        return new Request(zeroed ? gfp | Gfp.__GFP_ZERO : gfp,
                !atomic && random.nextInt(20) == 0 ? kind | SHRINK : kind);
    }

    @Override
    public Piece allocate(KernelFixture fixture, Request request) {
        Kernel kernel = fixture.kernel();
        int kind = request.size() & ~SHRINK;
        long cache = caches.get(fixture)[kind];
        if (kind != request.size()) {
            kernel.calls().kmemCacheShrink(cache);
        }
        long va = kernel.calls().kmemCacheAlloc(cache, request.gfp());
        if (va == 0) {
            return null;
        }
        check(va % ALIGNMENTS[kind] == 0, "an object at 0x" + Long.toHexString(va));
        for (int at = 0; kind == CONSTRUCTED && at < SIZES[kind]; at += 4) {
            check(fixture.memory().load32(va + at) == MADE, "an object that is not as the constructor made it");
        }
        return new Piece(va, va, kernel.calls().virtToPhys(va), SIZES[kind]);
    }

    /** {@code kfree} takes objects of any cache, as Linux's does. */
    @Override
    public void free(KernelFixture fixture, Request request, Piece piece) {
        int kind = request.size() & ~SHRINK;
        if (kind == CONSTRUCTED) {
            make(fixture, piece.key());
        }
        if ((piece.key() >> 6 & 3) == 1) {
            fixture.kernel().calls().kfree(piece.key());
        } else {
            fixture.kernel().calls().kmemCacheFree(caches.get(fixture)[kind], piece.key());
        }
    }

    @Override
    public boolean zeroed(Request request) {
        return (request.gfp() & Gfp.__GFP_ZERO) != 0;
    }

    @Override
    public String describe(Request request) {
        return "an object of " + SIZES[request.size() & ~SHRINK] + " bytes with " + Gfp.names(request.gfp())
                + ((request.size() & SHRINK) != 0 ? ", its cache shrunk before" : "");
    }
}
