package ferrite.kernel.fs;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import java.util.List;

/**
 * The regions of device registers that drivers have requested.
 *
 * @param memory those at physical addresses
 * @param ports  those at I/O ports
 */
public record DeviceRegions(Resources memory, IoPorts ports) {

    /** @param tree the machine's device tree */
    static DeviceRegions of(KernelBase base, Kmalloc kmalloc, DeviceTreeNode tree) {
        List<Resources.Range> devices = Resources.ranges(tree);
        return new DeviceRegions(new Resources(base, kmalloc, Resources.Space.MEMORY, devices),
                new IoPorts(base, kmalloc, tree, devices));
    }

    /** Adds {@code /proc/iomem} and {@code /proc/ioports}. */
    void showIn(ProcFiles proc, long memblock) {
        proc.add(new ResourceFile("iomem", memory, memblock));
        proc.add(new ResourceFile("ioports", ports.regions(), memblock));
    }
}
