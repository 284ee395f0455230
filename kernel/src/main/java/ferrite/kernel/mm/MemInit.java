package ferrite.kernel.mm;

import ferrite.hardware.Machine;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.FlattenedDeviceTree;
import ferrite.hardware.devicetree.Region;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.CommandLine;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.log.StringTable;
import java.util.List;

/**
 * Linux's {@code paging_init} and {@code mem_init}. Begins on a hart that uses physical addresses: reads the size of
 * memory from the device tree, allocates early data and turns the linear map on. Ends by handing the remaining frames
 * to the page allocator. RAM is zero at reset, which a new {@code mem_map} relies on.
 */
public final class MemInit {

    private static final long DEFAULT_DMA_END = 16L << 20;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final AddressSpace space;
    private final CommandLine commandLine;
    private final Region ram;
    private final Region initrd;
    private final int harts;
    private final long dmaEnd;
    private final long lowEnd;
    private Memblock memblock;

    /** @param initrd the archive of the root file system, or null */
    public MemInit(KernelMemory memory, KernelCpu cpu, DeviceTreeNode tree, Region initrd, CommandLine commandLine) {
        this.memory = memory;
        this.cpu = cpu;
        this.commandLine = commandLine;
        this.ram = ram(tree);
        this.initrd = initrd;
        this.harts = harts(tree);
        this.space = new AddressSpace(ram.address());
        this.dmaEnd = space.physOffset() + commandLine.bytes("zone_dma", reachOfDma(tree));
        long normalEnd = Math.min(commandLine.bytes("zone_normal", AddressSpace.LOW_MEMORY_BYTES),
                AddressSpace.LOW_MEMORY_BYTES);
        this.lowEnd = Math.min(ram.address() + ram.size(), space.physOffset() + normalEnd);
    }

    /** Counts the harts of the device tree. */
    private static int harts(DeviceTreeNode tree) {
        int harts = 0;
        for (DeviceTreeNode node : tree.find("/cpus").orElse(DeviceTreeNode.root()).children()) {
            harts += node.has("device_type") && node.string("device_type").equals("cpu") ? 1 : 0;
        }
        if (harts == 0 || harts > Machine.MAX_HARTS) {
            throw new KernelPanic("the device tree has " + harts
                    + " harts: 1 to " + Machine.MAX_HARTS + " are expected");
        }
        return harts;
    }

    /** The base of the linear map. */
    public AddressSpace space() {
        return space;
    }

    /** The size of RAM in bytes. */
    public long ramBytes() {
        return ram.size();
    }

    private static Region ram(DeviceTreeNode tree) {
        for (DeviceTreeNode node : tree.children()) {
            if (node.has("device_type") && node.string("device_type").equals("memory")) {
                return node.regions().get(0);
            }
        }
        throw new KernelPanic("the device tree has no memory");
    }

    /**
     * Returns the end of the addresses that an ISA device can reach, from the bus's {@code dma-ranges}: <child-address
     * parent-address size>.
     */
    private static long reachOfDma(DeviceTreeNode tree) {
        int[] ranges = tree.find("/soc/isa").filter(isa -> isa.has("dma-ranges")).map(isa -> isa.cells("dma-ranges"))
                .orElse(new int[0]);
        return ranges.length == 3 ? (ranges[1] & 0xffff_ffffL) + (ranges[2] & 0xffff_ffffL) : DEFAULT_DMA_END;
    }

    /**
     * Builds the kernel's first data, turns the linear map on, and fills the root page.
     *
     * @param pieces memory for the parts of the kernel; a piece that is aligned to cache lines comes first
     */
    public void start(long deviceTreePa, List<StaticData> pieces) {
        long rootPa = space.physOffset() + RootLayout.OFFSET;
        memblock = new Memblock(memory, RootLayout.MEMBLOCK.at(rootPa), space.physOffset(), lowEnd);
        // frame 0 is never used; then the root page
        memblock.reserve(space.physOffset(), RootLayout.OFFSET + AddressSpace.PAGE_SIZE);
        if (initrd != null) {
            memblock.reserve(initrd.address(), initrd.size());
        }
        memblock.reserve(deviceTreePa, FlattenedDeviceTree.MAX_BYTES > ram.size() ? 0 : deviceTreeBytes(deviceTreePa));
        long pageTable = memblock.alloc(AddressSpace.PAGE_SIZE, "the page table");
        PageTables.enterUpperTables(memory, pageTable,
                memblock.alloc((long) PageTables.upperTables() << AddressSpace.PAGE_SHIFT, "page tables"));
        int satp = PageTables.buildLinearMap(memory, space, pageTable, lowEnd - space.physOffset());
        long frames = ram.size() >>> AddressSpace.PAGE_SHIFT;
        boolean recordOwners = commandLine.get("owners", "on").equals("on");
        long memMap = memblock.alloc(frames << PageLayout.SHIFT, "mem_map");
        long pageExt = recordOwners ? memblock.alloc(frames << PageOwner.SHIFT, "page_ext") : 0;
        long log = memblock.alloc(KernelLog.BYTES, "the log");
        long strings = memblock.alloc(StringTable.BYTES, "names");
        long data = memblock.alloc(pieces.stream().mapToInt(StaticData::bytes).sum(), "kernel data");

        RootLayout.SATP.set(memory, rootPa, satp);
        cpu.csrWrite(Csrs.SATP, satp);
        cpu.sfenceVma();  // from here on addresses are virtual
        long root = space.virt(rootPa);
        memblock = memblock.at(RootLayout.MEMBLOCK.at(root));
        RootLayout.MAGIC.set(memory, root, RootLayout.MAGIC_VALUE);
        RootLayout.DEVICE_TREE_PA.set(memory, root, deviceTreePa);
        RootLayout.MEM_MAP.set(memory, root, space.virt(memMap));
        RootLayout.FRAMES.set(memory, root, frames);
        RootLayout.LOW_FRAMES.set(memory, root, lowEnd - space.physOffset() >>> AddressSpace.PAGE_SHIFT);
        RootLayout.PAGE_EXT.set(memory, root, pageExt == 0 ? 0 : space.virt(pageExt));
        RootLayout.LOG.set(memory, root, space.virt(log));
        RootLayout.STRINGS.set(memory, root, space.virt(strings));
        RootLayout.HARTS.set(memory, root, harts);
        RootLayout.PHYS_OFFSET.set(memory, root, space.physOffset());
        place(pieces, root, space.virt(data));
    }

    private long deviceTreeBytes(long deviceTreePa) {
        return Integer.reverseBytes(memory.load32(deviceTreePa + 4)) & 0xffff_ffffL;
    }

    private void place(List<StaticData> pieces, long root, long data) {
        long next = data;
        for (StaticData piece : pieces) {
            piece.address().set(memory, root, next);
            next += piece.bytes();
        }
    }

    /** Opens the boot-time allocator for drivers that are linked in, until {@link #handOver}. */
    void open(Bootmem bootmem) {
        bootmem.open(memblock, dmaEnd);
    }

    /** Makes the zones, and hands all frames that are not reserved to the page allocator. */
    void handOver(Zones zones, MemMap memMap, BuddyAllocator pages) {
        zones.init(memory, memMap.firstPfn(), dmaEnd >>> AddressSpace.PAGE_SHIFT,
                lowEnd >>> AddressSpace.PAGE_SHIFT, memMap.endPfn());
        long pfn = memMap.firstPfn();
        for (Memblock.Piece piece : Memblock.reserved(memory,
                RootLayout.MEMBLOCK.at(space.virt(space.physOffset() + RootLayout.OFFSET)))) {
            long start = piece.pa() >>> AddressSpace.PAGE_SHIFT;
            long end = piece.end() >>> AddressSpace.PAGE_SHIFT;
            release(zones, pages, pfn, start);
            for (long reserved = start; reserved < end; reserved++) {
                PageLayout.FLAGS.set(memory, memMap.pfnToPage(reserved), PageLayout.RESERVED);
            }
            pfn = Math.max(pfn, end);
        }
        release(zones, pages, pfn, memMap.endPfn());
        zones.setWatermarks(memory);
    }

    /** Releases frames in the largest aligned blocks that stay inside one zone. */
    private void release(Zones zones, BuddyAllocator pages, long from, long to) {
        long pfn = from;
        while (pfn < to) {
            int zone = zones.zoneOf(memory, pfn);
            long end = Math.min(to, zones.startPfn(memory, zone) + zones.spanned(memory, zone));
            int order = Math.min(Zones.MAX_ORDER - 1, pfn == 0 ? Zones.MAX_ORDER - 1 : Long.numberOfTrailingZeros(pfn));
            while (pfn + (1L << order) > end) {
                order--;
            }
            pages.release(pfn, order);
            pfn += 1L << order;
        }
    }
}
