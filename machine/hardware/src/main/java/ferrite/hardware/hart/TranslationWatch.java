package ferrite.hardware.hart;

import java.util.BitSet;
import java.util.List;

/**
 * Notices a translation that is used although the page table does not say so any more: on pages that are watched, every hit in a TLB is compared with the table. For whoever
 * takes mappings away, from before the table changes until every hart has done its {@code sfence.vma}. The access goes on as it would have; watched pages take the slow
 * path, and others pay nothing.
 */
public final class TranslationWatch {

    /** Is told of such an access, before it happens. It may look, and must change nothing. */
    @FunctionalInterface
    public interface Sink {
        void staleTranslation(int hart, long va, Access access);
    }

    private final BitSet pages = new BitSet();
    private final List<Hart> harts;
    private final Sink sink;

    /** Takes the place of the watch that the harts had. */
    public TranslationWatch(List<Hart> harts, Sink sink) {
        this.harts = harts;
        this.sink = sink;
        harts.forEach(hart -> hart.mmu().watchTranslations(hart.id(), this));
    }

    /** From now on the translations of these pages are watched. */
    public void begin(long va, long bytes) {
        pages.set(page(va), page(va + bytes));
        harts.forEach(hart -> hart.mmu().dropFastPaths());
    }

    public void end(long va, long bytes) {
        pages.clear(page(va), page(va + bytes));
    }

    boolean watches(long va) {
        return pages.get(page(va & 0xffff_ffffL));
    }

    void stale(int hart, long va, Access access) {
        sink.staleTranslation(hart, va & 0xffff_ffffL, access);
    }

    private static int page(long va) {
        return (int) (va >>> 12);
    }
}
