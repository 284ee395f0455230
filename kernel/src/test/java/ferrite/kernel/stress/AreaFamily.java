package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.mm.Vmalloc;
import ferrite.kernel.mm.Zones;
import java.util.Arrays;
import java.util.Random;

/**
 * {@code vmalloc}, {@code vzalloc}, {@code vmalloc_32} and {@code vfree}. Their pages are scattered, so the model
 * records their virtual addresses, which no physical memory has.
 */
final class AreaFamily implements Family {

    private static final int PAGE = 4096;
    private static final int PLAIN = 0;
    private static final int ZEROED = 1;

    @Override
    public Request random(Random random, boolean atomic) {
        return new Request(random.nextInt(3), 1 + random.nextInt(random.nextInt(4) == 0 ? 60 * PAGE : 4 * PAGE));
    }

    @Override
    public boolean mayBeAtomic() {
        return false;
    }

    @Override
    public Piece allocate(KernelFixture fixture, Request request) {
        Vmalloc vmalloc = fixture.kernel().mm().vmalloc();
        long va = request.gfp() == PLAIN ? vmalloc.vmalloc(request.size())
                : request.gfp() == ZEROED ? vmalloc.vzalloc(request.size()) : vmalloc.vmalloc32(request.size());
        if (va == 0) {
            return null;
        }
        long bytes = request.size() + PAGE - 1 & -PAGE;
        for (long at = 0; at < bytes; at += PAGE) {
            long page = vmalloc.vmallocToPage(va + at);
            check(page != 0, "an area without a page");
            check(request.gfp() <= ZEROED || fixture.kernel().mm().zones().zoneOf(fixture.peek(),
                    fixture.kernel().calls().pageToPfn(page)) != Zones.HIGHMEM, "vmalloc_32 returned high memory");
            if (request.gfp() == ZEROED) {
                byte[] found = new byte[PAGE];
                fixture.machine.bus().peek(fixture.kernel().calls().pageToPfn(page) << 12, found, 0, PAGE);
                check(Arrays.equals(found, new byte[PAGE]), "vzalloc returned memory that is not zero");
            }
        }
        check(vmalloc.vmallocToPage(va + bytes) == 0, "no guard page");
        return new Piece(va, va, va, bytes);
    }

    @Override
    public void free(KernelFixture fixture, Request request, Piece piece) {
        fixture.kernel().mm().vmalloc().vfree(piece.key());
    }

    @Override
    public boolean zeroed(Request request) {
        return false;                                   // checked above
    }

    @Override
    public String describe(Request request) {
        return (request.gfp() == PLAIN ? "vmalloc" : request.gfp() == ZEROED ? "vzalloc" : "vmalloc_32")
                + " of " + request.size();
    }
}
