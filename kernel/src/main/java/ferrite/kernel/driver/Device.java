package ferrite.kernel.driver;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.Region;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.DriverApi;
import ferrite.kernel.dma.DmaDeviceLayout;

/** A device of the device tree, as its driver sees it: what the tree says of it, and a word in RAM that is the driver's. */
@DriverApi
public final class Device {

    static final int NODE = 0;
    static final int PATH = 8;
    static final int DRIVER_DATA = 12;
    static final int BOUND = 16;
    /** What the DMA calls keep, see {@link DmaDeviceLayout}. */
    static final int DMA = 24;
    static final int SIZE = DMA + DmaDeviceLayout.SIZE;

    private final KernelMemory memory;
    private final long record;
    private final DeviceTreeNode node;
    private final DriverParameters parameters;

    Device(KernelMemory memory, long record, DeviceTreeNode node, DriverParameters parameters) {
        this.memory = memory;
        this.record = record;
        this.node = node;
        this.parameters = parameters;
    }

    /** Its name in the device tree, with the unit address. */
    public String name() {
        return node.name();
    }

    /** Its first range of registers, physical. */
    public Region registers() {
        return node.regions().get(0);
    }

    /** Its first interrupt, as {@code request_irq} wants it; -1 when it has none. */
    public int irq() {
        return node.has("interrupts") ? node.cell("interrupts") : -1;
    }

    /** The DMA channel that its request line goes to; -1 when it has none. */
    public int dmaChannel() {
        int[] cells = node.has("dmas") ? node.cells("dmas") : new int[0];
        return cells.length < 2 ? -1 : cells[1];
    }

    /** A property of its node that is one cell, or what stands for it. */
    public int property(String name, int otherwise) {
        return node.has(name) ? node.cell(name) : otherwise;
    }

    /** {@code struct device}, as the calls of {@link ferrite.kernel.dma.DmaMapping} want it; a driver keeps it with what it knows of the device. */
    public long dev() {
        return record + DMA;
    }

    /** A parameter of the driver, as it was set or by default. */
    public String parameter(String name) {
        return parameters.get(name);
    }

    /** The word that the driver keeps for this device. */
    public long driverData() {
        return memory.loadAddress(record + DRIVER_DATA);
    }

    public void setDriverData(long value) {
        memory.storeAddress(record + DRIVER_DATA, value);
    }
}
