package ferrite.kernel.mm;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.FrameWatch;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.TranslationWatch;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.work.WorkQueues;
import java.util.List;
import java.util.function.Consumer;

/** The kernel's memory: frames, zones, and every allocator of LDD3 chapter 8 except those for DMA. */
public final class MemoryManager {

    /** Lookaside caches with records that boot has allocated. */
    public enum StaticCache {
        KMEM_CACHE(RootLayout.KMEM_CACHE), TASK_STRUCT(RootLayout.TASK_CACHE), FILP(RootLayout.FILE_CACHE);

        private final Pointer address;

        StaticCache(Pointer address) {
            this.address = address;
        }
    }

    /** The harts' records and, after them, the records of {@link StaticCache}. */
    private static final int PER_CPU_BYTES = Machine.MAX_HARTS * PerCpuLayout.SIZE
            + StaticCache.values().length * KmemCacheLayout.BYTES;
    /**
     * Memory that boot allocates for the memory manager. The harts' records come first, because they are aligned to
     * cache lines.
     */
    public static final List<StaticData> STATIC_DATA = List.of(new StaticData(RootLayout.PER_CPU, PER_CPU_BYTES),
            new StaticData(RootLayout.KMALLOC_CACHES, Kmalloc.CACHES_BYTES),
            new StaticData(RootLayout.PAGE_SETS, PageSets.BYTES),
            new StaticData(RootLayout.VMALLOC, VmallocLayout.BYTES), new StaticData(RootLayout.KMAP, KmapLayout.BYTES));

    private final KernelBase base;
    private final PageFrames frames;
    private final Bootmem bootmem;
    private final Reclaim reclaim;
    private final BuddyAllocator pages;
    private final KmemCaches caches;
    private final Kmalloc kmalloc;
    private final Vmalloc vmalloc;
    private final Kswapd kswapd;
    private final KernelStacks stacks;
    private final Kmap kmap;
    private final PerCpu perCpu;
    private final Mempool mempools;
    private final PageFaults faults;
    private final PageAccessChecks accesses;
    private final ObjectAccessChecks objectAccesses;

    /** Finds memory after boot has filled the root page. Only reads. */
    public MemoryManager(KernelBase base, Machine machine, TaskSystem tasks, WorkQueues work) {
        this.base = base;
        MemMap memMap = new MemMap(base.space(), base.rootAddress(RootLayout.MEM_MAP),
                RootLayout.FRAMES.get(base.peek(), base.root()), RootLayout.LOW_FRAMES.get(base.peek(), base.root()));
        Zones zones = new Zones(RootLayout.ZONES.at(base.root()));
        frames = new PageFrames(memMap, zones, new PageOwner(base, memMap), new HighPages(base));
        bootmem = new Bootmem(base);
        PageSets pageSets = new PageSets(base, zones, new FreeAreas(base, memMap));
        reclaim = new Reclaim(base, zones, pageSets, tasks);
        KmapSlots slots = new KmapSlots(base, frames);
        machine.bus().dropGuards();                    // of a kernel before this one
        accesses = new PageAccessChecks(base, machine.bus(), frames);
        objectAccesses = new ObjectAccessChecks(base, memMap, tasks.stacks(), va -> machine.turn().hart().mmu()
                .peekTranslate((int) va, PrivilegeMode.S));
        pages = new BuddyAllocator(base, frames, pageSets, reclaim, slots,
                accesses.isWanted() ? new FrameWatch(machine.bus(), machine.harts(), accesses) : null);
        caches = new KmemCaches(base, pages, tasks.crossCall());
        kmalloc = new Kmalloc(base, caches, pages);
        TranslationWatch translations = new TranslationWatch(machine.bus(), machine.harts(),
                (hart, va, access) -> faults().stale(hart, va, access));
        vmalloc = new Vmalloc(base, pages, caches, tasks.crossCall(), work, translations);
        kswapd = new Kswapd(base, tasks, reclaim);
        stacks = new KernelStacks(base, vmalloc, tasks.stacks());
        kmap = new Kmap(base, pages, slots, tasks, vmalloc, translations);
        perCpu = new PerCpu(base, kmalloc, vmalloc);
        mempools = new Mempool(base, tasks, caches, kmalloc, pages);
        faults = new PageFaults(base, memMap, vmalloc, slots);
    }

    /**
     * Hands memory from the early allocator to all others.
     *
     * @param reservations the drivers' boot-time allocations, before the page allocator takes over
     */
    public void boot(MemInit early, Consumer<Bootmem> reservations) {
        early.open(bootmem);
        reservations.accept(bootmem);
        bootmem.close();
        early.handOver(frames.zones(), frames.memMap(), pages);
        caches.init(staticCache(StaticCache.KMEM_CACHE));
        kmalloc.init();
        vmalloc.init();
        base.log().info("memory: " + zoneSummary());
        reclaim.init();
        kmap.init();
    }

    private String zoneSummary() {
        Zones zones = frames.zones();
        StringBuilder out = new StringBuilder();
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            if (zones.spanned(base.memory(), zone) > 0) {
                out.append(out.isEmpty() ? "" : ", ").append(Zones.name(zone)).append(' ')
                   .append(zones.free(base.memory(), zone) * (AddressSpace.PAGE_SIZE >> 10)).append(" KiB free");
            }
        }
        return out.toString();
    }

    /** Restores host-side state from RAM. Only reads. */
    public void attach(ReadableMemory view) {
        base.states().blocks().isIncomplete();
        kmap.attach(view);
        vmalloc.attach(view);
        stacks.attach(view);
    }

    /** Runs the probes of the drivers that are linked in, whose allocations fail if the command line says so. Boot. */
    public void whileProbing(Runnable probes) {
        caches.failures().armForProbes(true);
        probes.run();
        caches.failures().armForProbes(false);
    }

    /** Ends boot: kswapd runs, single pages stay with the harts, and injected failures begin. */
    public void bootIsOver() {
        kswapd.start();
        pages.bootIsOver(base.harts());
        caches.failures().armAfterBoot();
    }

    /** Makes a kernel cache in the record that boot has allocated. Boot only. */
    public void addStaticCache(StaticCache cache, String name, int objectBytes) {
        long record = staticCache(cache);
        caches.add(record, name, objectBytes);
        cache.address.set(base.memory(), base.root(), record);
    }

    private long staticCache(StaticCache cache) {
        return base.perCpu() + (long) Machine.MAX_HARTS * PerCpuLayout.SIZE
                + (long) cache.ordinal() * KmemCacheLayout.BYTES;
    }

    /**
     * Returns the physical address of a linear address. Any context.
     *
     * @throws KernelBug for other addresses
     */
    public long virtToPhys(long va) {
        if (!AddressSpace.isLinear(va)) {
            String stack = stacks.describeVirtual(base.peek(), va);
            throw new KernelBug("virt_to_phys of 0x" + Long.toHexString(va)
                    + ", which is not an address of the linear map" + (stack != null ? ": it is on " + stack
                    + "; allocate a buffer for a device with kmalloc" : Vmalloc.isVmallocAddr(va)
                            ? ": the pages of an area are scattered, so call vmalloc_to_page for each" : ""));
        }
        return base.space().phys(va);
    }

    /**
     * Returns the linear address of a physical address. Any context.
     *
     * @throws KernelBug for other addresses than those of low memory
     */
    public long physToVirt(long pa) {
        long pfn = pa >>> AddressSpace.PAGE_SHIFT;
        if (!memMap().isValid(pfn) || pfn >= memMap().lowEndPfn()) {
            throw new KernelBug("phys_to_virt of 0x" + Long.toHexString(pa) + (memMap().isValid(pfn)
                    ? ", which is high memory: call kmap for its page"
                    : ", which is no memory: call ioremap for registers of a device"));
        }
        return base.space().virt(pa);
    }

    // ---- the parts ----

    public PageFrames frames() {
        return frames;
    }

    public MemMap memMap() {
        return frames.memMap();
    }

    public Zones zones() {
        return frames.zones();
    }

    public PageOwner owners() {
        return frames.owners();
    }

    public Bootmem bootmem() {
        return bootmem;
    }

    public BuddyAllocator pages() {
        return pages;
    }

    public Shrinkers shrinkers() {
        return reclaim.shrinkers();
    }

    public KmemCaches caches() {
        return caches;
    }

    public Kmalloc kmalloc() {
        return kmalloc;
    }

    public Vmalloc vmalloc() {
        return vmalloc;
    }

    public KernelStacks stacks() {
        return stacks;
    }

    public Kmap kmap() {
        return kmap;
    }

    public PerCpu perCpu() {
        return perCpu;
    }

    public Mempool mempools() {
        return mempools;
    }

    /** Shows lookaside caches to inspectors. */
    public SlabView slabs() {
        return caches.view();
    }

    /** Returns whether the page of a physical address is free. Only looks. */
    public boolean isFreeFrame(long pa) {
        return accesses.isFree(pa);
    }

    /** The checks of the accesses that drivers make. */
    public ObjectAccessChecks objectAccesses() {
        return objectAccesses;
    }

    public PageFaults faults() {
        return faults;
    }
}
