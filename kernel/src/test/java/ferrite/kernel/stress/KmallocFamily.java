package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.mm.Gfp;
import ferrite.kernel.mm.Zones;
import java.util.Random;

/** {@code kmalloc} and {@code kfree}, of the size classes and of what is larger. */
final class KmallocFamily implements Family {

    private static final int[] FLAGS = {Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY, Gfp.GFP_ATOMIC, Gfp.GFP_ATOMIC | Gfp.GFP_DMA, Gfp.GFP_NOWAIT};
    private static final int WORD = 8;

    @Override
    public Request random(Random random, boolean atomic) {
        int gfp = FLAGS[atomic ? 1 + random.nextInt(FLAGS.length - 1) : random.nextInt(FLAGS.length)] | Gfp.__GFP_NOWARN;
        int size = WORD + random.nextInt(1 << 3 + random.nextInt(13));
        return new Request(random.nextInt(4) == 0 ? gfp | Gfp.__GFP_ZERO : gfp, size);
    }

    @Override
    public Piece allocate(KernelFixture fixture, Request request) {
        Kernel kernel = fixture.kernel();
        long va = kernel.kmalloc(request.size(), request.gfp());
        if (va == 0) {
            return null;
        }
        check(va % WORD == 0, "an object at 0x" + Long.toHexString(va));
        long pa = kernel.virtToPhys(va);
        check((request.gfp() & Gfp.__GFP_DMA) == 0 || kernel.zones().zoneOf(fixture.peek(), pa >>> 12) == Zones.DMA, "an object for DMA in another zone");
        return new Piece(va, va, pa, request.size() & -4L);
    }

    @Override
    public void free(KernelFixture fixture, Request request, Piece piece) {
        fixture.kernel().kfree(piece.key());
    }

    @Override
    public boolean zeroed(Request request) {
        return (request.gfp() & Gfp.__GFP_ZERO) != 0;
    }

    @Override
    public String describe(Request request) {
        return "kmalloc of " + request.size() + " with " + Gfp.names(request.gfp());
    }
}
