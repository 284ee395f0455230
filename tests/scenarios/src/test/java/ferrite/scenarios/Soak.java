package ferrite.scenarios;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.dma.DmaMapping;
import ferrite.kernel.dma.ScatterListLayout;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.mm.Zones;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * The resources of a task of {@link SoakTest}, of every family of LDD3's chapter 8: taken, marked, checked and given
 * back. A map of all resources in use proves that none overlap. It knows nothing of the allocators.
 */
final class Soak {

    /** A resource in use: its addresses, and the action that checks its marks and gives it back. */
    record Thing(String what, long at, long bytes, Runnable giveBack) { }

    static final int KINDS = 11;
    /** The first of the kinds that are used up at once. */
    private static final int USED_UP_AT_ONCE = 9;
    private static final int PAGE = 4096;
    private static final int[] ZONES = {Gfp.GFP_KERNEL | Gfp.GFP_DMA, Gfp.GFP_KERNEL, Gfp.GFP_HIGHUSER};
    private static final int FULL_PERCENT = 95;
    private static final int OBJECT_BYTES = 200;
    private static final int BLOCK_BYTES = 80;
    private static final int ELEMENT_BYTES = 300;

    private final Kernel kernel;
    private final KernelMemory memory;
    private final byte[] disk;
    private final TreeMap<Long, Thing> out = new TreeMap<>();
    private final long cache;
    private final long elements;
    private final long dev;
    private final long blocks;
    private int marks;
    final int[] taken = new int[KINDS];
    int refused;

    /** Creates the cache and the pools. Call this in a task. */
    Soak(Kernel kernel, byte[] disk) {
        this.kernel = kernel;
        this.memory = kernel.base().memory();
        this.disk = disk;
        cache = kernel.calls().kmemCacheCreate("soak", OBJECT_BYTES, 0, 0, 0);
        elements = kernel.mm().mempools().mempoolCreateKmallocPool(8, ELEMENT_BYTES);
        dev = kernel.dma().engine().dev();
        blocks = kernel.dma().pools().dmaPoolCreate("soak", dev, BLOCK_BYTES, 16, 512);
    }

    /** Destroys the cache and the pools. Call this in a task, after everything is given back. */
    void end() {
        check(out.isEmpty(), "still in use: " + out.values());
        check(kernel.calls().kmemCacheDestroy(cache) && kernel.mm().mempools().mempoolDestroy(elements)
                && kernel.dma().pools().dmaPoolDestroy(blocks), "a cache or pool still has objects in use");
    }

    /** Fills each zone to 95 percent with pages that are never given back. Call this in a task. */
    static void fill(Kernel kernel) {
        for (int zone = Zones.HIGHMEM; zone >= Zones.DMA; zone--) {
            long all = kernel.mm().zones().spanned(kernel.base().memory(), zone);
            while (kernel.mm().zones().free(kernel.base().memory(), zone) > all * (100 - FULL_PERCENT) / 100
                    && kernel.calls().allocPage(ZONES[zone] | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN) != 0) {
                kernel.base().cpu().relax();
            }
            check(kernel.mm().zones().free(kernel.base().memory(), zone) <= all * (100 - FULL_PERCENT) / 100,
                    "zone " + Zones.name(zone) + " is not full");
        }
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** Takes a resource of a random kind. Returns null if there is no memory, or if the kind is used up at once. */
    Thing take(Random random) {
        return take(random, random.nextInt(KINDS));
    }

    /** Takes a resource of a random kind that is not used up at once, see {@link #take(Random)}. */
    Thing takeMemory(Random random) {
        return take(random, random.nextInt(USED_UP_AT_ONCE));
    }

    private Thing take(Random random, int kind) {
        Thing thing = switch (kind) {
            case 0 -> pages(random, random.nextInt(4), flags(random));
            case 1 -> object(random, 8 + random.nextInt(1 << 3 + random.nextInt(11)));
            case 2 -> marked("an object", kernel.calls().kmemCacheAlloc(cache, maySleep(random)), OBJECT_BYTES,
                    va -> kernel.calls().kmemCacheFree(cache, va));
            case 3 -> area(random);
            case 4 -> mapped(random);
            case 5 -> perCpu(random);
            case 6 -> marked("an element", kernel.mm().mempools().mempoolAlloc(elements,
                    random.nextInt(3) == 0 ? Gfp.GFP_KERNEL : Gfp.GFP_ATOMIC), ELEMENT_BYTES & -4,
                    va -> kernel.mm().mempools().mempoolFree(va, elements));
            case 7 -> block(maySleep(random));
            case 8 -> forDevice(random);
            case 9 -> copied(random);
            default -> readFromDisk(random);
        };
        if (kind < USED_UP_AT_ONCE) {
            taken[kind] += thing == null ? 0 : 1;
            refused += thing == null ? 1 : 0;
        }
        return thing;
    }

    /** Takes a resource in an interrupt handler, without sleeping. */
    Thing takeAtomic(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> pages(random, 0, Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN);
            case 1 -> marked("an object", kernel.calls().kmemCacheAlloc(cache, Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN),
                    OBJECT_BYTES, va -> kernel.calls().kmemCacheFree(cache, va));
            case 2 -> marked("kmalloc memory", kernel.calls().kmalloc(64, Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN), 64,
                    kernel.calls()::kfree);
            default -> block(Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN);
        };
    }

    void giveBack(Thing thing) {
        check(out.remove(thing.at) == thing, thing.what + " was given to somebody else meanwhile");
        thing.giveBack.run();
    }

    private static int flags(Random random) {
        return ZONES[random.nextInt(ZONES.length)] | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN;
    }

    private static int maySleep(Random random) {
        return (random.nextInt(3) == 0 ? Gfp.GFP_ATOMIC : Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY) | Gfp.__GFP_NOWARN;
    }

    private Thing claim(String what, long at, long bytes, Runnable giveBack) {
        Thing thing = new Thing(what, at, bytes, giveBack);
        Map.Entry<Long, Thing> below = out.lowerEntry(at + bytes);
        check(below == null || below.getKey() + below.getValue().bytes <= at,
                what + " at 0x" + Long.toHexString(at) + " overlaps " + (below == null ? "" : below.getValue()));
        out.put(at, thing);
        return thing;
    }

    private interface Free {
        void free(long va);
    }

    /** Takes memory in the linear map, and marks its first and last word. */
    private Thing marked(String what, long va, int bytes, Free free) {
        if (va == 0) {
            return null;
        }
        int mark = ++marks;
        memory.store32(va, mark);
        memory.store32(va + bytes - 4, mark);
        return claim(what, kernel.calls().virtToPhys(va), bytes, () -> {
            check(memory.load32(va) == mark && memory.load32(va + bytes - 4) == mark,
                    what + " at 0x" + Long.toHexString(va) + " was written to");
            free.free(va);
        });
    }

    private Thing object(Random random, int bytes) {
        return marked("kmalloc memory", kernel.calls().kmalloc(bytes, maySleep(random)), bytes & -4,
                kernel.calls()::kfree);
    }

    private void mark(long page, int mark) {
        long va = kernel.mm().kmap().kmapAtomic(page);
        memory.store32(va, mark);
        memory.store32(va + PAGE - 4, mark);
        kernel.mm().kmap().kunmapAtomic(va);
    }

    private void look(long page, int mark, String what) {
        long va = kernel.mm().kmap().kmapAtomic(page);
        check(memory.load32(va) == mark && memory.load32(va + PAGE - 4) == mark,
                what + ": frame 0x" + Long.toHexString(kernel.calls().pageToPfn(page)) + " was written to");
        kernel.mm().kmap().kunmapAtomic(va);
    }

    private Thing pages(Random random, int order, int gfp) {
        long page = kernel.calls().allocPages(gfp, order);
        if (page == 0) {
            return null;
        }
        int mark = ++marks;
        for (int i = 0; i < 1 << order; i++) {
            mark(page + 32L * i, mark);
        }
        return claim("pages of order " + order, kernel.calls().pageToPfn(page) << 12, (long) PAGE << order, () -> {
            for (int i = 0; i < 1 << order; i++) {
                look(page + 32L * i, mark, "pages");
            }
            kernel.calls().__freePages(page, order);
        });
    }

    private Thing area(Random random) {
        int count = 1 + random.nextInt(5);
        long va = random.nextBoolean() ? kernel.mm().vmalloc().vmalloc(count * PAGE)
                : kernel.mm().vmalloc().vmalloc32(count * PAGE);
        if (va == 0) {
            return null;
        }
        int mark = ++marks;
        for (int i = 0; i < count; i++) {
            memory.store32(va + (long) i * PAGE, mark);
        }
        return claim("an area", va, (long) count * PAGE, () -> {
            for (int i = 0; i < count; i++) {
                check(memory.load32(va + (long) i * PAGE) == mark, "an area was written to");
            }
            kernel.mm().vmalloc().vfree(va);
        });
    }

    private Thing mapped(Random random) {
        long page = kernel.calls().allocPage(Gfp.GFP_HIGHUSER | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN);
        if (page == 0) {
            return null;
        }
        int mark = ++marks;
        long va = kernel.mm().kmap().kmap(page);
        memory.store32(va + 8, mark);
        return claim("a kmapped page", kernel.calls().pageToPfn(page) << 12, PAGE, () -> {
            check(memory.load32(va + 8) == mark, "a kmapped page was written to");
            kernel.mm().kmap().kunmap(page);
            kernel.calls().__freePage(page);
        });
    }

    private Thing perCpu(Random random) {
        long variable = kernel.mm().perCpu().allocPercpu(4 * (1 + random.nextInt(40)));
        if (variable == 0) {
            return null;
        }
        for (int i = 0; i < 5; i++) {
            long mine = kernel.mm().perCpu().getCpuVar(variable);
            memory.store32(mine, memory.load32(mine) + 1);
            kernel.mm().perCpu().putCpuVar();
        }
        return claim("a per-CPU variable", variable, 4, () -> {
            int sum = 0;
            for (int hart = 0; hart < kernel.base().harts(); hart++) {
                sum += memory.load32(kernel.mm().perCpu().perCpuPtr(variable, hart));
            }
            check(sum == 5, "the harts counted to " + sum);
            kernel.mm().perCpu().freePercpu(variable);
        });
    }

    private Thing block(int gfp) {
        long handle = kernel.calls().kmalloc(8, Gfp.GFP_ATOMIC | Gfp.__GFP_NOWARN);
        long va = handle == 0 ? 0 : kernel.dma().pools().dmaPoolAlloc(blocks, gfp, handle);
        long dma = va == 0 ? 0 : memory.loadAddress(handle);
        kernel.calls().kfree(handle);
        check(va == 0 || dma / 512 == (dma + BLOCK_BYTES - 1) / 512 && dma < 1 << 24,
                "a block at 0x" + Long.toHexString(dma));
        return marked("a block", va, BLOCK_BYTES, each -> kernel.dma().pools().dmaPoolFree(blocks, each, dma));
    }

    /** Takes a page that belongs to the device, perhaps through a bounce buffer, until it is given back. */
    private Thing forDevice(Random random) {
        long page = kernel.calls().allocPage(flags(random));
        if (page == 0) {
            return null;
        }
        int mark = ++marks;
        mark(page, mark);
        DmaMapping dma = kernel.dma().mapping();
        long handle = dma.dmaMapPage(dev, page, 0, PAGE, DmaDirection.DMA_BIDIRECTIONAL);
        if (dma.dmaMappingError(dev, handle) != 0) {
            kernel.calls().__freePage(page);
            return null;
        }
        return claim("a mapped page", kernel.calls().pageToPfn(page) << 12, PAGE, () -> {
            dma.dmaUnmapPage(dev, handle, PAGE, DmaDirection.DMA_BIDIRECTIONAL);
            look(page, mark, "a page that was mapped");
            kernel.calls().__freePage(page);
        });
    }

    // ---- kinds that are used up at once ----

    private Thing copied(Random random) {
        int count = 1 + random.nextInt(3);
        long lists = kernel.calls().kzalloc(2 * count * ScatterListLayout.SIZE,
                Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN);
        if (lists == 0) {
            return null;
        }
        long[] pages = new long[2 * count];
        boolean all = true;
        for (int i = 0; i < pages.length; i++) {
            pages[i] = kernel.calls().allocPage(flags(random));
            all &= pages[i] != 0;
        }
        if (all) {
            copy(lists, pages, count);
        }
        for (long page : pages) {
            if (page != 0) {
                kernel.calls().__freePage(page);
            }
        }
        kernel.calls().kfree(lists);
        return null;
    }

    private void copy(long lists, long[] pages, int count) {
        DmaMapping dma = kernel.dma().mapping();
        long target = lists + (long) count * ScatterListLayout.SIZE;
        dma.lists().sgInitTable(lists, count);
        dma.lists().sgInitTable(target, count);
        int mark = ++marks;
        for (int i = 0; i < count; i++) {
            mark(pages[i], mark + i);
            mark(pages[count + i], 0);
            dma.lists().sgSetPage(lists + (long) i * ScatterListLayout.SIZE, pages[i], PAGE, 0);
            dma.lists().sgSetPage(target + (long) i * ScatterListLayout.SIZE, pages[count + i], PAGE, 0);
        }
        marks += count;
        int from = dma.dmaMapSg(dev, lists, count, DmaDirection.DMA_TO_DEVICE);
        int to = from == 0 ? 0 : dma.dmaMapSg(dev, target, count, DmaDirection.DMA_FROM_DEVICE);
        int result = to == 0 ? -Errno.ENOMEM : kernel.dma().engine().memcpySg(target, to, lists, from);
        check(result == 0 || result == -Errno.ENOMEM, "the copy engine: " + Errno.message(result));
        if (to != 0) {
            dma.dmaUnmapSg(dev, target, count, DmaDirection.DMA_FROM_DEVICE);
        }
        if (from != 0) {
            dma.dmaUnmapSg(dev, lists, count, DmaDirection.DMA_TO_DEVICE);
        }
        for (int i = 0; i < count; i++) {
            look(pages[i], mark + i, "what was copied from");
            look(pages[count + i], result == 0 ? mark + i : 0, "what was copied to");
        }
        taken[9] += result == 0 ? 1 : 0;
    }

    private Thing readFromDisk(Random random) {
        int file = kernel.files().open("/dev/disk0", Fcntl.O_RDONLY);
        if (file < 0) {
            check(file == -Errno.ENOMEM, "open: " + Errno.message(file));
            return null;
        }
        int bytes = 512 * (1 + random.nextInt(4));
        int position = random.nextInt(disk.length - bytes);
        long buffer = kernel.calls().kmalloc(bytes, Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN);
        if (buffer != 0) {
            kernel.files().lseek(file, position, Fcntl.SEEK_SET);
            int read = kernel.files().read(file, buffer, bytes);
            check(read == bytes, "read: " + read);
            byte[] found = new byte[bytes];
            memory.read(buffer, found, 0, bytes);
            check(java.util.Arrays.equals(found, 0, bytes, disk, position, position + bytes),
                    "the disk has other bytes at " + position);
            kernel.calls().kfree(buffer);
            taken[10]++;
        }
        kernel.files().close(file);
        return null;
    }
}
