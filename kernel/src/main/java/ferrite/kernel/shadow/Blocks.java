package ferrite.kernel.shadow;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What whole pages were allocated as, by physical address, so that a free of another kind is noticed. Blocks that a
 * driver gets from {@code __get_free_pages} and its kin are in no list.
 */
public final class Blocks {

    private static final int MAX_FREED = 64;

    /** The allocators that get whole pages, and the calls that give them back. */
    public enum Kind {
        KMALLOC("kmalloc", "kfree"), COHERENT("dma_alloc_coherent", "dma_free_coherent"),
        POOL("dma_pool_create", "dma_pool_free"), AREA("vmalloc", "vfree"),
        STACK("a kernel stack", "the end of its task");

        private final String allocation;
        private final String free;

        Kind(String allocation, String free) {
            this.allocation = allocation;
            this.free = free;
        }

        public String allocation() {
            return allocation;
        }

        public String free() {
            return free;
        }
    }

    /**
     * Whole pages.
     *
     * @param bytes the bytes that were asked for
     */
    public record Block(Kind kind, long bytes) { }

    private final NavigableMap<Long, Block> byPa = new TreeMap<>();
    /** The last large blocks of kmalloc that were freed. */
    private final Deque<Long> freed = new ArrayDeque<>();
    /** False if blocks were allocated before the kernel attached, of which nothing is known. */
    private boolean complete = true;

    void add(long pa, Kind kind, long bytes) {
        byPa.put(pa, new Block(kind, bytes));
        freed.remove(pa);
    }

    /** Forgets a block. Returns it, or null. */
    Block remove(long pa) {
        Block gone = byPa.isEmpty() ? null : byPa.remove(pa);
        if (gone != null && gone.kind == Kind.KMALLOC) {
            freed.addFirst(pa);
            if (freed.size() > MAX_FREED) {
                freed.removeLast();
            }
        }
        return gone;
    }

    /** Notes that a kernel attaches, which does not know the blocks that are allocated already. */
    public void isIncomplete() {
        complete = false;
    }

    /** Returns the block that begins at an address; null if there is none, or it is not known. */
    public Block at(long pa) {
        return byPa.get(pa);
    }

    /** Returns whether pages are known not to be a block in the list: a driver's own pages. */
    public boolean areDrivers(long pa) {
        return complete && !byPa.containsKey(pa);
    }

    /** Returns whether a large block of kmalloc was freed at an address lately. */
    public boolean wasFreed(long pa) {
        return freed.contains(pa);
    }

    /** Returns the last block that begins at or before an address, with its own address; null if there is none. */
    public Map.Entry<Long, Block> before(long pa) {
        return byPa.floorEntry(pa);
    }
}
