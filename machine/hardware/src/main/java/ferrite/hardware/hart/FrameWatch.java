package ferrite.hardware.hart;

import java.util.BitSet;
import java.util.List;

/**
 * Detection of accesses to free memory by software in S- and U-mode. The allocator knows the free frames, and reports
 * here when frames become free. Free frames are kept off the fast paths, so allocated memory pays nothing (law 8). A
 * detected access is still performed.
 */
public final class FrameWatch {

    /** The allocator's view of memory, by frames of a page. */
    public interface Frames {

        /** Tells whether the memory at {@code pa} is free. The address may be outside RAM. It only inspects. */
        boolean isFree(long pa);

        /** Returns the usual virtual address of {@code pa} for all software, or -1 if there is none. */
        long usualVa(long pa);

        /** Reports an access to free memory, before it happens. The receiver may inspect, but must change nothing. */
        void touched(int hart, long va, long pa, int bytes, Access access);
    }

    /** Limit above which dropping all fast paths is faster than dropping page by page. */
    private static final int MAX_PAGES_ONE_BY_ONE = 64;

    private final Mmu[] mmus;
    private final Frames frames;
    /** Pages that may be in a fast path under another address than the usual one. */
    private final BitSet aliased = new BitSet();

    /** Creates a watch and installs it in the harts, in place of their previous one. */
    public FrameWatch(List<Hart> harts, Frames frames) {
        this.frames = frames;
        this.mmus = harts.stream().map(Hart::mmu).toArray(Mmu[]::new);
        harts.forEach(hart -> hart.mmu().watchFrames(this));
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

    /** Checks an access that missed the fast path, before it happens. */
    void reached(int hart, long va, long pa, int bytes, Access access, int mode) {
        if (mode != PrivilegeMode.M && frames.isFree(pa)) {
            frames.touched(hart, va & 0xffff_ffffL, pa, bytes, access);
        }
    }

    /** Tells whether {@code va} may enter a fast path to {@code pa}. The caller enters it if the answer is yes. */
    boolean mayBeFast(long va, long pa, int mode) {
        if (mode == PrivilegeMode.M) {
            return true;
        }
        if (frames.isFree(pa)) {
            return false;
        }
        if (frames.usualVa(pa) >>> 12 != (va & 0xffff_ffffL) >>> 12) {
            aliased.set(page(pa));
        }
        return true;
    }

    private static int page(long pa) {
        return (int) (pa >>> 12);
    }
}
