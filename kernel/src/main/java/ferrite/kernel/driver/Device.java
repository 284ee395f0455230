package ferrite.kernel.driver;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.Region;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.DriverApi;

/** A device of the device tree, for its driver: the node's properties, and a word of driver data in RAM. */
@DriverApi
public final class Device {

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

    /** The device's name in the device tree, with the unit address. */
    public String name() {
        return node.name();
    }

    /** The device's first range of registers, by physical address. */
    public Region registers() {
        return node.regions().get(0);
    }

    /** The device's first interrupt, for {@code request_irq}; -1 if it has none. */
    public int irq() {
        return irq(0);
    }

    /** One of the device's interrupts, from 0 in the order of the device tree; -1 if it does not have it. */
    public int irq(int index) {
        int[] numbers = node.has("interrupts") ? node.cells("interrupts") : new int[0];
        return index >= 0 && index < numbers.length ? numbers[index] : -1;
    }

    /** The DMA channel of the device's first request line; -1 if it has none. */
    public int dmaChannel() {
        return dmaChannel(0);
    }

    /** The DMA channel of a request line, from 0 in the order of the device tree; -1 if the device does not have it. */
    public int dmaChannel(int index) {
        int[] cells = node.has("dmas") ? node.cells("dmas") : new int[0];
        return index < 0 || index >= cells.length / 2 ? -1 : cells[2 * index + 1];
    }

    /** Returns a property of one cell, or {@code otherwise} if the node does not have it. */
    public int property(String name, int otherwise) {
        return node.has(name) ? node.cell(name) : otherwise;
    }

    /**
     * The {@code struct device} for the DMA calls ({@link DmaCalls}); a driver keeps it with its own state of the
     * device.
     */
    public long dev() {
        return DeviceLayout.DMA.at(record);
    }

    /** Returns the value of a driver parameter: the one that was set, or the default. */
    public String parameter(String name) {
        return parameters.get(name);
    }

    /** The driver's word for this device; 0 until the driver sets it. */
    public long driverData() {
        return DeviceLayout.DRIVER_DATA.get(memory, record);
    }

    public void setDriverData(long value) {
        DeviceLayout.DRIVER_DATA.set(memory, record, value);
    }
}
