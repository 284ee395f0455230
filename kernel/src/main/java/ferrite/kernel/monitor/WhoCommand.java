package ferrite.kernel.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Pte;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.dma.DmaPoolView;
import ferrite.kernel.mm.MemMap;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.mm.PageOwner;
import ferrite.kernel.mm.PageTables;
import ferrite.kernel.mm.SlabView;
import ferrite.kernel.mm.VmallocView;
import ferrite.kernel.mm.Zones;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The monitor's {@code who}: all facts about one address: its mapping, frame and zone, its block or slab, and the
 * present and last owners. Only looks. It reports damaged tables and lists as damaged.
 */
public final class WhoCommand implements MonitorCommand {

    private static final Pattern ADDRESS = Pattern.compile("0x([0-9a-fA-F]{1,8})|([0-9]{1,10})");
    private static final String[] PTE_BITS = {"V", "R", "W", "X", "U", "G", "A", "D"};
    private static final int VPN1_SHIFT = 22;
    private static final int VPN0_SHIFT = 12;
    private static final int VPN_MASK = 0x3ff;

    private final Machine machine;
    private final Supplier<Kernel> kernels;

    public WhoCommand(Machine machine, Supplier<Kernel> kernels) {
        this.machine = machine;
        this.kernels = kernels;
    }

    @Override
    public String name() {
        return "who";
    }

    @Override
    public String usage() {
        return "who ADDRESS";
    }

    @Override
    public String summary() {
        return "the owner of an address: zone, frame, block or object, owner, and the walk of the page tables";
    }

    @Override
    public List<String> examples() {
        return List.of("who 0xc0890040", "who 0x1000");
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        Matcher typed = ADDRESS.matcher(arguments.strip());
        long va = !typed.matches() ? -1 : typed.group(1) != null ? Long.parseLong(typed.group(1), 16)
                : Long.parseLong(typed.group(2));
        if (va < 0 || va >>> 32 != 0) {
            throw new MonitorException("'" + arguments.strip()
                    + "' is not a 32-bit address; type one in decimal or hexadecimal, for example who 0xc0890040");
        }
        Kernel kernel = kernels.get();
        if (!kernel.isUp()) {
            throw new MonitorException("the kernel has not booted yet: memory has no owners");
        }
        ReadableMemory view = machine.peek(0);
        Report report = Report.of(Hex.address(va));
        try {
            describe(report, kernel, view, va);
        } catch (BusFault | ArithmeticException damaged) {
            report.text("damaged", "the kernel's records of this address point to no memory: " + damaged.getMessage());
        }
        return report;
    }

    private void describe(Report report, Kernel kernel, ReadableMemory view, long va) {
        long pa = machine.peek(0).translate(va);
        report.text("area", area(kernel, va, pa));
        vmallocArea(report, kernel, view, va);
        if (pa >= 0) {
            report.address("physical", pa);
        }
        long pfn = (pa < 0 ? va : pa) >>> AddressSpace.PAGE_SHIFT;
        if (kernel.mm().memMap().isValid(pfn) && (pa >= 0 || va < AddressSpace.PAGE_OFFSET)) {
            frame(report, kernel, view, pfn);
            slab(report, kernel, view, va);
            device(report, kernel, view, va, pa < 0 ? va : pa);
        }
        report.text("table", walk(kernel, view, va));
    }

    private String area(Kernel kernel, long va, long pa) {
        if (va < AddressSpace.PAGE_OFFSET) {
            return "user space" + (pa >= 0 ? "" : ", not mapped; below: the frame of this physical address");
        }
        if (AddressSpace.isLinear(va)) {
            return pa < 0 ? "linear map, past the end of low memory: not mapped"
                    : "linear map of physical " + Hex.grouped(pa);
        }
        if (va < AddressSpace.VMALLOC_END) {
            return "vmalloc and ioremap" + (pa < 0 ? ": not mapped" : ", mapped to physical " + Hex.grouped(pa)
                    + (kernel.mm().memMap().isValid(pa >>> AddressSpace.PAGE_SHIFT) ? "" : ", a device's registers"));
        }
        return pa < 0 ? "kmap slots, gate, or nothing: not mapped" : "kmap and fixmap slots";
    }

    private static void vmallocArea(Report report, Kernel kernel, ReadableMemory view, long va) {
        VmallocView.Area area = kernel.mm().vmalloc().view().find(view, va);
        if (area != null) {
            report.text("vm_struct", Hex.address(area.start()) + "-" + Hex.address(area.guard()) + ", " + area.kind()
                    + (va >= area.guard() ? ", in its guard page" : ""));
            report.text("made", area.made().text());
            if (area.isStack()) {
                String owner = kernel.mm().stacks().describeVirtual(view, va < area.guard() ? va : area.start());
                report.text("stack", owner == null ? "of a task that has not begun" : owner);
            }
        }
        VmallocView.Area freed = area == null ? kernel.mm().vmalloc().view().findFreed(view, va) : null;
        if (freed != null) {
            report.text("given back", freed.kind() + ", " + freed.freed().text());
        }
    }

    // ---- the frame ----

    private static void frame(Report report, Kernel kernel, ReadableMemory view, long pfn) {
        MemMap memMap = kernel.mm().memMap();
        long page = memMap.pfnToPage(pfn);
        long head = memMap.head(view, page);
        report.text("frame", "0x" + Long.toHexString(pfn)
                + ", zone " + Zones.name(kernel.mm().zones().zoneOf(view, pfn)) + ", flags "
                + PageLayout.flags(PageLayout.FLAGS.get(view, page)) + ", struct page at " + Hex.address(page));
        if (head == 0) {
            report.text("block", "no block contains this frame: its record is damaged");
            return;
        }
        long headPfn = memMap.pageToPfn(head);
        int flags = PageLayout.FLAGS.get(view, head);
        if ((flags & PageLayout.RESERVED) != 0) {
            report.text("block", "reserved at boot: the kernel's own tables, or never given to the page allocator");
            return;
        }
        report.text("block", "order " + PageLayout.ORDER.get(view, head) + " from frame 0x" + Long.toHexString(headPfn)
                + ", " + state(view, head, flags));
        long owned = (flags & PageLayout.HEAD) != 0 ? headPfn : kernel.mm().owners().lastBlockOf(view, pfn);
        if (owned >= 0) {
            owner(report, "owner", kernel.mm().owners().of(view, owned), true);
            owner(report, "freed", kernel.mm().owners().freedBy(view, owned), false);
        }
    }

    private static String state(ReadableMemory view, long head, int flags) {
        if ((flags & PageLayout.BUDDY) != 0) {
            return "free";
        }
        if ((flags & PageLayout.GUARD) != 0) {
            return "kept free as the guard of the block before it";
        }
        if ((flags & PageLayout.PCP) != 0) {
            return "free, on a hart's own list";
        }
        int count = PageLayout.COUNT.get(view, head);
        return "allocated, " + count + (count == 1 ? " reference" : " references");
    }

    private static void owner(Report report, String field, PageOwner.Owner owner, boolean flags) {
        if (owner != null) {
            report.text(field, by(owner.site(), owner.pid(), owner.task(), owner.hart(), owner.ticks())
                    + (flags ? ", " + Gfp.names(owner.gfp()) : ""));
        }
    }

    private static String by(String site, int pid, String task, int hart, long ticks) {
        long micros = ticks / Clock.TICKS_PER_MICROSECOND;
        String fraction = Long.toString(1000 + micros % 1000).substring(1);
        return (site == null ? "" : site + ", ") + "task " + pid + " '" + task + "', hart " + hart
                + ", " + micros / 1000 + "." + fraction + " ms";
    }

    // ---- the object ----

    private static void slab(Report report, Kernel kernel, ReadableMemory view, long va) {
        SlabView.Found found = kernel.mm().caches().view().find(view, va);
        if (found == null) {
            return;
        }
        report.text("slab", found.cacheName() + ", " + (found.index() < 0
                ? "past the last of " + found.objects() + " objects"
                : "object " + found.index() + " of " + found.objects() + " at " + Hex.address(found.object()) + ", "
                + (found.allocated() ? "allocated" : "free") + (found.inside() == 0 ? ""
                        : ", byte " + found.inside() + " of " + found.objectSize())));
        track(report, "object owner", found.owner());
        track(report, "object freed", found.freer());
    }

    private static void track(Report report, String field, SlabView.Owner owner) {
        if (owner != null) {
            report.text(field, by(owner.site(), owner.pid(), owner.task(), owner.hart(), owner.ticks())
                    + ", " + Gfp.names(owner.gfp()));
        }
    }

    // ---- devices ----

    private static void device(Report report, Kernel kernel, ReadableMemory view, long va, long pa) {
        DmaPoolView.Found block = kernel.dma().pools().view().find(view,
                AddressSpace.isLinear(va) ? va : kernel.base().space().virt(pa));
        if (block != null) {
            report.text("dma pool", "'" + block.name() + "' of " + block.device() + ", " + (block.block() == 0
                    ? "between its blocks, at a boundary" : "block at " + Hex.address(block.block())
                            + ", bus address " + Hex.address(block.dma()) + ", " + (block.out() ? "allocated" : "free")
                            + (block.inside() == 0 ? "" : ", byte " + block.inside() + " of " + block.size())));
            if (block.owner() != null) {
                report.text("block owner", block.owner().site() + ", task " + block.owner().pid()
                        + " '" + block.owner().task() + "'" + (block.out() || block.owner().freedAt() == null ? ""
                                : "; freed at " + block.owner().freedAt()));
            }
        }
        String mapping = kernel.dma().mapping().whoseMapping(view, pa);
        if (mapping != null) {
            report.text("mapped", mapping);
        }
    }

    // ---- the page tables (privileged specification, section 4.3.2) ----

    private static String walk(Kernel kernel, ReadableMemory view, long va) {
        int satp = RootLayout.SATP.get(view, kernel.base().root());
        AddressSpace space = kernel.base().space();
        int vpn1 = (int) (va >>> VPN1_SHIFT) & VPN_MASK;
        int vpn0 = (int) (va >>> VPN0_SHIFT) & VPN_MASK;
        int first = view.load32(space.virt(PageTables.root(satp)) + 4L * vpn1);
        StringBuilder path = new StringBuilder("satp 0x" + Integer.toHexString(satp)
                + " -> [0x" + Integer.toHexString(vpn1) + "] ");
        if ((first & Pte.V) == 0) {
            return path.append("not valid").toString();
        }
        if ((first & (Pte.R | Pte.W | Pte.X)) != 0) {
            return path.append("leaf 4 MiB, ").append(bits(first)).toString();
        }
        int second = view.load32(space.virt(Pte.pa(first)) + 4L * vpn0);
        path.append("-> [0x").append(Integer.toHexString(vpn0)).append("] ");
        return path.append((second & Pte.V) == 0 ? "not valid" : "leaf 4 KiB, " + bits(second)).toString();
    }

    private static String bits(int pte) {
        StringBuilder names = new StringBuilder();
        for (int bit = 0; bit < PTE_BITS.length; bit++) {
            if ((pte >> bit & 1) != 0) {
                names.append(names.isEmpty() ? "" : " ").append(PTE_BITS[bit]);
            }
        }
        return names.toString();
    }
}
