package ferrite.kernel.shadow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The order of a hart's stores to coherent memory and to registers of devices. Without a barrier between the two, a
 * device may be told of a descriptor that is not in memory yet. Ferrite's harts keep the order, hardware need not: so a
 * store is <em>late</em> for a device if a write to its registers came after it, and no barrier in between. A device
 * that then reads those bytes was told too early.
 */
public final class Barriers {

    /** Stores of a hart that are remembered. */
    private static final int MAX_STORES = 64;
    private static final int PAGE_SHIFT = 12;

    /**
     * A store to coherent memory.
     *
     * @param line the line that made it
     */
    public record Store(long pa, int bytes, String line) { }

    private final PageCounts coherent;
    private final StoreLines lines;
    /** The stores of each hart since its last barrier, the last one first. */
    private final Map<Integer, Deque<Store>> pending = new HashMap<>();
    /** The stores that are late for each device, by the page of its registers. */
    private final Map<Long, List<Store>> late = new HashMap<>();

    /** @param lines finds the line of a store */
    Barriers(StoreLines lines, PageChanges changes) {
        this.coherent = new PageCounts(changes);
        this.lines = lines;
    }

    /** Notes that memory is coherent for a device, or no longer. */
    void coherent(long pa, long bytes, boolean isCoherent) {
        coherent.add(pa, bytes, isCoherent ? 1 : -1);
    }

    /** Tells whether the page of an address has coherent memory. */
    public boolean concern(long pa) {
        return coherent.of(pa) > 0;
    }

    /** Notes a store of a driver to coherent memory. */
    public void stored(int hart, long pa, int bytes) {
        Deque<Store> stores = pending.computeIfAbsent(hart, any -> new ArrayDeque<>());
        if (stores.size() == MAX_STORES) {
            stores.removeLast();
        }
        stores.addFirst(new Store(pa, bytes, lines.of(pa)));
    }

    /** Notes a barrier: what a hart has stored reaches memory before what it writes to a register from now on. */
    public void passed(int hart) {
        Deque<Store> stores = pending.get(hart);
        if (stores != null) {
            stores.clear();
        }
    }

    /** Notes a write to a device's register. */
    void wroteRegister(int hart, long register) {
        Deque<Store> stores = pending.get(hart);
        if (stores != null && !stores.isEmpty()) {
            late.put(register >>> PAGE_SHIFT, new ArrayList<>(stores));
        } else if (!late.isEmpty()) {
            late.remove(register >>> PAGE_SHIFT);
        }
    }

    /**
     * Takes the last of the stores that are late for a device and that it reads now.
     *
     * @param registers the first of the device's registers
     * @return null for none
     */
    public Store take(long registers, long pa, int bytes) {
        List<Store> stores = late.get(registers >>> PAGE_SHIFT);
        if (stores == null) {
            return null;
        }
        for (Store store : stores) {
            if (store.pa < pa + bytes && pa < store.pa + store.bytes) {
                late.remove(registers >>> PAGE_SHIFT);
                return store;
            }
        }
        return null;
    }
}
