package ferrite.hardware.hart;

import java.util.BitSet;
import java.util.List;

/**
 * Detection of stale translations: on watched pages, every TLB hit is compared with the page table.
 *
 * <p>Code that removes mappings watches their pages from before the table changes until every hart has executed its
 * {@code sfence.vma}. A detected access is still performed. Watched pages take the slow path, and others pay nothing.
 */
public final class TranslationWatch {

    /** Receiver of stale accesses, called before they happen. It may inspect, but must change nothing. */
    @FunctionalInterface
    public interface Sink {
        void staleTranslation(int hart, long va, Access access);
    }

    private final BitSet pages = new BitSet();
    private final List<Hart> harts;
    private final Sink sink;

    /** Creates a watch and installs it in the harts, in place of their previous one. */
    public TranslationWatch(List<Hart> harts, Sink sink) {
        this.harts = harts;
        this.sink = sink;
        harts.forEach(hart -> hart.mmu().watchTranslations(this));
    }

    /** Begins to watch the translations of these pages. */
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
