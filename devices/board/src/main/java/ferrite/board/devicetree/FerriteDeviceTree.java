package ferrite.board.devicetree;

import ferrite.board.layout.FerriteLayout;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.NetCard;
import ferrite.board.plug.PluggedDevice;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.FlattenedDeviceTree;
import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.interrupt.Aclint;
import ferrite.peripherals.console.Console;
import ferrite.peripherals.copier.Copier;
import ferrite.peripherals.disk.Disk;
import ferrite.peripherals.finisher.Finisher;
import ferrite.peripherals.hostfs.Hostfs;
import ferrite.peripherals.nic.Nic;
import ferrite.peripherals.rtc.Rtc;
import ferrite.peripherals.sound.SoundCard;
import ferrite.peripherals.uart.Uart;
import ferrite.peripherals.virtio.VirtioMmio;
import java.util.List;

/**
 * The device tree of the {@code ferrite} board (Devicetree Specification 0.4, and Linux's bindings for its devices).
 */
public final class FerriteDeviceTree {

    private static final int PLIC_PHANDLE = 0x100;
    private static final int DMA_PHANDLE = 0x101;
    private static final int FINISHER_PHANDLE = 0x102;

    private FerriteDeviceTree() { }

    public static byte[] flatten(BoardOptions options) {
        return flatten(options, Chosen.arguments(options.bootArguments()), List.of());
    }

    /** @param plugged the devices that users plug in */
    public static byte[] flatten(BoardOptions options, Chosen chosen, List<PluggedDevice> plugged) {
        return FlattenedDeviceTree.flatten(tree(options, chosen, plugged), List.of());
    }

    static DeviceTreeNode tree(BoardOptions options, Chosen chosen, List<PluggedDevice> plugged) {
        DeviceTreeNode root = DeviceTreeNode.root();
        root.set("#address-cells", 1).set("#size-cells", 1).set("compatible", "ferrite,board").set("model", "Ferrite");
        chosen.describe(root, path("serial", FerriteLayout.UART));
        root.child("memory@0").set("device_type", "memory")
                .set("reg", (int) FerriteLayout.RAM, (int) options.ramBytes());
        HartNodes.add(root, options.harts(), options.timebase());
        DeviceTreeNode soc = root.child("soc").set("#address-cells", 1).set("#size-cells", 1)
                .set("compatible", "simple-bus").set("ranges");
        addInterruptControllers(soc, options.harts());
        node(soc, "test", FerriteLayout.FINISHER, FerriteLayout.FINISHER_BYTES,
                "sifive,test1", Finisher.COMPATIBLE, "syscon")
                .set("phandle", FINISHER_PHANDLE);
        PowerNodes.add(root, FINISHER_PHANDLE);
        interrupt(node(soc, "console", FerriteLayout.CONSOLE, FerriteLayout.CONSOLE_BYTES, Console.COMPATIBLE),
                FerriteLayout.CONSOLE_IRQ);
        interrupt(node(soc, "serial", FerriteLayout.UART, FerriteLayout.UART_BYTES, Uart.COMPATIBLE),
                FerriteLayout.UART_IRQ).set("clock-frequency", Uart.CLOCK_HZ)
                .set("reg", (int) FerriteLayout.UART, (int) FerriteLayout.UART_BYTES,
                        (int) FerriteLayout.UART_PORTS, (int) FerriteLayout.UART_PORTS_BYTES);
        interrupt(node(soc, "dma-controller", FerriteLayout.COPIER, FerriteLayout.COPIER_BYTES, Copier.COMPATIBLE),
                FerriteLayout.COPIER_IRQ).set("#dma-cells", 1).set(Copier.ADDRESS_WIDTH, options.copierAddressBits());
        if (options.hasRtc()) {
            interrupt(node(soc, "rtc", FerriteLayout.RTC, FerriteLayout.RTC_BYTES, Rtc.COMPATIBLE),
                    FerriteLayout.RTC_IRQ);
        }
        if (options.hasNet(NetCard.NIC)) {
            interrupt(node(soc, "ethernet", FerriteLayout.NIC, FerriteLayout.NIC_BYTES, Nic.COMPATIBLE),
                    FerriteLayout.NIC_IRQ).set(Nic.ADDRESS_WIDTH, Nic.ADDRESS_BITS);
        }
        if (options.hostFiles() != null) {
            node(soc, "hostfs", FerriteLayout.HOSTFS, FerriteLayout.HOSTFS_BYTES, Hostfs.COMPATIBLE);
        }
        for (int slot = 0; slot < options.virtioDevices(); slot++) {
            interrupt(node(soc, "virtio_mmio", FerriteLayout.virtioBase(slot), FerriteLayout.VIRTIO_BYTES,
                    VirtioMmio.COMPATIBLE), FerriteLayout.VIRTIO_IRQ + slot);
        }
        DeviceTreeNode isa = addIsa(soc, options);
        plugged.forEach(device -> device.describe(device.isIsa() ? isa : soc, PLIC_PHANDLE, DMA_PHANDLE));
        return root;
    }

    private static void addInterruptControllers(DeviceTreeNode soc, int harts) {
        node(soc, "mswi", FerriteLayout.MSWI, FerriteLayout.SWI_BYTES, "riscv,aclint-mswi")
                .set("interrupt-controller").set("#interrupt-cells", 0).set("#address-cells", 0)
                .set("interrupts-extended", HartNodes.toHarts(harts, HartNodes.M_SOFTWARE));
        node(soc, "mtimer", FerriteLayout.MTIMER + Aclint.MTIME,
                FerriteLayout.MTIMER_BYTES - Aclint.MTIME, "riscv,aclint-mtimer")
                .set("reg", (int) (FerriteLayout.MTIMER + Aclint.MTIME),
                        (int) (FerriteLayout.MTIMER_BYTES - Aclint.MTIME),
                        // mtime, and then mtimecmp, as firmware expects them
                        (int) FerriteLayout.MTIMER, (int) Aclint.MTIME)
                .set("interrupts-extended", HartNodes.toHarts(harts, HartNodes.M_TIMER));
        node(soc, "sswi", FerriteLayout.SSWI, FerriteLayout.SWI_BYTES, "riscv,aclint-sswi")
                .set("interrupt-controller").set("#interrupt-cells", 0).set("#address-cells", 0)
                .set("interrupts-extended", HartNodes.toHarts(harts, HartNodes.S_SOFTWARE));
        node(soc, "plic", FerriteLayout.PLIC, FerriteLayout.PLIC_BYTES, "sifive,plic-1.0.0", "riscv,plic0")
                .set("interrupt-controller").set("#interrupt-cells", 1).set("#address-cells", 0).set("riscv,ndev", 31)
                .set("interrupts-extended", HartNodes.toHarts(harts, HartNodes.M_EXTERNAL, HartNodes.S_EXTERNAL))
                .set("phandle", PLIC_PHANDLE);
    }

    /** Adds the ISA bus. Its devices reach only the addresses that its DMA controller has wires for. */
    private static DeviceTreeNode addIsa(DeviceTreeNode soc, BoardOptions options) {
        DeviceTreeNode isa = soc.child("isa").set("#address-cells", 1).set("#size-cells", 1)
                .set("compatible", "simple-bus").set("ranges")
                .set("dma-ranges", 0, (int) FerriteLayout.RAM, (int) FerriteLayout.DMA_REACH)
                .set("ferrite,io-window", (int) FerriteLayout.PORTS, (int) FerriteLayout.PORTS_BYTES);
        node(isa, "dma", FerriteLayout.DMA, FerriteLayout.DMA_BYTES, "intel,8237a")
                .set("reg", (int) FerriteLayout.DMA, (int) FerriteLayout.DMA_BYTES,
                        (int) FerriteLayout.DMA_HIGH, (int) FerriteLayout.DMA_HIGH_BYTES)
                .set("#dma-cells", 1).set("dma-channels", DmaRegisters.CHANNELS)
                .set("phandle", DMA_PHANDLE);
        interrupt(node(isa, "disk", FerriteLayout.DISK,
                FerriteLayout.DISK_BYTES, Disk.COMPATIBLE), FerriteLayout.DISK_IRQ)
                .set("dmas", DMA_PHANDLE, FerriteLayout.DISK_DMA_CHANNEL).set("dma-names", "data");
        if (options.sound() != null) {
            interrupt(node(isa, "sound", FerriteLayout.SOUND, FerriteLayout.SOUND_BYTES, SoundCard.COMPATIBLE),
                    FerriteLayout.SOUND_IRQ)
                    .set("dmas", DMA_PHANDLE, SoundCard.CHANNEL_8, DMA_PHANDLE, SoundCard.CHANNEL_16)
                    .set("dma-names", "8bit", "16bit");
        }
        return isa;
    }

    private static DeviceTreeNode node(DeviceTreeNode bus, String name, long base, long bytes, String... compatible) {
        return bus.child(name + "@" + Long.toHexString(base)).set("compatible", compatible)
                .set("reg", (int) base, (int) bytes);
    }

    private static DeviceTreeNode interrupt(DeviceTreeNode device, int irq) {
        return device.set("interrupt-parent", PLIC_PHANDLE).set("interrupts", irq);
    }

    private static String path(String name, long base) {
        return "/soc/" + name + "@" + Long.toHexString(base);
    }
}
