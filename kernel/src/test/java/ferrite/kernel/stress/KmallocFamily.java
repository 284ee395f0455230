package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.Zones;
import java.util.Random;

/**
 * {@code kmalloc}, {@code krealloc} and {@code kfree}: of the size classes, of larger sizes, of sizes that are too
 * large, and of size 0.
 */
final class KmallocFamily implements Family {

    private static final int[] FLAGS = {Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY, Gfp.GFP_ATOMIC,
            Gfp.GFP_ATOMIC | Gfp.GFP_DMA, Gfp.GFP_NOWAIT};
    private static final int PAGE = 4096;

    @Override
    public Request random(Random random, boolean atomic) {
        int gfp = FLAGS[atomic ? 1 + random.nextInt(FLAGS.length - 1)
                : random.nextInt(FLAGS.length)] | Gfp.__GFP_NOWARN;
        int size = switch (random.nextInt(40)) {
            case 0 -> Kmalloc.MAX_SIZE + 1 + random.nextInt(1 << 20);
            case 1 -> -1 - random.nextInt(1 << 20);
            case 2 -> 0;
            default -> 1 + random.nextInt(1 << 3 + random.nextInt(13));
        };
        return new Request(random.nextInt(4) == 0 ? gfp | Gfp.__GFP_ZERO : gfp, size);
    }

    @Override
    public Piece allocate(KernelFixture fixture, Request request) {
        Kernel kernel = fixture.kernel();
        long va = kernel.calls().kmalloc(request.size(), request.gfp());
        if (request.size() == 0) {
            check(va == Kmalloc.ZERO_SIZE_PTR, "nothing at all has another address");
            kernel.calls().kfree(va);
            return null;
        }
        check(va == 0 || request.size() > 0 && request.size() <= Kmalloc.MAX_SIZE, "more than there can be");
        if (va != 0) {
            check(va % alignment(request.size()) == 0,
                    "an object of " + request.size() + " at 0x" + Long.toHexString(va));
            check((request.gfp() & Gfp.__GFP_DMA) == 0 || kernel.mm().zones().zoneOf(fixture.peek(),
                    kernel.calls().virtToPhys(va) >>> 12) == Zones.DMA, "an object for DMA in another zone");
        }
        return piece(kernel, va, request);
    }

    private static Piece piece(Kernel kernel, long va, Request request) {
        return va == 0 ? null : new Piece(va, va, kernel.calls().virtToPhys(va), request.size());
    }

    /** LDD3 page 214: classes are powers of two, and 96 and 192. */
    private static int alignment(int size) {
        boolean between = size > 64 && size <= 96 || size > 128 && size <= 192;
        return between || size <= 8 ? 8 : Math.min(Integer.highestOneBit(size - 1) << 1, PAGE);
    }

    @Override
    public boolean canResize(Request to) {
        return to.size() > 0 && (to.gfp() & Gfp.__GFP_DMA) == 0;
    }

    @Override
    public Piece resize(KernelFixture fixture, Piece piece, Request to) {
        return piece(fixture.kernel(),
                fixture.kernel().calls().krealloc(piece.key(), to.size(), to.gfp() & ~Gfp.__GFP_ZERO), to);
    }

    @Override
    public void free(KernelFixture fixture, Request request, Piece piece) {
        fixture.kernel().calls().kfree(piece.key());
    }

    @Override
    public boolean zeroed(Request request) {
        return (request.gfp() & Gfp.__GFP_ZERO) != 0;
    }

    @Override
    public String describe(Request request) {
        return "kmalloc of " + Integer.toUnsignedString(request.size()) + " with " + Gfp.names(request.gfp());
    }
}
