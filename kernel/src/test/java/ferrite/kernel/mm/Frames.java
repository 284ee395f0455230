package ferrite.kernel.mm;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.ListHead;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The state of a kernel's frames, read from memory and checked for consistency. */
final class Frames {

    private static final int MAX_BLOCKS = 1 << 20;

    final long[] reserved = new long[Zones.COUNT];
    final long[] free = new long[Zones.COUNT];
    /** Pages on the harts' own lists. */
    final long[] cached = new long[Zones.COUNT];
    final long[] guards = new long[Zones.COUNT];
    final long[] allocated = new long[Zones.COUNT];

    private Frames() { }

    /**
     * Reads all of {@code mem_map}, block by block. Every frame must be reserved, or lie in exactly one free or
     * allocated block, and each block in one zone.
     */
    static Frames of(KernelFixture fixture) {
        Frames frames = new Frames();
        Kernel kernel = fixture.kernel();
        ReadableMemory view = fixture.peek();
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            long start = kernel.mm().zones().startPfn(view, zone);
            long end = start + kernel.mm().zones().spanned(view, zone);
            for (long pfn = start; pfn < end; ) {
                pfn += frames.count(view, kernel.mm().memMap().pfnToPage(pfn), zone);
                assertThat(pfn).as("end of a block of zone " + Zones.name(zone)).isLessThanOrEqualTo(end);
            }
        }
        return frames;
    }

    private long count(ReadableMemory view, long page, int zone) {
        int flags = PageLayout.FLAGS.get(view, page);
        if (flags == PageLayout.RESERVED) {
            reserved[zone]++;
            return 1;
        }
        long pages = 1L << PageLayout.ORDER.get(view, page);
        if (flags == PageLayout.BUDDY) {
            free[zone] += pages;
        } else if (flags == PageLayout.PCP) {
            cached[zone]++;
        } else if (flags == PageLayout.GUARD) {
            guards[zone]++;
        } else {
            assertThat(flags & PageLayout.HEAD)
                    .as("flags of a frame that no block claims: " + PageLayout.flags(flags)).isNotZero();
            allocated[zone] += pages;
        }
        return pages;
    }

    /**
     * Returns the free blocks of a zone from its lists: order by first frame. Checks that links lead both ways, that
     * heads have the right flags, that blocks are aligned, and that the counters agree.
     */
    static SortedMap<Long, Integer> freeBlocks(KernelFixture fixture, int zone) {
        SortedMap<Long, Integer> blocks = new TreeMap<>();
        Kernel kernel = fixture.kernel();
        ReadableMemory view = fixture.peek();
        long record = kernel.mm().zones().record(zone);
        long pages = 0;
        for (int order = 0; order < Zones.MAX_ORDER; order++) {
            long area = ZoneLayout.FREE_AREA.at(record, order);
            List<Long> nodes = ListHead.nodes(view, area, MAX_BLOCKS);
            requireLinkedBack(view, area, nodes);
            for (long node : nodes) {
                long page = PageLayout.LRU.containerOf(node);
                long pfn = kernel.mm().memMap().pageToPfn(page);
                KernelFixture.check(PageLayout.FLAGS.get(view, page) == PageLayout.BUDDY,
                        "a free block's head says something else");
                KernelFixture.check(PageLayout.ORDER.get(view, page) == order,
                        "a free block is on the list of another order");
                KernelFixture.check((pfn & (1L << order) - 1) == 0, "a free block is not aligned to its order");
                KernelFixture.check(kernel.mm().zones().zoneOf(view, pfn) == zone,
                        "a free block is on the list of another zone");
                KernelFixture.check(blocks.put(pfn, order) == null, "a block is on two lists");
            }
            KernelFixture.check(kernel.mm().zones().freeBlocks(view, zone, order) == nodes.size(),
                    "nr_free of order " + order + " is not the length of its list");
            pages += (long) nodes.size() << order;
        }
        KernelFixture.check(kernel.mm().zones().free(view, zone) == pages,
                "a zone counts other free pages than its lists have");
        return blocks;
    }

    private static void requireLinkedBack(ReadableMemory view, long head, List<Long> nodes) {
        List<Long> ring = new ArrayList<>(nodes);
        ring.add(0, head);
        for (int i = 0; i < ring.size(); i++) {
            long next = ring.get((i + 1) % ring.size());
            KernelFixture.check(view.loadAddress(next + 4) == ring.get(i), "a list's links do not lead back");
        }
    }
}
