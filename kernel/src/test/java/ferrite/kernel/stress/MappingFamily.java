package ferrite.kernel.stress;

import static ferrite.kernel.KernelFixture.check;

import ferrite.hardware.bus.BusMaster;
import ferrite.kernel.Kernel;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.dma.DmaDeviceLayout;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.dma.DmaMapping;
import ferrite.kernel.dma.ScatterListLayout;
import java.util.Arrays;
import java.util.Random;

/**
 * {@code dma_map_sg} of two neighbouring pages in any zone, or {@code dma_map_page} of a part of one. The test itself
 * is the device, a bus master with 23 address bits that cannot reach all memory. Exactly the mapped bytes must arrive
 * at the other side, while other tasks allocate and free.
 */
final class MappingFamily implements Family {

    static final long MASK = DmaAddress.bitMask(23);

    private static final BusMaster DEVICE = new BusMaster("stress", 23);
    private static final int PAGE = 4096;
    private static final int HANDLE = DmaDeviceLayout.SIZE;
    private static final int SGL = HANDLE + 4;
    private static final int BYTES = SGL + 2 * ScatterListLayout.SIZE;
    private static final int[] ZONES = {Gfp.GFP_KERNEL | Gfp.GFP_DMA, Gfp.GFP_KERNEL, Gfp.GFP_HIGHUSER};
    private static final int[] DIRECTIONS = {DmaDirection.DMA_FROM_DEVICE, DmaDirection.DMA_TO_DEVICE,
            DmaDirection.DMA_BIDIRECTIONAL};
    private static final int LIST = 2 * PAGE;

    /** Triggers the allocations of the first device that all of them share. In a task. */
    static void setUp(KernelFixture fixture) {
        long dev = device(fixture, DmaDeviceLayout.SIZE);
        check(dev != 0, "no device");
        fixture.kernel().calls().kfree(dev);
    }

    /** Allocates a device; {@code bytes} may leave room after its record. Returns 0 if there is no memory. */
    static long device(KernelFixture fixture, int bytes) {
        long dev = fixture.kernel().calls().kzalloc(bytes, Gfp.GFP_KERNEL | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN);
        check(dev == 0 || fixture.kernel().dma().mapping().dmaSetMaskAndCoherent(dev, MASK) == 0, "a mask");
        return dev;
    }

    /** The size also selects the call: two pages are a list. */
    @Override
    public Request random(Random random, boolean atomic) {
        int size = random.nextBoolean() ? LIST : 16 + random.nextInt(PAGE - 64);
        return new Request(ZONES[random.nextInt(ZONES.length)] | Gfp.__GFP_NORETRY | Gfp.__GFP_NOWARN
                | (random.nextInt(3) == 0 ? Gfp.__GFP_COLD : 0), size);
    }

    @Override
    public boolean mayBeAtomic() {
        return false;
    }

    @Override
    public void prepare(KernelFixture fixture) {
        setUp(fixture);
    }

    private static int direction(Request request) {
        return DIRECTIONS[request.size() == LIST ? (request.gfp() & Gfp.__GFP_COLD) != 0 ? 1 : 0 : request.size() % 3];
    }

    @Override
    public Piece allocate(KernelFixture fixture, Request request) {
        Kernel kernel = fixture.kernel();
        boolean list = request.size() == LIST;
        long dev = device(fixture, BYTES);
        long page = dev == 0 ? 0 : kernel.calls().allocPages(request.gfp(), list ? 1 : 0);
        if (page == 0) {
            kernel.calls().kfree(dev);
            return null;
        }
        int value = (int) kernel.calls().pageToPfn(page) & 0x7f;
        put(fixture, page, request, value);
        if (!(list ? mapList(fixture, dev, page, direction(request)) : mapPage(fixture, dev, page, request))) {
            kernel.calls().__freePages(page, list ? 1 : 0);
            kernel.calls().kfree(dev);
            return null;
        }
        return new Piece(dev, 0, kernel.calls().pageToPfn(page) << 12, list ? LIST : PAGE);
    }

    private static boolean mapList(KernelFixture fixture, long dev, long page, int direction) {
        DmaMapping dma = fixture.kernel().dma().mapping();
        dma.lists().sgInitTable(dev + SGL, 2);
        dma.lists().forEachSg(dev + SGL, 2, (sg, i) -> dma.lists().sgSetPage(sg, page + 32L * i, PAGE, 0));
        return dma.dmaMapSg(dev, dev + SGL, 2, direction) != 0;
    }

    private static boolean mapPage(KernelFixture fixture, long dev, long page, Request request) {
        DmaMapping dma = fixture.kernel().dma().mapping();
        long handle = dma.dmaMapPage(dev, page, 32, request.size(), direction(request));
        fixture.memory().storeAddress(dev + HANDLE, handle);
        return dma.dmaMappingError(dev, handle) == 0;
    }

    @Override
    public void free(KernelFixture fixture, Request request, Piece piece) {
        Kernel kernel = fixture.kernel();
        DmaMapping dma = kernel.dma().mapping();
        boolean list = request.size() == LIST;
        int direction = direction(request);
        long page = kernel.calls().pfnToPage(piece.pa() >> 12);
        int value = (int) (piece.pa() >> 12) & 0x7f;
        boolean writes = direction != DmaDirection.DMA_TO_DEVICE;
        if (list) {
            int[] seen = {0};
            for (long sg = piece.key() + SGL; seen[0] < LIST; sg += ScatterListLayout.SIZE) {
                device(fixture, dma.lists().sgDmaAddress(sg), dma.lists().sgDmaLen(sg), value, writes);
                seen[0] += dma.lists().sgDmaLen(sg);
            }
            dma.dmaUnmapSg(piece.key(), piece.key() + SGL, 2, direction);
        } else {
            long handle = fixture.memory().loadAddress(piece.key() + HANDLE);
            device(fixture, handle, request.size(), value, writes);
            dma.dmaUnmapPage(piece.key(), handle, request.size(), direction);
        }
        look(fixture, page, request, value, writes ? value + 0x80 : value);
        kernel.calls().__freePages(page, list ? 1 : 0);
        kernel.calls().kfree(piece.key());
    }

    /** Checks and writes the bytes from the device's side. */
    private static void device(KernelFixture fixture, long dma, int bytes, int value, boolean writes) {
        byte[] found = new byte[bytes];
        fixture.machine.bus().read(DEVICE, dma, found, 0, bytes);
        check(found[0] == value && found[bytes - 1] == value,
                "the device finds " + found[0] + " and " + found[bytes - 1] + " where " + value + " was put");
        if (writes) {
            Arrays.fill(found, (byte) (value + 0x80));
            fixture.machine.bus().write(DEVICE, dma, found, 0, bytes);
        }
    }

    private static void put(KernelFixture fixture, long page, Request request, int value) {
        for (long each = page; each < page + (request.size() == LIST ? 64 : 32); each += 32) {
            long va = fixture.kernel().mm().kmap().kmapAtomic(each);
            fixture.memory().fill(va, value, PAGE);
            fixture.kernel().mm().kmap().kunmapAtomic(va);
        }
    }

    private static void look(KernelFixture fixture, long page, Request request, int outside, int inside) {
        boolean list = request.size() == LIST;
        int from = list ? 0 : 32;
        int end = list ? PAGE : 32 + request.size();
        for (long each = page; each < page + (list ? 64 : 32); each += 32) {
            long va = fixture.kernel().mm().kmap().kmapAtomic(each);
            byte[] bytes = new byte[PAGE];
            fixture.memory().read(va, bytes, 0, PAGE);
            fixture.kernel().mm().kmap().kunmapAtomic(va);
            for (int i = 0; i < PAGE; i++) {
                int expected = i >= from && i < end ? inside : outside;
                check((bytes[i] & 0xff) == expected,
                        "byte " + i + " is " + (bytes[i] & 0xff) + " after unmapping, not " + expected);
            }
        }
    }

    @Override
    public boolean zeroed(Request request) {
        return false;
    }

    @Override
    public String describe(Request request) {
        return (request.size() == LIST ? "a list of two pages" : request.size() + " bytes of a page")
                + " with " + Gfp.names(request.gfp()) + ", mapped";
    }
}
