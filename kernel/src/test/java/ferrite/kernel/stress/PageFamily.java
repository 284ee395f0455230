package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.mm.Zones;
import java.util.Random;

/** {@code alloc_pages} and {@code __free_pages}, sometimes through {@code get_page} and {@code put_page}. */
final class PageFamily implements Family {

    private static final int[] SLEEPING = {Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY,
            Gfp.GFP_USER | Gfp.__GFP_NORETRY, Gfp.GFP_HIGHUSER | Gfp.__GFP_NORETRY,
            Gfp.GFP_KERNEL | Gfp.GFP_DMA | Gfp.__GFP_NORETRY, Gfp.GFP_NOIO | Gfp.__GFP_NORETRY, Gfp.GFP_KERNEL};
    private static final int[] ATOMIC = {Gfp.GFP_ATOMIC, Gfp.GFP_NOWAIT, Gfp.GFP_ATOMIC | Gfp.GFP_DMA,
            Gfp.GFP_ATOMIC | Gfp.__GFP_HIGHMEM};
    private static final int MAX_ZEROED = 2;

    @Override
    public Request random(Random random, boolean atomic) {
        int gfp = atomic || random.nextInt(3) == 0 ? ATOMIC[random.nextInt(ATOMIC.length)]
                : SLEEPING[random.nextInt(SLEEPING.length)];
        int order = random.nextInt(2) == 0 ? 0
                : Math.min(random.nextInt(Zones.MAX_ORDER), random.nextInt(Zones.MAX_ORDER));
        gfp |= Gfp.__GFP_NOWARN | (random.nextInt(4) == 0 ? Gfp.__GFP_COLD : 0);
        return new Request(order <= MAX_ZEROED && random.nextInt(4) == 0 ? gfp | Gfp.__GFP_ZERO : gfp, order);
    }

    @Override
    public Piece allocate(KernelFixture fixture, Request request) {
        Kernel kernel = fixture.kernel();
        long page = kernel.calls().allocPages(request.gfp(), request.size());
        if (page == 0) {
            return null;
        }
        long pfn = kernel.calls().pageToPfn(page);
        check(pfn % (1L << request.size()) == 0,
                "frame 0x" + Long.toHexString(pfn) + " is not aligned to order " + request.size());
        int zone = kernel.mm().zones().zoneOf(fixture.peek(), pfn);
        check(zone <= Zones.highest(request.gfp()),
                "a block of zone " + Zones.name(zone) + " for " + Gfp.names(request.gfp()));
        return new Piece(page, kernel.calls().pageAddress(page), pfn << 12, 4096L << request.size());
    }

    @Override
    public void free(KernelFixture fixture, Request request, Piece piece) {
        if ((piece.pa() >> 12 & 3) == 1) {                          // one frame in four: by references
            fixture.kernel().calls().getPage(piece.key());
            fixture.kernel().calls().__freePages(piece.key(), request.size());
            fixture.kernel().calls().putPage(piece.key());
        } else {
            fixture.kernel().calls().__freePages(piece.key(), request.size());
        }
    }

    @Override
    public boolean zeroed(Request request) {
        return (request.gfp() & Gfp.__GFP_ZERO) != 0;
    }

    @Override
    public String describe(Request request) {
        return "pages of order " + request.size() + " with " + Gfp.names(request.gfp());
    }
}
