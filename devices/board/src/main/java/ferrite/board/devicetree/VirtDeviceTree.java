package ferrite.board.devicetree;

import ferrite.board.layout.VirtLayout;
import ferrite.board.options.BoardOptions;
import ferrite.board.plug.PluggedDevice;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.FlattenedDeviceTree;
import ferrite.peripherals.finisher.Finisher;
import ferrite.peripherals.rtc.Rtc;
import ferrite.peripherals.uart.Uart;
import ferrite.peripherals.virtio.VirtioMmio;
import java.util.List;

/**
 * The device tree of the {@code virt} board: the nodes that QEMU writes for these devices, with addresses and sizes of
 * two cells each.
 */
public final class VirtDeviceTree {

    private static final int PLIC_PHANDLE = 0x100;
    private static final int FINISHER_PHANDLE = 0x101;

    private VirtDeviceTree() { }

    public static byte[] flatten(BoardOptions options, Chosen chosen) {
        return flatten(options, chosen, List.of());
    }

    /** @param plugged the devices that users plug in */
    public static byte[] flatten(BoardOptions options, Chosen chosen, List<PluggedDevice> plugged) {
        return FlattenedDeviceTree.flatten(tree(options, chosen, plugged), List.of());
    }

    static DeviceTreeNode tree(BoardOptions options, Chosen chosen, List<PluggedDevice> plugged) {
        DeviceTreeNode root = DeviceTreeNode.root();
        root.set("#address-cells", 2).set("#size-cells", 2).set("compatible", "riscv-virtio")
                .set("model", "riscv-virtio,ferrite");
        chosen.describe(root, "/soc/serial@" + Long.toHexString(VirtLayout.UART));
        root.child("memory@" + Long.toHexString(VirtLayout.RAM)).set("device_type", "memory")
                .set("reg", 0, (int) VirtLayout.RAM, 0, (int) options.ramBytes());
        HartNodes.add(root, options.harts(), options.timebase());
        PowerNodes.add(root, FINISHER_PHANDLE);
        DeviceTreeNode soc = root.child("soc").set("#address-cells", 2).set("#size-cells", 2)
                .set("compatible", "simple-bus").set("ranges");
        node(soc, "test", VirtLayout.FINISHER, VirtLayout.FINISHER_BYTES, "sifive,test1", Finisher.COMPATIBLE, "syscon")
                .set("phandle", FINISHER_PHANDLE);
        node(soc, "clint", VirtLayout.MSWI, VirtLayout.CLINT_BYTES, "sifive,clint0", "riscv,clint0")
                .set("interrupts-extended",
                        HartNodes.toHarts(options.harts(), HartNodes.M_SOFTWARE, HartNodes.M_TIMER));
        node(soc, "plic", VirtLayout.PLIC, VirtLayout.PLIC_BYTES, "sifive,plic-1.0.0", "riscv,plic0")
                .set("interrupt-controller").set("#interrupt-cells", 1).set("#address-cells", 0).set("riscv,ndev", 31)
                .set("interrupts-extended",
                        HartNodes.toHarts(options.harts(), HartNodes.M_EXTERNAL, HartNodes.S_EXTERNAL))
                .set("phandle", PLIC_PHANDLE);
        interrupt(node(soc, "serial", VirtLayout.UART, VirtLayout.UART_BYTES, Uart.COMPATIBLE), VirtLayout.UART_IRQ)
                .set("clock-frequency", Uart.CLOCK_HZ);
        interrupt(node(soc, "rtc", VirtLayout.RTC, VirtLayout.RTC_BYTES, Rtc.COMPATIBLE), VirtLayout.RTC_IRQ);
        addVirtioSlots(soc);
        plugged.forEach(device -> device.describe(soc, PLIC_PHANDLE, 0));
        return root;
    }

    /**
     * Adds the slots, the last one first as in QEMU. Software numbers disks in the order of these nodes, so the first
     * disk gets the first number.
     */
    private static void addVirtioSlots(DeviceTreeNode soc) {
        for (int slot = VirtLayout.VIRTIO_SLOTS - 1; slot >= 0; slot--) {
            interrupt(node(soc, "virtio_mmio", VirtLayout.virtioBase(slot), VirtLayout.VIRTIO_BYTES,
                    VirtioMmio.COMPATIBLE), VirtLayout.VIRTIO_IRQ + slot);
        }
    }

    private static DeviceTreeNode node(DeviceTreeNode bus, String name, long base, long bytes, String... compatible) {
        return bus.child(name + "@" + Long.toHexString(base)).set("compatible", compatible)
                .set("reg", 0, (int) base, 0, (int) bytes);
    }

    private static DeviceTreeNode interrupt(DeviceTreeNode device, int irq) {
        return device.set("interrupt-parent", PLIC_PHANDLE).set("interrupts", irq);
    }
}
