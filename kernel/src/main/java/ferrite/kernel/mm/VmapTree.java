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
import ferrite.kernel.base.Pointer;
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
        START.set(memory, end, to);
        GAP.set(memory, end, to - from);
        update(end);
        memory.storeAddress(root, end);
    }

    /**
     * Inserts an area into the lowest gap that is large enough. Its size is filled in. Returns its address; 0 if there
     * is no such gap.
     */
    long insert(long area) {
        long size = SIZE.get(memory, area);
        long above = lowestGap(size);
        if (above == 0) {
            return 0;
        }
        long start = START.get(memory, above) - GAP.get(memory, above);
        START.set(memory, area, start);
        GAP.set(memory, area, 0);
        GAP.add(memory, above, -size);
        memory.storeAddress(root, insert(memory.loadAddress(root), area, start));
        refresh(START.get(memory, above));
        return start;
    }

    private long lowestGap(long size) {
        long node = memory.loadAddress(root);
        while (node != 0 && MAX_GAP.get(memory, node) >= size) {
            long left = LEFT.get(memory, node);
            if (left != 0 && MAX_GAP.get(memory, left) >= size) {
                node = left;
            } else if (GAP.get(memory, node) >= size) {
                return node;
            } else {
                node = RIGHT.get(memory, node);
            }
        }
        return 0;
    }

    /** Removes an area; its addresses join the gap of the area above. */
    void delete(long area) {
        long start = START.get(memory, area);
        long above = above(memory, start);
        long gap = GAP.get(memory, above) + GAP.get(memory, area) + SIZE.get(memory, area);
        memory.storeAddress(root, delete(memory.loadAddress(root), start));
        GAP.set(memory, above, gap);
        refresh(START.get(memory, above));
    }

    // ---- looking ----

    /** Returns the area, with its guard page, that an address lies in; 0 if there is none. */
    long find(ReadableMemory view, long va) {
        long node = view.loadAddress(root);
        for (int depth = 0; node != 0 && depth < 64; depth++) {
            long start = START.get(view, node);
            if (va < start) {
                node = LEFT.get(view, node);
            } else if (va - start < SIZE.get(view, node)) {
                return node;
            } else {
                node = RIGHT.get(view, node);
            }
        }
        return 0;
    }

    private long above(ReadableMemory view, long start) {
        long best = 0;
        for (long node = view.loadAddress(root); node != 0; ) {
            boolean higher = START.get(view, node) > start;
            best = higher ? node : best;
            node = (higher ? LEFT : RIGHT).get(view, node);
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
        collect(view, LEFT.get(view, node), into, depth + 1);
        if (SIZE.get(view, node) != 0) {
            into.add(node);
        }
        collect(view, RIGHT.get(view, node), into, depth + 1);
    }

    /** Returns the bytes of the largest gap. */
    long largestGap(ReadableMemory view) {
        return MAX_GAP.get(view, view.loadAddress(root));
    }

    // ---- the AVL tree: each method returns the new root of the subtree ----

    private long insert(long node, long area, long start) {
        if (node == 0) {
            LEFT.set(memory, area, 0);
            RIGHT.set(memory, area, 0);
            update(area);
            return area;
        }
        Pointer side = start < START.get(memory, node) ? LEFT : RIGHT;
        side.set(memory, node, insert(side.get(memory, node), area, start));
        return balance(node);
    }

    private long delete(long node, long start) {
        long at = START.get(memory, node);
        if (start != at) {
            Pointer side = start < at ? LEFT : RIGHT;
            side.set(memory, node, delete(side.get(memory, node), start));
            return balance(node);
        }
        long left = LEFT.get(memory, node);
        long right = RIGHT.get(memory, node);
        if (left == 0 || right == 0) {
            return left == 0 ? right : left;
        }
        long next = right;
        while (LEFT.get(memory, next) != 0) {
            next = LEFT.get(memory, next);
        }
        long rest = withoutFirst(right);
        LEFT.set(memory, next, left);
        RIGHT.set(memory, next, rest);
        return balance(next);
    }

    private long withoutFirst(long node) {
        long left = LEFT.get(memory, node);
        if (left == 0) {
            return RIGHT.get(memory, node);
        }
        LEFT.set(memory, node, withoutFirst(left));
        return balance(node);
    }

    private int height(long node) {
        return node == 0 ? 0 : HEIGHT.get(memory, node);
    }

    private int lean(long node) {
        return height(LEFT.get(memory, node)) - height(RIGHT.get(memory, node));
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
    private long lift(long node, Pointer side, Pointer other, int sign) {
        long child = side.get(memory, node);
        if (lean(child) * sign < 0) {
            child = rotate(child, other, side);
            side.set(memory, node, child);
        }
        return rotate(node, side, other);
    }

    private long rotate(long node, Pointer side, Pointer other) {
        long child = side.get(memory, node);
        side.set(memory, node, other.get(memory, child));
        other.set(memory, child, node);
        update(node);
        update(child);
        return child;
    }

    private void update(long node) {
        long left = LEFT.get(memory, node);
        long right = RIGHT.get(memory, node);
        long gap = GAP.get(memory, node);
        if (left != 0) {
            gap = Math.max(gap, MAX_GAP.get(memory, left));
        }
        if (right != 0) {
            gap = Math.max(gap, MAX_GAP.get(memory, right));
        }
        MAX_GAP.set(memory, node, gap);
        HEIGHT.set(memory, node, 1 + Math.max(height(left), height(right)));
    }

    /** Updates the largest gaps on the path to an area with a changed gap. */
    private void refresh(long start) {
        refresh(memory.loadAddress(root), start);
    }

    private void refresh(long node, long start) {
        long at = START.get(memory, node);
        if (start != at) {
            refresh((start < at ? LEFT : RIGHT).get(memory, node), start);
        }
        update(node);
    }
}
