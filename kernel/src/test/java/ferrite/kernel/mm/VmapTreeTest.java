package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.PeekMemory;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.RootLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * After any inserts and deletes, the tree of areas is an AVL tree by address and each node knows the largest gap in its
 * subtree.
 */
@Timeout(60)
class VmapTreeTest {

    private static final int AREAS = 200;

    private final List<String> wrong = new ArrayList<>();
    private long lastEnd;

    @Test
    void itIsBalancedAndItsGapsAreRightHoweverAreasComeAndGo() {
        Seed seed = Seed.fresh();
        try (KernelFixture fixture = KernelFixture.small()) {
            fixture.run(() -> {
                for (int order = 0; order < 3; order++) {
                    List<Long> areas = new ArrayList<>();
                    for (int i = 0; i < AREAS; i++) {
                        areas.add(fixture.kernel().mm().vmalloc().getVmArea(AddressSpace.PAGE_SIZE * (1L + i % 5)));
                    }
                    require(fixture, seed);
                    if (order == 1) {
                        Collections.reverse(areas);
                    } else if (order == 2) {
                        Collections.shuffle(areas, seed.random(0));
                    }
                    for (int i = 0; i < AREAS; i++) {
                        fixture.kernel().mm().vmalloc().vfree(areas.get(i));
                        if (i % 10 == 0) {
                            require(fixture, seed);
                        }
                    }
                    require(fixture, seed);
                }
            });
        }
    }

    private void require(KernelFixture fixture, Seed seed) {
        PeekMemory view = fixture.peek();
        lastEnd = AddressSpace.VMALLOC_START + AddressSpace.PAGE_SIZE;
        long state = RootLayout.VMALLOC.get(view, fixture.kernel().base().root());
        height(view, VmallocLayout.TREE.get(view, state));
        check(wrong.isEmpty() && lastEnd == AddressSpace.VMALLOC_END,
                seed.replay(wrong + ", end 0x" + Long.toHexString(lastEnd)));
    }

    /** Walks in order of address. */
    private int height(PeekMemory view, long node) {
        if (node == 0) {
            return 0;
        }
        long left = VmapAreaLayout.LEFT.get(view, node);
        long right = VmapAreaLayout.RIGHT.get(view, node);
        int leftHeight = height(view, left);
        long start = VmapAreaLayout.START.get(view, node);
        long gap = VmapAreaLayout.GAP.get(view, node);
        expect(gap == start - lastEnd, "the gap before 0x" + Long.toHexString(start));
        lastEnd = start + VmapAreaLayout.SIZE.get(view, node);
        int rightHeight = height(view, right);
        expect(Math.abs(leftHeight - rightHeight) <= 1,
                "the balance at 0x" + Long.toHexString(start) + ": " + leftHeight + " and " + rightHeight);
        expect(VmapAreaLayout.HEIGHT.get(view, node) == 1 + Math.max(leftHeight, rightHeight),
                "the height of 0x" + Long.toHexString(start));
        long largest = Math.max(gap, Math.max(largest(view, left), largest(view, right)));
        expect(VmapAreaLayout.MAX_GAP.get(view, node) == largest,
                "the largest gap beneath 0x" + Long.toHexString(start));
        return 1 + Math.max(leftHeight, rightHeight);
    }

    private static long largest(PeekMemory view, long node) {
        return node == 0 ? 0 : VmapAreaLayout.MAX_GAP.get(view, node);
    }

    private void expect(boolean holds, String what) {
        if (!holds) {
            wrong.add(what);
        }
    }
}
