package ferrite.board.corpus;

import ferrite.board.corpus.Story.Bench;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.ScatterListLayout;
import java.util.List;

/** Mistakes with the kernel's memory. */
final class MemoryStories {

    private MemoryStories() { }

    /** Sums an array of words, of which there are 10. */
    private static void sum(Bench bench, int words) {
        long array = bench.buffer(40);
        int sum = 0;
        for (int i = 0; i < words; i++) {
            sum += bench.load(array + 4L * i);
        }
        bench.store(array, sum);
        bench.kernel.kfree(array);
    }

    private static void terminate(Bench bench, int bytes) {
        long name = bench.kernel.kmalloc(bytes, Gfp.GFP_KERNEL);
        bench.kernel.memory().storeString(name, "eth0", 16);
        bench.kernel.kfree(name);
    }

    private static void header(Bench bench, int offset) {
        long packet = bench.buffer(64);
        bench.store(packet + offset, 1);
        bench.kernel.kfree(packet);
    }

    private static void statusAfterFree(Bench bench, boolean late) {
        long request = bench.buffer(48);
        bench.store(request + 8, 7);
        int status = late ? 0 : bench.load(request + 8);
        bench.kernel.kfree(request);
        if (late) {
            status = bench.load(request + 8);
        }
        bench.kernel.printk("status " + status);
    }

    private static void listThroughFreedNodes(Bench bench, boolean careful) {
        long head = 0;
        for (int i = 0; i < 3; i++) {
            long node = bench.buffer(16);
            bench.store(node, (int) head);
            head = node;
        }
        for (long node = head; node != 0; ) {
            long next = careful ? bench.load(node) & 0xffff_ffffL : 0;
            bench.kernel.kfree(node);
            node = careful ? next : bench.load(node) & 0xffff_ffffL;
        }
    }

    private static void countAfterFree(Bench bench, boolean late) {
        long counters = bench.buffer(32);
        if (!late) {
            bench.kernel.memory().amoAdd32(counters, 1);
        }
        bench.kernel.kfree(counters);
        if (late) {
            bench.kernel.memory().amoAdd32(counters, 1);
        }
    }

    private static void oldPointerAfterKrealloc(Bench bench, boolean old) {
        long small = bench.buffer(32);
        long large = bench.kernel.krealloc(small, 200, Gfp.GFP_KERNEL);
        bench.store((old ? small : large) + 8, 3);
        bench.kernel.kfree(large);
    }

    private static void ownCache(Bench bench, int offset) {
        long cache = bench.kernel.kmemCacheCreate("corpus", 20, 0, 0, 0);
        long object = bench.kernel.kmemCacheAlloc(cache, Gfp.GFP_KERNEL);
        bench.store(object + offset, 1);
        bench.kernel.kmemCacheFree(cache, object);
        bench.kernel.kmemCacheDestroy(cache);
    }

    private static void ringPastTheBlock(Bench bench, int entries) {
        long handle = bench.buffer(4);
        long pool = bench.kernel.dmaPoolCreate("ring", bench.dev(), 32, 32, 0);
        long ring = bench.kernel.dmaPoolAlloc(pool, Gfp.GFP_KERNEL, handle);
        for (int i = 0; i < entries; i++) {
            bench.store(ring + 8L * i, i);
        }
        bench.kernel.dmaPoolFree(pool, ring, bench.load(handle) & 0xffff_ffffL);
        bench.kernel.dmaPoolDestroy(pool);
        bench.kernel.kfree(handle);
    }

    private static void elementAfterFree(Bench bench, boolean late) {
        long pool = bench.kernel.mempoolCreateKmallocPool(4, 64);
        long element = bench.kernel.mempoolAlloc(pool, Gfp.GFP_KERNEL);
        if (!late) {
            bench.store(element, 1);
        }
        bench.kernel.mempoolFree(element, pool);
        if (late) {
            bench.store(element, 1);
        }
        bench.kernel.mempoolDestroy(pool);
    }

    private static void reserveAfterFree(Bench bench, boolean late) {
        long cache = bench.kernel.kmemCacheCreate("requests", 64, 0, 0, 0);
        long pool = bench.kernel.mempoolCreateSlabPool(2, cache);
        long[] elements = new long[3];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = bench.kernel.mempoolAlloc(pool, Gfp.GFP_KERNEL);
            bench.store(elements[i], i);
        }
        bench.kernel.mempoolResize(pool, 4, Gfp.GFP_KERNEL);
        for (long element : elements) {
            bench.kernel.mempoolFree(element, pool);
        }
        if (late) {
            bench.load(elements[0]);
        }
        bench.kernel.mempoolDestroy(pool);
        bench.kernel.kmemCacheDestroy(cache);
    }

    private static void twice(Bench bench, boolean twice) {
        long object = bench.buffer(96);
        bench.kernel.kfree(object);
        if (twice) {
            bench.kernel.kfree(object);
        }
    }

    private static void copyTooMuch(Bench bench, int bytes) {
        long from = bench.buffer(128);
        long to = bench.buffer(100);
        bench.kernel.memory().copy(to, from, bytes);
        bench.kernel.kfree(to);
        bench.kernel.kfree(from);
    }

    private static void pageAfterFree(Bench bench, boolean late) {
        long page = bench.kernel.__getFreePages(Gfp.GFP_KERNEL, 0);
        bench.store(page, 1);
        bench.kernel.freePages(page, 0);
        if (late) {
            bench.load(page);
        }
    }

    private static void areaAfterFree(Bench bench, boolean late) {
        long area = bench.kernel.vmalloc(10_000);
        bench.store(area, 1);
        if (!late) {
            bench.load(area);
        }
        bench.kernel.vfree(area);
        if (late) {
            bench.load(area);
        }
    }

    private static void areaPastItsBytes(Bench bench, int offset) {
        long area = bench.kernel.vmalloc(10_000);
        bench.store(area + offset, 1);
        bench.kernel.vfree(area);
    }

    private static void throughAFreedPointer(Bench bench, boolean freed) {
        long list = bench.buffer(16);
        long next = bench.buffer(16);
        bench.store(list, (int) next);
        bench.kernel.kfree(next);
        if (!freed) {
            bench.store(list, 0);
        }
        long follow = bench.load(list) & 0xffff_ffffL;
        if (follow != 0) {
            bench.load(follow);
        }
        bench.kernel.kfree(list);
    }

    private static void nullPointer(Bench bench, boolean checks) {
        long object = bench.kernel.kmalloc(64 << 20, Gfp.GFP_KERNEL | Gfp.__GFP_NOWARN);
        if (!checks || object != 0) {
            bench.store(object + 8, 1);
        }
    }

    private static void listOfOneMore(Bench bench, int entries) {
        long list = bench.buffer(4 * ScatterListLayout.SIZE);
        bench.kernel.sgInitTable(list, entries);
        bench.kernel.kfree(list);
    }

    static List<Story> all() {
        return List.of(
                new Story("a loop reads one word too many", "object-overrun", bench -> sum(bench, 11),
                        bench -> sum(bench, 10)),
                new Story("no room for the NUL of a string", "object-overrun", bench -> terminate(bench, 4),
                        bench -> terminate(bench, 5)),
                new Story("a header before the packet", "object-overrun", bench -> header(bench, -4),
                        bench -> header(bench, 0)),
                new Story("a store far past the end", "object-overrun", bench -> header(bench, 72),
                        bench -> header(bench, 60)),
                new Story("the status is read after the free", "use-after-free",
                        bench -> statusAfterFree(bench, true), bench -> statusAfterFree(bench, false)),
                new Story("a list is freed through its own nodes", "use-after-free",
                        bench -> listThroughFreedNodes(bench, false), bench -> listThroughFreedNodes(bench, true)),
                new Story("an atomic counter after the free", "use-after-free",
                        bench -> countAfterFree(bench, true), bench -> countAfterFree(bench, false)),
                new Story("the old pointer after krealloc", "use-after-free",
                        bench -> oldPointerAfterKrealloc(bench, true), bench -> oldPointerAfterKrealloc(bench, false)),
                new Story("an object of a cache of one's own", "object-overrun", bench -> ownCache(bench, 20),
                        bench -> ownCache(bench, 16)),
                new Story("a ring past its pool block", "object-overrun", bench -> ringPastTheBlock(bench, 5),
                        bench -> ringPastTheBlock(bench, 4)),
                new Story("a memory pool's element after its free", "use-after-free",
                        bench -> elementAfterFree(bench, true), bench -> elementAfterFree(bench, false)),
                new Story("a request from a memory pool after its free", "use-after-free",
                        bench -> reserveAfterFree(bench, true), bench -> reserveAfterFree(bench, false)),
                new Story("a list keeps a freed node", "use-after-free",
                        bench -> throughAFreedPointer(bench, true), bench -> throughAFreedPointer(bench, false)),
                new Story("a failed allocation is used", "kernel-oops", bench -> nullPointer(bench, false),
                        bench -> nullPointer(bench, true)),
                new Story("an object freed twice", "double-free", bench -> twice(bench, true),
                        bench -> twice(bench, false)),
                new Story("a copy longer than its target", "object-overrun", bench -> copyTooMuch(bench, 128),
                        bench -> copyTooMuch(bench, 100)),
                new Story("a page after its free", "page-use-after-free", bench -> pageAfterFree(bench, true),
                        bench -> pageAfterFree(bench, false)),
                new Story("an area after its vfree", "area-use-after-free", bench -> areaAfterFree(bench, true),
                        bench -> areaAfterFree(bench, false)),
                new Story("a scatterlist has an entry more than its table", "object-overrun",
                        bench -> listOfOneMore(bench, 5), bench -> listOfOneMore(bench, 4)),
                new Story("an area past its bytes", "area-overrun", bench -> areaPastItsBytes(bench, 10_000),
                        bench -> areaPastItsBytes(bench, 9_996)));
    }
}
