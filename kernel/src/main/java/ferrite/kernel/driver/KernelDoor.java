package ferrite.kernel.driver;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Rule;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.dma.DmaAsyncTxLayout;
import ferrite.kernel.dma.DmaChannelLayout;
import ferrite.kernel.dma.DmaLayer;
import ferrite.kernel.dma.DmaPoolLayout;
import ferrite.kernel.dma.DmaTxStateLayout;
import ferrite.kernel.dma.ForEachSg;
import ferrite.kernel.dma.ScatterList;
import ferrite.kernel.dma.ScatterListLayout;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.mm.ShrinkerLayout;
import ferrite.kernel.mm.Vmalloc;
import ferrite.kernel.shadow.Blocks;
import java.util.function.LongToIntFunction;

/**
 * Leads each call of {@link KernelCalls} to the part of the kernel that serves it. A row is a line. {@link TaskDoor}
 * has those for locks, tasks, time and interrupts, {@link FileDoor} those for files, {@link DevmDoor} those for managed
 * resources.
 */
@Plumbing
final class KernelDoor extends DevmDoor {

    private static final int WORD = 4;
    /** Entries of a list that are checked. The list may be damaged, and without end. */
    private static final int MAX_CHECKED = 1 << 14;

    private final MemoryManager mm;
    private final BuddyAllocator pages;
    private final Kmalloc kmalloc;
    private final DmaLayer dmaLayer;
    private final ScatterList lists;

    KernelDoor(KernelBase base, Subsystems subsystems, DeviceRecords devices) {
        super(base, subsystems, devices);
        this.mm = subsystems.memory();
        this.pages = mm.pages();
        this.kmalloc = mm.kmalloc();
        this.dmaLayer = subsystems.dma();
        this.lists = dmaLayer.mapping().lists().through(memory);
    }

    @Override
    public KernelMemory memory() {
        return memory;
    }

    @Override
    public int onStack(int bytes, LongToIntFunction body) {
        return tasks.stacks().onStack(bytes, body);
    }

    /** Checks the entries of a list that the kernel is about to read and write. Returns its address. */
    private long usedList(long sgl, int entries) {
        try {
            long sg = sgl;
            for (int i = 0; checks != null && i < Math.min(entries, MAX_CHECKED) && sg != 0; i++) {
                used(sg, ScatterListLayout.SIZE);
                sg = ScatterList.sgNext(base.violations().peek(), sg);
            }
        } catch (BusFault unmapped) {
            // the kernel's own walk will fault there
        }
        return sgl;
    }

    // ---- resources of loaded drivers ----

    /** Notes the memory of an allocation whose flags do not ask for zeros. Returns its address. */
    private long withOldBytes(long va, long bytes, int gfp) {
        if (va != 0 && (gfp & Gfp.__GFP_ZERO) == 0) {
            base.states().notZeroed(va, bytes);
        }
        return va;
    }

    private long tookPages(long page, int order) {
        took(Kind.PAGES, pagesKey(page), AddressSpace.PAGE_SIZE << Math.max(order, 0));
        return page;
    }

    /** Checks bytes of a page that the kernel copies on the driver's behalf. */
    private void usedPage(long page, int offset, int bytes, boolean store) {
        if (checks != null && mm.memMap().isPage(page)) {
            checks.checkPage((mm.memMap().pageToPfn(page) << AddressSpace.PAGE_SHIFT) + offset, bytes, store);
        }
    }

    /** Checks that a DMA pool has not been destroyed. Returns its address. */
    private long livePool(long pool) {
        return live(pool, DmaPoolLayout.BYTES, "DMA pool", "destroyed");
    }

    /** Checks that a channel of the copy engine has not been released. Returns its address. */
    private long liveChannel(long channel) {
        return live(channel, DmaChannelLayout.SIZE, "channel", "released");
    }

    /** Checks that a record of the kernel's is allocated. Returns its address. */
    private long live(long record, int bytes, String what, String gone) {
        used(record, bytes);
        if (checks != null && checks.isBad(record, bytes)) {
            throw new KernelBug("the " + what + " at " + Hex.grouped(record) + " is " + gone, true);
        }
        return record;
    }

    /** Forgets a block of pages if a right free has dropped the last reference to it. */
    private void gaveBackPages(boolean right, long page) {
        if (right && page != 0 && !pages.isAllocated(base.violations().peek(), page)) {
            gaveBack(Kind.PAGES, pagesKey(page));
        }
    }

    /** Checks that whole pages are a driver's own, and not those of another allocator. */
    private void requireDrivers(String call, long page) {
        Blocks.Block block = mm.memMap().isPage(page)
                ? base.states().blocks().at(mm.memMap().pageToPfn(page) << AddressSpace.PAGE_SHIFT) : null;
        if (block != null && base.violations().checks(Rule.PAGE_BAD_FREE)) {
            base.violations().of(Rule.PAGE_BAD_FREE, call + " of frame 0x"
                    + Long.toHexString(mm.memMap().pageToPfn(page)) + ", which is memory of "
                    + block.kind().allocation()).line("instead", "free it with " + block.kind().free())
                    .number("pfn", mm.memMap().pageToPfn(page)).report();
        }
    }

    /** Returns the key of a block of pages: its address, or in high memory that of its {@code struct page}. */
    private long pagesKey(long page) {
        long va = mm.memMap().isPage(page) ? mm.memMap().pageAddress(page) : 0;
        return va == 0 ? page : va;
    }

    private long moved(long from, long to, int bytes) {
        if (to != 0 && to != from) {
            gaveBack(Kind.MEMORY, from);
            took(Kind.MEMORY, to, bytes);
        }
        return to;
    }

    // ---- boot-time memory ----

    @Override public long allocBootmem(int bytes) { return mm.bootmem().allocBootmem(bytes); }
    @Override public long allocBootmemLow(int bytes) { return mm.bootmem().allocBootmemLow(bytes); }
    @Override public long allocBootmemPages(int bytes) { return mm.bootmem().allocBootmemPages(bytes); }
    @Override public long allocBootmemLowPages(int bytes) { return mm.bootmem().allocBootmemLowPages(bytes); }
    @Override public void freeBootmem(long pa, int bytes) { mm.bootmem().freeBootmem(pa, bytes); }
    @Override public long bootmemPiece(String driver, int index) { return mm.bootmem().piece(driver, index); }
    @Override public int bootmemPieceSize(String driver, int index) { return mm.bootmem().pieceBytes(driver, index); }

    // ---- pages ----

    @Override public long __getFreePages(int gfp, int order) {
        int bytes = AddressSpace.PAGE_SIZE << Math.max(order, 0);
        return withOldBytes(took(Kind.PAGES, pages.getFreePages(gfp, order), bytes), bytes, gfp);
    }
    @Override public long __getFreePage(int gfp) { return __getFreePages(gfp, 0); }
    @Override public long getZeroedPage(int gfp) { return __getFreePages(gfp | Gfp.__GFP_ZERO, 0); }
    @Override public long __getDmaPages(int gfp, int order) { return __getFreePages(gfp | Gfp.GFP_DMA, order); }
    @Override public void freePages(long va, int order) {
        requireDrivers("free_pages", mm.memMap().virtToPage(va));
        gaveBackPages(pages.freePagesAt(va, order), mm.memMap().virtToPage(va));
    }
    @Override public void freePage(long va) { freePages(va, 0); }
    @Override public long allocPages(int gfp, int order) {
        long page = tookPages(pages.allocPages(gfp, order), order);
        if (page != 0) {
            withOldBytes(mm.memMap().pageAddress(page), (long) AddressSpace.PAGE_SIZE << Math.max(order, 0), gfp);
        }
        return page;
    }
    @Override public long allocPage(int gfp) { return allocPages(gfp, 0); }
    @Override public long allocPagesNode(int node, int gfp, int order) {
        return node == 0 || node == -1 ? allocPages(gfp, order) : 0;
    }
    @Override public void __freePages(long page, int order) {
        requireDrivers("__free_pages", page);
        gaveBackPages(pages.freePages(page, order), page);
    }
    @Override public void __freePage(long page) { __freePages(page, 0); }
    @Override public void freeColdPage(long page) { gaveBackIf(pages.freeColdPage(page), Kind.PAGES, pagesKey(page)); }
    @Override public void getPage(long page) { pages.getPage(page); }
    @Override public void putPage(long page) {
        pages.putPage(page);
        gaveBackPages(true, page);
    }
    @Override public int getOrder(long bytes) { return Kmalloc.order(bytes); }
    @Override public long pageAddress(long page) { return mm.kmap().pageAddress(page); }
    @Override public long virtToPage(long va) { return mm.memMap().virtToPage(va); }
    @Override public boolean pfnValid(long pfn) { return mm.memMap().isValid(pfn); }
    @Override public long pfnToPage(long pfn) { return mm.memMap().isValid(pfn) ? mm.memMap().pfnToPage(pfn) : 0; }
    @Override public long pageToPfn(long page) { return mm.memMap().pageToPfn(page); }
    @Override public void memcpyFromPage(long to, long page, int offset, int bytes) {
        usedPage(page, offset, bytes, false);
        mm.frames().memcpyFromPage(memory, to, page, offset, bytes);
    }
    @Override public void memcpyToPage(long page, int offset, long from, int bytes) {
        usedPage(page, offset, bytes, true);
        mm.frames().memcpyToPage(memory, page, offset, from, bytes);
    }
    @Override public long kmap(long page) { return mm.kmap().kmap(page); }
    @Override public void kunmap(long page) { mm.kmap().kunmap(page); }
    @Override public long kmapAtomic(long page) { return mm.kmap().kmapAtomic(page); }
    @Override public void kunmapAtomic(long va) { mm.kmap().kunmapAtomic(va); }

    // ---- objects ----

    @Override public long kmalloc(int bytes, int gfp) {
        return withOldBytes(took(Kind.MEMORY, kmalloc.kmalloc(bytes, gfp), bytes), bytes, gfp);
    }
    @Override public long kzalloc(int bytes, int gfp) { return took(Kind.MEMORY, kmalloc.kzalloc(bytes, gfp), bytes); }
    @Override public long kcalloc(int count, int bytes, int gfp) {
        return took(Kind.MEMORY, kmalloc.kcalloc(count, bytes, gfp), count * bytes);
    }
    @Override public long krealloc(long va, int bytes, int gfp) {
        return moved(va, kmalloc.krealloc(va, bytes, gfp), bytes);
    }
    @Override public void kfree(long va) {
        kmalloc.kfree(va);
        gaveBack(Kind.MEMORY, va);
    }
    @Override public int ksize(long va) { return kmalloc.ksize(va); }
    @Override public long kmemCacheCreate(String name, int bytes, int align, int flags, long constructor) {
        return took(Kind.CACHE, mm.caches().create(name, bytes, align, flags, constructor, 0), 0);
    }
    @Override public boolean kmemCacheDestroy(long cache) {
        return gaveBackIf(mm.caches().destroy(cache), Kind.CACHE, cache);
    }
    @Override public long kmemCacheAlloc(long cache, int gfp) {
        long object = took(Kind.OBJECT, mm.caches().objects().alloc(cache, gfp), 0);
        return withOldBytes(object, mm.caches().oldBytes(base.violations().peek(), cache), gfp);
    }
    @Override public long kmemCacheZalloc(long cache, int gfp) { return kmemCacheAlloc(cache, gfp | Gfp.__GFP_ZERO); }
    @Override public void kmemCacheFree(long cache, long object) {
        mm.caches().objects().free(cache, object);
        gaveBack(Kind.OBJECT, object);
    }
    @Override public int kmemCacheShrink(long cache) { return mm.caches().shrink(cache); }
    @Override public long mempoolCreate(int minNr, long alloc, long free, long data) {
        return mm.mempools().mempoolCreate(minNr, alloc, free, data);
    }
    @Override public long mempoolCreateSlabPool(int minNr, long cache) {
        return mm.mempools().mempoolCreateSlabPool(minNr, cache);
    }
    @Override public long mempoolCreateKmallocPool(int minNr, int bytes) {
        return mm.mempools().mempoolCreateKmallocPool(minNr, bytes);
    }
    @Override public long mempoolCreatePagePool(int minNr, int order) {
        return mm.mempools().mempoolCreatePagePool(minNr, order);
    }
    @Override public int mempoolResize(long pool, int minNr, int gfp) {
        return mm.mempools().mempoolResize(pool, minNr, gfp);
    }
    @Override public boolean mempoolDestroy(long pool) { return mm.mempools().mempoolDestroy(pool); }
    @Override public long mempoolAlloc(long pool, int gfp) { return mm.mempools().mempoolAlloc(pool, gfp); }
    @Override public void mempoolFree(long element, long pool) { mm.mempools().mempoolFree(element, pool); }
    @Override public void registerShrinker(long shrinker) {
        mm.shrinkers().register(used(shrinker, ShrinkerLayout.SIZE));
        took(Kind.SHRINKER, shrinker, 0);
    }
    @Override public void unregisterShrinker(long shrinker) {
        mm.shrinkers().unregister(shrinker);
        gaveBack(Kind.SHRINKER, shrinker);
    }

    // ---- areas and addresses ----

    @Override public long vmalloc(long bytes) { return mm.vmalloc().vmalloc(bytes); }
    @Override public long vzalloc(long bytes) { return mm.vmalloc().vzalloc(bytes); }
    @Override public long vmalloc32(long bytes) { return mm.vmalloc().vmalloc32(bytes); }
    @Override public void vfree(long va) { mm.vmalloc().vfree(va); }
    @Override public long ioremap(long pa, long bytes) { return mm.vmalloc().ioremap(pa, bytes); }
    @Override public void iounmap(long va) { mm.vmalloc().iounmap(va); }
    @Override public long getVmArea(long bytes) { return mm.vmalloc().getVmArea(bytes); }
    @Override public int ioremapPageRange(long va, long end, long pa, boolean writable) {
        return mm.vmalloc().ioremapPageRange(va, end, pa, writable);
    }
    @Override public long vmallocToPage(long va) { return mm.vmalloc().vmallocToPage(va); }
    @Override public boolean isVmallocAddr(long va) { return Vmalloc.isVmallocAddr(va); }
    @Override public long virtToPhys(long va) { return mm.virtToPhys(va); }
    @Override public long physToVirt(long pa) { return mm.physToVirt(pa); }

    // ---- per-CPU variables ----

    @Override public long definePerCpu(TextTable.Module text, String name, int bytes, int align) {
        return mm.perCpu().define(text, name, bytes, align);
    }
    @Override public long exportSymbol(TextTable.Module text, String name, Object function) {
        return text.export(name, function);
    }
    @Override public long allocPercpu(int bytes) { return mm.perCpu().allocPercpu(bytes); }
    @Override public long __allocPercpu(int bytes, int align) { return mm.perCpu().__allocPercpu(bytes, align); }
    @Override public void freePercpu(long variable) { mm.perCpu().freePercpu(variable); }
    @Override public long getCpuVar(long variable) { return mm.perCpu().getCpuVar(variable); }
    @Override public void putCpuVar() { mm.perCpu().putCpuVar(); }
    @Override public int getCpu() { return mm.perCpu().getCpu(); }
    @Override public void putCpu() { mm.perCpu().putCpu(); }
    @Override public long perCpuPtr(long variable, int hart) { return mm.perCpu().perCpuPtr(variable, hart); }
    @Override public long thisCpuPtr(long variable) { return mm.perCpu().thisCpuPtr(variable); }
    @Override public int smpProcessorId() { return mm.perCpu().smpProcessorId(); }
    @Override public int numOnlineCpus() { return Integer.bitCount(RootLayout.ONLINE.get(memory, base.root())); }

    // ---- ISA DMA ----

    @Override public int requestDma(int channel, String owner) { return dmaLayer.isa().requestDma(channel, owner); }
    @Override public void freeDma(int channel) { dmaLayer.isa().freeDma(channel); }
    @Override public int claimDmaLock() { return dmaLayer.isa().claimDmaLock(); }
    @Override public void releaseDmaLock(int flags) { dmaLayer.isa().releaseDmaLock(flags); }
    @Override public void setDmaMode(int channel, int mode) { dmaLayer.isa().setDmaMode(channel, mode); }
    @Override public void setDmaAddr(int channel, long dma) { dmaLayer.isa().setDmaAddr(channel, dma); }
    @Override public void setDmaCount(int channel, int bytes) { dmaLayer.isa().setDmaCount(channel, bytes); }
    @Override public void enableDma(int channel) { dmaLayer.isa().enableDma(channel); }
    @Override public void disableDma(int channel) { dmaLayer.isa().disableDma(channel); }
    @Override public void clearDmaFf(int channel) { dmaLayer.isa().clearDmaFf(channel); }
    @Override public int getDmaResidue(int channel) { return dmaLayer.isa().getDmaResidue(channel); }
    @Override public boolean takeDmaError(int channel) { return dmaLayer.isa().takeDmaError(channel); }

    // ---- the generic DMA layer ----

    @Override public boolean dmaSupported(long dev, long mask) { return dmaLayer.mapping().dmaSupported(dev, mask); }
    @Override public int dmaSetMask(long dev, long mask) { return dmaLayer.mapping().dmaSetMask(dev, mask); }
    @Override public int dmaSetCoherentMask(long dev,
            long mask) { return dmaLayer.mapping().dmaSetCoherentMask(dev, mask); }
    @Override public int dmaSetMaskAndCoherent(long dev, long mask) {
        return dmaLayer.mapping().dmaSetMaskAndCoherent(dev, mask);
    }
    @Override public void dmaSetMaxSegSize(long dev, int bytes) { dmaLayer.mapping().dmaSetMaxSegSize(dev, bytes); }
    @Override public int dmaGetMaxSegSize(long dev) { return dmaLayer.mapping().dmaGetMaxSegSize(dev); }
    @Override public void dmaSetSegBoundary(long dev, long mask) { dmaLayer.mapping().dmaSetSegBoundary(dev, mask); }
    @Override public long dmaGetSegBoundary(long dev) { return dmaLayer.mapping().dmaGetSegBoundary(dev); }
    @Override public int dmaMaxMappingSize(long dev) { return dmaLayer.mapping().dmaMaxMappingSize(dev); }
    @Override public long dmaAllocCoherent(long dev, int bytes, long handleVa, int gfp) {
        return dmaLayer.mapping().dmaAllocCoherent(dev, bytes, used(handleVa, WORD), gfp);
    }
    @Override public void dmaFreeCoherent(long dev, int bytes, long va, long handle) {
        dmaLayer.mapping().dmaFreeCoherent(dev, bytes, va, handle);
    }
    @Override public long dmaMapSingle(long dev, long va, int bytes, int direction) {
        return dmaLayer.mapping().dmaMapSingle(dev, va, bytes, direction);
    }
    @Override public void dmaUnmapSingle(long dev, long dma, int bytes, int direction) {
        dmaLayer.mapping().dmaUnmapSingle(dev, dma, bytes, direction);
    }
    @Override public long dmaMapPage(long dev, long page, int offset, int bytes, int direction) {
        return dmaLayer.mapping().dmaMapPage(dev, page, offset, bytes, direction);
    }
    @Override public void dmaUnmapPage(long dev, long dma, int bytes, int direction) {
        dmaLayer.mapping().dmaUnmapPage(dev, dma, bytes, direction);
    }
    @Override public int dmaMappingError(long dev, long dma) { return dmaLayer.mapping().dmaMappingError(dev, dma); }
    @Override public void dmaSyncSingleForCpu(long dev, long dma, int bytes, int direction) {
        dmaLayer.mapping().dmaSyncSingleForCpu(dev, dma, bytes, direction);
    }
    @Override public void dmaSyncSingleForDevice(long dev, long dma, int bytes, int direction) {
        dmaLayer.mapping().dmaSyncSingleForDevice(dev, dma, bytes, direction);
    }
    @Override public void dmaSyncSingleRangeForCpu(long dev, long dma, int offset, int bytes, int direction) {
        dmaLayer.mapping().dmaSyncSingleRangeForCpu(dev, dma, offset, bytes, direction);
    }
    @Override public void dmaSyncSingleRangeForDevice(long dev, long dma, int offset, int bytes, int direction) {
        dmaLayer.mapping().dmaSyncSingleRangeForDevice(dev, dma, offset, bytes, direction);
    }
    @Override public int dmaMapSg(long dev, long sgl, int entries, int direction) {
        return dmaLayer.mapping().dmaMapSg(dev, usedList(sgl, entries), entries, direction);
    }
    @Override public void dmaUnmapSg(long dev, long sgl, int entries, int direction) {
        dmaLayer.mapping().dmaUnmapSg(dev, usedList(sgl, entries), entries, direction);
    }
    @Override public void dmaSyncSgForCpu(long dev, long sgl, int entries, int direction) {
        dmaLayer.mapping().dmaSyncSgForCpu(dev, sgl, entries, direction);
    }
    @Override public void dmaSyncSgForDevice(long dev, long sgl, int entries, int direction) {
        dmaLayer.mapping().dmaSyncSgForDevice(dev, sgl, entries, direction);
    }
    @Override public long dmaPoolCreate(String name, long dev, int bytes, int align, int boundary) {
        return dmaLayer.pools().dmaPoolCreate(name, dev, bytes, align, boundary);
    }
    @Override public boolean dmaPoolDestroy(long pool) { return dmaLayer.pools().dmaPoolDestroy(livePool(pool)); }
    @Override public long dmaPoolAlloc(long pool, int gfp, long handleVa) {
        return dmaLayer.pools().dmaPoolAlloc(livePool(pool), gfp, used(handleVa, WORD));
    }
    @Override public long dmaPoolZalloc(long pool, int gfp, long handleVa) {
        return dmaLayer.pools().dmaPoolZalloc(livePool(pool), gfp, used(handleVa, WORD));
    }
    @Override public void dmaPoolFree(long pool, long va, long dma) {
        dmaLayer.pools().dmaPoolFree(livePool(pool), va, dma);
    }
    @Override public int dmaAsyncDeviceRegister(long engine,
            long data) { return dmaLayer.engine().register(engine, data); }
    @Override public void dmaAsyncDeviceUnregister() { dmaLayer.engine().unregister(); }
    @Override public long dmaRequestChan() { return dmaLayer.engine().dev(); }
    @Override public int dmaMemcpy(long targetDma, long sourceDma, int bytes) {
        return dmaLayer.engine().memcpy(targetDma, sourceDma, bytes);
    }
    @Override public int dmaMemcpySg(long target, int targetSegments, long source, int sourceSegments) {
        return dmaLayer.engine().memcpySg(usedList(target, targetSegments), targetSegments,
                usedList(source, sourceSegments), sourceSegments);
    }

    // ---- transfers of the copy engine ----

    @Override public long dmaRequestChannel(int mask) {
        return took(Kind.ENGINE_CHANNEL, dmaLayer.engine().requestChannel(mask), 0);
    }
    @Override public void dmaReleaseChannel(long channel) {
        dmaLayer.engine().releaseChannel(liveChannel(channel));
        gaveBack(Kind.ENGINE_CHANNEL, channel);
    }
    @Override public long dmaenginePrepDmaMemcpy(long channel, long targetDma, long sourceDma, int bytes, int flags) {
        return dmaLayer.engine().prepMemcpy(liveChannel(channel), targetDma, sourceDma, bytes, flags);
    }
    @Override public long dmaenginePrepDmaSg(long channel, long target, int targetSegments, long source,
            int sourceSegments, int flags) {
        return dmaLayer.engine().prepSg(liveChannel(channel), usedList(target, targetSegments), targetSegments,
                usedList(source, sourceSegments), sourceSegments, flags);
    }
    @Override public int dmaengineSubmit(long descriptor) {
        return dmaLayer.engine().submit(live(descriptor, DmaAsyncTxLayout.SIZE, "DMA descriptor", "freed"));
    }
    @Override public void dmaAsyncIssuePending(long channel) { dmaLayer.engine().issuePending(liveChannel(channel)); }
    @Override public int dmaengineTxStatus(long channel, int cookie, long state) {
        return dmaLayer.engine().status(liveChannel(channel), cookie,
                state == 0 ? 0 : used(state, DmaTxStateLayout.SIZE));
    }
    @Override public int dmaAsyncIsTxComplete(long channel, int cookie) {
        return dmaLayer.engine().status(liveChannel(channel), cookie, 0);
    }
    @Override public int dmaengineTerminateAsync(long channel) {
        return dmaLayer.engine().terminateAsync(liveChannel(channel));
    }
    @Override public int dmaengineTerminateSync(long channel) {
        return dmaLayer.engine().terminateSync(liveChannel(channel));
    }
    @Override public void dmaengineSynchronize(long channel) { dmaLayer.engine().synchronize(liveChannel(channel)); }
    @Override public void vchanCookieComplete(boolean successful) {
        dmaLayer.engine().complete(successful);
    }

    // ---- scatterlists ----

    @Override public void sgInitTable(long sgl, int entries) { lists.sgInitTable(sgl, entries); }
    @Override public void sgSetPage(long sg, long page, int length, int offset) {
        lists.sgSetPage(sg, page, length, offset);
    }
    @Override public void sgSetBuf(long sg, long va, int length) { lists.sgSetBuf(sg, va, length); }
    @Override public void sgChain(long sgl, int entries, long next) {
        lists.sgChain(sgl, entries, next);
    }
    @Override public long sgNext(long sg) { return lists.sgNext(sg); }
    @Override public void forEachSg(long sgl, int entries, ForEachSg body) {
        lists.forEachSg(sgl, entries, body);
    }
    @Override public long sgPage(long sg) { return lists.sgPage(sg); }
    @Override public int sgOffset(long sg) { return lists.sgOffset(sg); }
    @Override public int sgLength(long sg) { return lists.sgLength(sg); }
    @Override public long sgPhys(long sg) { return lists.sgPhys(sg); }
    @Override public long sgVirt(long sg) { return lists.sgVirt(sg); }
    @Override public long sgDmaAddress(long sg) { return lists.sgDmaAddress(sg); }
    @Override public int sgDmaLen(long sg) { return lists.sgDmaLen(sg); }

    // ---- files ----

    @Override public void registerConsole(long terminal, long data) { files.registerConsole(terminal, data); }
    @Override public void registerPowerOff(long powerOff, long data) {
        RootLayout.POWER_OFF_DATA.set(memory, base.root(), data);
        RootLayout.POWER_OFF.set(memory, base.root(), powerOff);
    }
}
