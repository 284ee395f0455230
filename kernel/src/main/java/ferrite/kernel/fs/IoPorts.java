package ferrite.kernel.fs;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.Region;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.mm.Vmalloc;
import java.util.List;
import java.util.Locale;

/**
 * I/O ports (LDD3 page 239). RISC-V has no instructions for them: as with Linux's {@code PCI_IOBASE}, a window of
 * physical addresses stands for the ports, and boot maps it. The property {@link #WINDOW} of the ISA bus in the device
 * tree has its address and size. A board without the property has no ports.
 */
@Plumbing
public final class IoPorts {

    /** The last port, {@code IO_SPACE_LIMIT}. */
    static final long LAST = 0xffff;

    private static final String WINDOW = "ferrite,io-window";

    private final KernelBase base;
    private final Violations violations;
    private final Resources regions;
    /** The physical addresses of the ports; null if there are none. */
    private final Region window;

    IoPorts(KernelBase base, Kmalloc kmalloc, DeviceTreeNode tree, List<Resources.Range> devices) {
        this.base = base;
        this.violations = base.violations();
        this.window = window(tree);
        this.regions = new Resources(base, kmalloc, Resources.Space.PORTS, inWindow(devices));
    }

    private static Region window(DeviceTreeNode node) {
        if (node.has(WINDOW)) {
            int[] cells = node.cells(WINDOW);
            if (cells.length != 2 || cells[1] <= 0 || cells[1] > LAST + 1) {
                throw new KernelPanic("the property " + WINDOW + " of the device tree's node " + node.path()
                        + " has to have an address and a size of 1 to " + (LAST + 1) + " bytes");
            }
            return new Region(cells[0] & 0xffff_ffffL, cells[1]);
        }
        return node.children().stream().map(IoPorts::window).filter(found -> found != null).findFirst().orElse(null);
    }

    private List<Resources.Range> inWindow(List<Resources.Range> devices) {
        if (window == null) {
            return List.of();
        }
        long first = window.address();
        return devices.stream().filter(range -> new Resources.Range(first, first + window.size() - 1, "")
                        .contains(range.start(), range.end()))
                .map(range -> new Resources.Range(range.start() - first, range.end() - first, range.name())).toList();
    }

    /** Maps the window. Boot. */
    void boot(Vmalloc vmalloc) {
        if (window != null) {
            long va = vmalloc.ioremap(window.address(), window.size(), "pci_remap_iospace");
            if (va == 0) {
                throw new KernelPanic("no room to map the I/O ports");
            }
            RootLayout.IO_BASE.set(base.memory(), base.root(), va);
        }
    }

    /** {@code request_region}. Task context; may sleep. Returns the record, or 0. */
    public long request(long first, long count, String name) {
        return window == null || first + count > window.size() ? 0 : regions.request(first, count, name);
    }

    /** {@code release_region}. Task context. */
    public void release(long first, long count) {
        regions.release(first, count);
    }

    /**
     * Returns the address of a driver's ports. Ports that no driver has requested are reported. Any context.
     *
     * @param call the driver's, for reports
     * @throws KernelBug if there are no such ports
     */
    public long address(long first, int count, String call) {
        if (window == null || first < 0 || first + count > window.size()) {
            throw new KernelBug("Bad IO access at port " + hex(first) + " (" + call + "): " + (window == null
                    ? "the board has no I/O ports" : "the board's ports end at " + hex(window.size() - 1)
                    + ", and addresses of ioremap or ioport_map belong to ioread8 and its kin"));
        }
        if (violations.checks(Rule.PORT_NOT_REQUESTED)) {
            requireRequested(first, count, call);
        }
        return base.rootAddress(RootLayout.IO_BASE) + first;
    }

    private void requireRequested(long first, int count, String call) {
        long last = first + count - 1;
        List<Resources.Range> all = regions.requested(violations.peek());
        if (all.stream().anyMatch(range -> range.contains(first, last))) {
            return;
        }
        Violations.Building report = violations.of(Rule.PORT_NOT_REQUESTED, call + " of port " + hex(first)
                + (count == 1 ? "" : " to " + hex(last)) + ", which no driver has requested");
        all.stream().filter(range -> range.overlaps(first, last)).forEach(range -> report.line("requested", "only "
                + hex(range.start()) + " to " + hex(range.end()) + ", as " + range.name()));
        report.line("instead", Rule.PORT_NOT_REQUESTED.right()).address("port", first).report();
    }

    private static String hex(long port) {
        return "0x" + Long.toHexString(port).toLowerCase(Locale.ROOT);
    }

    // ---- looking ----

    Resources regions() {
        return regions;
    }
}
