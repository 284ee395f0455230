package ferrite.hardware.hart;

import java.util.BitSet;
import java.util.List;

/**
 * Notices software that reaches memory which nobody has, in S- and U-mode. Whoever gives memory out knows what is free, and says here when something has
 * become so; what is free stays off the fast paths, so that memory which somebody has pays nothing (law 8). The access goes on as it would have.
 */
public final class FrameWatch {

    /** Whoever gives memory out, by frames of a page. */
    public interface Frames {

        /** Whether nobody has the memory at {@code pa}, which may be no RAM at all. Only looks. */
        boolean isFree(long pa);

        /** The virtual address by which software reaches {@code pa} as a rule, whoever has it; -1 when there is none. */
        long usualVa(long pa);

        /** Free memory is about to be touched. May look, and must change nothing. */
        void touched(int hart, long va, long pa, int bytes, Access access);
    }

    /** Of larger blocks it is quicker to forget everything. */
    private static final int MOST_PAGES_ONE_BY_ONE = 64;

    private final Mmu[] mmus;
    private final Frames frames;
    /** Pages that fast paths may have under another address than the usual one. */
    private final BitSet aliased = new BitSet();

    /** Takes the place of the watch that the harts had. */
    public FrameWatch(List<Hart> harts, Frames frames) {
        this.frames = frames;
        this.mmus = harts.stream().map(Hart::mmu).toArray(Mmu[]::new);
        harts.forEach(hart -> hart.mmu().watchFrames(hart.id(), this));
    }

    /** These pages have become free: no hart knows a short way to them any more. */
    public void freed(long pa, int pages) {
        int first = page(pa);
        int alias = aliased.nextSetBit(first);
        if (pages > MOST_PAGES_ONE_BY_ONE || alias >= 0 && alias < first + pages) {
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

    /** An access that the fast path did not know is about to be made. */
    void reached(int hart, long va, long pa, int bytes, Access access, int mode) {
        if (mode != PrivilegeMode.M && frames.isFree(pa)) {
            frames.touched(hart, va & 0xffff_ffffL, pa, bytes, access);
        }
    }

    /** Whether a fast path may lead from {@code va} to {@code pa}, as it will when the answer is yes. */
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
