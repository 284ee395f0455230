package ferrite.hardware.hart;

import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.AccessWatch;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import java.util.BitSet;
import java.util.List;

/**
 * Detection of accesses to free memory by software in S- and U-mode. The allocator knows the free frames, and reports
 * here when frames become free. Free frames are kept off the fast paths, so allocated memory pays nothing (law 8). A
 * detected access is still performed.
 */
public final class FrameWatch implements AccessWatch {

    /** The allocator's view of memory, by frames of a page. */
    public interface Frames {

        /** Tells whether the memory at {@code pa} is free. The address may be outside RAM. It only inspects. */
        boolean isFree(long pa);

        /** Returns the usual virtual address of {@code pa} for all software, or -1 if there is none. */
        long usualVa(long pa);

        /** Reports an access to free memory, before it happens. The receiver may inspect, but must change nothing. */
        void touched(long va, long pa, int bytes, Access access);
    }

    /** Limit above which dropping all fast paths is faster than dropping page by page. */
    private static final int MAX_PAGES_ONE_BY_ONE = 64;

    private final Mmu[] mmus;
    private final Frames frames;
    /** Pages that may be in a fast path under another address than the usual one. */
    private final BitSet aliased = new BitSet();

    /** Creates a watch and installs it. */
    public FrameWatch(PhysicalBus bus, List<Hart> harts, Frames frames) {
        this.frames = frames;
        this.mmus = harts.stream().map(Hart::mmu).toArray(Mmu[]::new);
        bus.guardSoftware(this);
    }

    /** Drops the fast paths of all harts to pages that have become free. */
    public void freed(long pa, int pages) {
        int first = page(pa);
        int alias = aliased.nextSetBit(first);
        if (pages > MAX_PAGES_ONE_BY_ONE || alias >= 0 && alias < first + pages) {
            aliased.clear();
            for (Mmu mmu : mmus) {
                mmu.dropFastPaths();
            }
            return;
        }
        for (int i = 0; i < pages; i++) {
            long va = frames.usualVa(pa + ((long) i << 12));
            for (int hart = 0; hart < mmus.length && va >= 0; hart++) {
                mmus[hart].dropFastPath((int) va);
            }
        }
    }

    @Override
    public void beforeAccess(BusMaster master, long va, long pa, int bytes, Access access) {
        if (va != PHYSICAL && frames.isFree(pa)) {
            frames.touched(va, pa, bytes, access);
        }
    }

    @Override
    public boolean mayBeFast(long va, long pa) {
        if (va == PHYSICAL) {
            return true;
        }
        if (frames.isFree(pa)) {
            return false;
        }
        if (frames.usualVa(pa) >>> 12 != va >>> 12) {
            aliased.set(page(pa));
        }
        return true;
    }

    private static int page(long pa) {
        return (int) (pa >>> 12);
    }
}
