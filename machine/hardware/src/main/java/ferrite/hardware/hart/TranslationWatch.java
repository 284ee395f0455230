package ferrite.hardware.hart;

import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.AccessWatch;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import java.util.BitSet;
import java.util.List;

/**
 * Detection of stale translations: on watched pages, every access is compared with the page table.
 *
 * <p>Code that removes mappings watches their pages from before the table changes until every hart has executed its
 * {@code sfence.vma}.
 */
public final class TranslationWatch implements AccessWatch {

    /** Receiver of stale accesses, called before they happen. It may inspect, but must change nothing. */
    @FunctionalInterface
    public interface Sink {
        void staleTranslation(int hart, long va, Access access);
    }

    private final BitSet pages = new BitSet();
    private final List<Hart> harts;
    private final Sink sink;

    /** Creates a watch and installs it. */
    public TranslationWatch(PhysicalBus bus, List<Hart> harts, Sink sink) {
        this.harts = harts;
        this.sink = sink;
        bus.guardSoftware(this);
    }

    /** Begins to watch the translations of these pages. */
    public void begin(long va, long bytes) {
        pages.set(page(va), page(va + bytes));
        harts.forEach(hart -> hart.mmu().dropFastPaths());
    }

    public void end(long va, long bytes) {
        pages.clear(page(va), page(va + bytes));
    }

    @Override
    public void beforeAccess(BusMaster master, long va, long pa, int bytes, Access access) {
        if (mayBeFast(va, pa)) {
            return;
        }
        Hart hart = Hart.of(harts, master);
        if (!hart.mmu().isInPageTable(va, pa)) {
            sink.staleTranslation(hart.id(), va, access);
        }
    }

    @Override
    public boolean mayBeFast(long va, long pa) {
        return va == PHYSICAL || !pages.get(page(va));
    }

    private static int page(long va) {
        return (int) (va >>> 12);
    }
}
