package ferrite.kernel.mm;

import static ferrite.kernel.mm.VmapAreaLayout.GAP;
import static ferrite.kernel.mm.VmapAreaLayout.HEIGHT;
import static ferrite.kernel.mm.VmapAreaLayout.LEFT;
import static ferrite.kernel.mm.VmapAreaLayout.MAX_GAP;
import static ferrite.kernel.mm.VmapAreaLayout.RIGHT;
import static ferrite.kernel.mm.VmapAreaLayout.SIZE;
import static ferrite.kernel.mm.VmapAreaLayout.START;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * All areas, by address, in an AVL tree. Each node knows the largest gap in its subtree, so the lowest gap that is
 * large enough is found in logarithmic time. A gap belongs to the area above it; the last gap belongs to an area of
 * size 0 that ends the tree. The caller holds the lock.
 */
final class VmapTree {

    private static final int MAX_AREAS = 1 << 16;

    private final KernelMemory memory;
    /** Address of the word that holds the root. */
    private final long root;

    VmapTree(KernelMemory memory, long root) {
        this.memory = memory;
        this.root = root;
    }

    /**
     * Makes a tree with one gap.
     *
     * @param end zeroed record of the area that ends it
     */
    void init(long end, long from, long to) {
        memory.storeAddress(end + START, to);
        memory.storeAddress(end + GAP, to - from);
        update(end);
        memory.storeAddress(root, end);
    }

    /**
     * Inserts an area into the lowest gap that is large enough. Its size is filled in. Returns its address; 0 if there
     * is no such gap.
     */
    long insert(long area) {
        long size = memory.loadAddress(area + SIZE);
        long above = lowestGap(size);
        if (above == 0) {
            return 0;
        }
        long start = memory.loadAddress(above + START) - memory.loadAddress(above + GAP);
        memory.storeAddress(area + START, start);
        memory.store32(area + GAP, 0);
        memory.storeAddress(above + GAP, memory.loadAddress(above + GAP) - size);
        memory.storeAddress(root, insert(memory.loadAddress(root), area, start));
        refresh(memory.loadAddress(above + START));
        return start;
    }

    private long lowestGap(long size) {
        long node = memory.loadAddress(root);
        while (node != 0 && memory.loadAddress(node + MAX_GAP) >= size) {
            long left = memory.loadAddress(node + LEFT);
            if (left != 0 && memory.loadAddress(left + MAX_GAP) >= size) {
                node = left;
            } else if (memory.loadAddress(node + GAP) >= size) {
                return node;
            } else {
                node = memory.loadAddress(node + RIGHT);
            }
        }
        return 0;
    }

    /** Removes an area; its addresses join the gap of the area above. */
    void delete(long area) {
        long start = memory.loadAddress(area + START);
        long above = above(memory, start);
        long gap = memory.loadAddress(above + GAP) + memory.loadAddress(area + GAP) + memory.loadAddress(area + SIZE);
        memory.storeAddress(root, delete(memory.loadAddress(root), start));
        memory.storeAddress(above + GAP, gap);
        refresh(memory.loadAddress(above + START));
    }

    // ---- looking ----

    /** Returns the area, with its guard page, that an address lies in; 0 if there is none. */
    long find(ReadableMemory view, long va) {
        long node = view.loadAddress(root);
        for (int depth = 0; node != 0 && depth < 64; depth++) {
            long start = view.loadAddress(node + START);
            if (va < start) {
                node = view.loadAddress(node + LEFT);
            } else if (va - start < view.loadAddress(node + SIZE)) {
                return node;
            } else {
                node = view.loadAddress(node + RIGHT);
            }
        }
        return 0;
    }

    private long above(ReadableMemory view, long start) {
        long best = 0;
        for (long node = view.loadAddress(root); node != 0; ) {
            boolean higher = view.loadAddress(node + START) > start;
            best = higher ? node : best;
            node = view.loadAddress(node + (higher ? LEFT : RIGHT));
        }
        return best;
    }

    /** Returns all areas, by address; a limit ends the walk of a corrupt tree. */
    List<Long> all(ReadableMemory view) {
        List<Long> areas = new ArrayList<>();
        collect(view, view.loadAddress(root), areas, 0);
        return areas;
    }

    private static void collect(ReadableMemory view, long node, List<Long> into, int depth) {
        if (node == 0 || depth > 64 || into.size() >= MAX_AREAS) {
            return;
        }
        collect(view, view.loadAddress(node + LEFT), into, depth + 1);
        if (view.load32(node + SIZE) != 0) {
            into.add(node);
        }
        collect(view, view.loadAddress(node + RIGHT), into, depth + 1);
    }

    /** Returns the bytes of the largest gap. */
    long largestGap(ReadableMemory view) {
        return view.loadAddress(view.loadAddress(root) + MAX_GAP);
    }

    // ---- the AVL tree: each method returns the new root of the subtree ----

    private long insert(long node, long area, long start) {
        if (node == 0) {
            memory.store32(area + LEFT, 0);
            memory.store32(area + RIGHT, 0);
            update(area);
            return area;
        }
        int side = start < memory.loadAddress(node + START) ? LEFT : RIGHT;
        memory.storeAddress(node + side, insert(memory.loadAddress(node + side), area, start));
        return balance(node);
    }

    private long delete(long node, long start) {
        long at = memory.loadAddress(node + START);
        if (start != at) {
            int side = start < at ? LEFT : RIGHT;
            memory.storeAddress(node + side, delete(memory.loadAddress(node + side), start));
            return balance(node);
        }
        long left = memory.loadAddress(node + LEFT);
        long right = memory.loadAddress(node + RIGHT);
        if (left == 0 || right == 0) {
            return left == 0 ? right : left;
        }
        long next = right;
        while (memory.loadAddress(next + LEFT) != 0) {
            next = memory.loadAddress(next + LEFT);
        }
        long rest = withoutFirst(right);
        memory.storeAddress(next + LEFT, left);
        memory.storeAddress(next + RIGHT, rest);
        return balance(next);
    }

    private long withoutFirst(long node) {
        long left = memory.loadAddress(node + LEFT);
        if (left == 0) {
            return memory.loadAddress(node + RIGHT);
        }
        memory.storeAddress(node + LEFT, withoutFirst(left));
        return balance(node);
    }

    private int height(long node) {
        return node == 0 ? 0 : memory.load32(node + HEIGHT);
    }

    private int lean(long node) {
        return height(memory.loadAddress(node + LEFT)) - height(memory.loadAddress(node + RIGHT));
    }

    private long balance(long node) {
        int lean = lean(node);
        if (lean > 1) {
            return lift(node, LEFT, RIGHT, 1);
        }
        if (lean < -1) {
            return lift(node, RIGHT, LEFT, -1);
        }
        update(node);
        return node;
    }

    /** Lifts the child on one side. If that child leans the other way, its own child is lifted first. */
    private long lift(long node, int side, int other, int sign) {
        long child = memory.loadAddress(node + side);
        if (lean(child) * sign < 0) {
            child = rotate(child, other, side);
            memory.storeAddress(node + side, child);
        }
        return rotate(node, side, other);
    }

    private long rotate(long node, int side, int other) {
        long child = memory.loadAddress(node + side);
        memory.storeAddress(node + side, memory.loadAddress(child + other));
        memory.storeAddress(child + other, node);
        update(node);
        update(child);
        return child;
    }

    private void update(long node) {
        long left = memory.loadAddress(node + LEFT);
        long right = memory.loadAddress(node + RIGHT);
        long gap = memory.loadAddress(node + GAP);
        if (left != 0) {
            gap = Math.max(gap, memory.loadAddress(left + MAX_GAP));
        }
        if (right != 0) {
            gap = Math.max(gap, memory.loadAddress(right + MAX_GAP));
        }
        memory.storeAddress(node + MAX_GAP, gap);
        memory.store32(node + HEIGHT, 1 + Math.max(height(left), height(right)));
    }

    /** Updates the largest gaps on the path to an area with a changed gap. */
    private void refresh(long start) {
        refresh(memory.loadAddress(root), start);
    }

    private void refresh(long node, long start) {
        long at = memory.loadAddress(node + START);
        if (start != at) {
            refresh(memory.loadAddress(node + (start < at ? LEFT : RIGHT)), start);
        }
        update(node);
    }
}
