package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.mm.Kmap;
import java.util.Random;

/**
 * {@code kmap} and {@code kunmap} of high pages, if there are any. {@code kmap_atomic} must show the bytes that were
 * written through {@code kmap}.
 */
final class HighMemoryFamily implements Family {

    private static final int PAGE = 4096;

    @Override
    public Request random(Random random, boolean atomic) {
        return new Request(Gfp.GFP_HIGHUSER | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN | (random.nextInt(4) == 0
                ? Gfp.__GFP_ZERO : 0), 1 + random.nextInt(2));
    }

    @Override
    public boolean mayBeAtomic() {
        return false;
    }

    @Override
    public Piece allocate(KernelFixture fixture, Request request) {
        long page = fixture.kernel().calls().allocPage(request.gfp());
        if (page == 0) {
            return null;
        }
        Kmap kmap = fixture.kernel().mm().kmap();
        long va = 0;
        for (int i = 0; i < request.size(); i++) {
            long again = kmap.kmap(page);
            check(va == 0 || va == again, "a page with two addresses");
            va = again;
        }
        return new Piece(page, va, fixture.kernel().calls().pageToPfn(page) << 12, PAGE);
    }

    @Override
    public void free(KernelFixture fixture, Request request, Piece piece) {
        Kmap kmap = fixture.kernel().mm().kmap();
        int tag = fixture.memory().load32(piece.va());
        for (int i = 0; i < request.size(); i++) {
            kmap.kunmap(piece.key());
        }
        long va = kmap.kmapAtomic(piece.key());
        check(fixture.memory().load32(va) == tag && fixture.memory().load32(va + PAGE - 4) == tag,
                "kmap_atomic shows another page");
        kmap.kunmapAtomic(va);
        fixture.kernel().calls().__freePage(piece.key());
    }

    @Override
    public boolean zeroed(Request request) {
        return (request.gfp() & Gfp.__GFP_ZERO) != 0;
    }

    @Override
    public String describe(Request request) {
        return "a page with " + Gfp.names(request.gfp()) + ", kmapped " + request.size() + " times";
    }
}
