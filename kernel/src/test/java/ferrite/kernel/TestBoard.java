package ferrite.kernel;

import ferrite.firmware.FirmwareImages;
import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.devicetree.FlattenedDeviceTree;
import ferrite.hardware.dma.DmaController;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.elf.ElfImage;
import ferrite.hardware.elf.Segment;
import ferrite.hardware.hart.Gate;
import ferrite.hardware.interrupt.Aclint;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.interrupt.Plic;
import java.util.List;

/**
 * The smallest board that the kernel runs on: the real machine with interrupt controllers, DMA controller and boot ROM,
 * at the addresses of the ferrite board, and two {@link TestDevice}s instead of its peripherals.
 */
final class TestBoard {

    static final long BOOT_ROM = 0xf000_0000L;
    static final long MSWI = 0xf001_0000L;
    static final long MTIMER = 0xf001_4000L;
    static final long SSWI = 0xf002_0000L;
    static final long DMA = 0xf004_0000L;
    static final long DOORBELL = 0xf005_0000L;
    static final long TIMER = 0xf005_1000L;
    static final long PLIC = 0xf400_0000L;
    static final int DOORBELL_IRQ = 1;
    static final int TIMER_IRQ = 2;
    static final int DMA_CHANNEL = 2;
    static final int WORD_DMA_CHANNEL = 6;

    private static final int BOOT_ROM_BYTES = 0x1000;
    private static final int DMA_BYTES = 0x1000;

    final Machine machine;
    final Plic plic;
    final TestDevice doorbell;
    final TestDevice timer;
    final TestDmaDevice dmaDevice;
    final IrqLine dmaRequest;
    /** On a channel that moves 16-bit words. */
    final TestDmaDevice wordDmaDevice;
    final IrqLine wordDmaRequest;

    TestBoard(KernelFixture.Options options) {
        machine = new Machine(new Machine.Configuration(0, options.ramBytes, options.harts, BOOT_ROM,
                options.interleaving, options.seed));
        plic = machine.add(new Plic(machine.harts()));
        Aclint aclint = machine.add(new Aclint(machine.clock(), machine.harts()));
        DmaController dma = new DmaController("dma0", machine.bus(), machine.clock(), DmaPolicy.FAULT,
                machine.violations());
        dmaDevice = machine.add(new TestDmaDevice("tape0"));
        dmaRequest = dma.connect(DMA_CHANNEL, dmaDevice);
        wordDmaDevice = machine.add(new TestDmaDevice("tape1"));
        wordDmaRequest = dma.connect(WORD_DMA_CHANNEL, wordDmaDevice);
        machine.add(dma);
        doorbell = machine.add(new TestDevice("doorbell", machine.clock(), plic.line(DOORBELL_IRQ)));
        timer = machine.add(new TestDevice("timer", machine.clock(), plic.line(TIMER_IRQ)));

        machine.bus().attach("mswi", MSWI, Aclint.SWI_BYTES, aclint.mswi());
        machine.bus().attach("mtimer", MTIMER, Aclint.MTIMER_BYTES, aclint.mtimer());
        machine.bus().attach("sswi", SSWI, Aclint.SWI_BYTES, aclint.sswi());
        machine.bus().attach("plic", PLIC, Plic.BYTES, plic);
        machine.bus().attach("dma0", DMA, DMA_BYTES, dma);
        machine.bus().attach("doorbell", DOORBELL, TestDevice.BYTES, doorbell);
        machine.bus().attach("timer", TIMER, TestDevice.BYTES, timer);
        machine.bus().attach("bootrom", BOOT_ROM, BOOT_ROM_BYTES, bootRom(placeDeviceTree(options)));
    }

    private long placeDeviceTree(KernelFixture.Options options) {
        byte[] blob = FlattenedDeviceTree.flatten(deviceTree(options), List.of());
        long at = Math.min(options.ramBytes, options.lowEnd) - (blob.length + 0xffff & ~0xffff);
        machine.bus().write(new BusMaster("board", 32), at, blob, 0, blob.length);
        return at;
    }

    private static DeviceTreeNode deviceTree(KernelFixture.Options options) {
        DeviceTreeNode root = DeviceTreeNode.root();
        root.set("#address-cells", 1).set("#size-cells", 1).set("compatible", "ferrite,board");
        root.child("chosen").set("bootargs", options.bootArguments);
        root.child("memory@0").set("device_type", "memory").set("reg", 0, (int) options.ramBytes);
        DeviceTreeNode cpus = root.child("cpus").set("#address-cells", 1).set("#size-cells", 0)
                .set("timebase-frequency", Clock.TICKS_PER_SECOND);
        for (int hart = 0; hart < options.harts; hart++) {
            cpus.child("cpu@" + hart).set("device_type", "cpu").set("reg", hart).set("compatible", "riscv");
        }
        DeviceTreeNode soc = root.child("soc").set("#address-cells", 1).set("#size-cells", 1)
                .set("compatible", "simple-bus").set("ranges");
        node(soc, "mswi", MSWI, Aclint.SWI_BYTES, "riscv,aclint-mswi");
        node(soc, "mtimer", MTIMER, Aclint.MTIMER_BYTES, "riscv,aclint-mtimer");
        node(soc, "sswi", SSWI, Aclint.SWI_BYTES, "riscv,aclint-sswi");
        node(soc, "plic", PLIC, Plic.BYTES, "sifive,plic-1.0.0", "riscv,plic0");
        node(soc, "test", DOORBELL, TestDevice.BYTES, "ferrite,test").set("interrupts", DOORBELL_IRQ);
        node(soc, "timer", TIMER, TestDevice.BYTES, "ferrite,test-timer").set("interrupts", TIMER_IRQ);
        DeviceTreeNode isa = soc.child("isa").set("#address-cells", 1).set("#size-cells", 1)
                .set("compatible", "simple-bus").set("ranges")
                .set("dma-ranges", 0, 0, 1 << DmaController.ADDRESS_BITS);
        node(isa, "dma", DMA, DMA_BYTES, "intel,8237a");
        options.moreNodes.accept(soc);
        return root;
    }

    private static DeviceTreeNode node(DeviceTreeNode bus, String name, long base, long bytes, String... compatible) {
        return bus.child(name + "@" + Long.toHexString(base)).set("compatible", compatible)
                .set("reg", (int) base, (int) bytes);
    }

    /** Loads the boot ROM of firmware-images, with the two words that hold its targets. */
    private static BusDevice bootRom(long deviceTreePa) {
        byte[] rom = new byte[BOOT_ROM_BYTES];
        ElfImage image = ElfImage.parse(FirmwareImages.boot(), "boot.elf");
        for (Segment segment : image.segments()) {
            System.arraycopy(segment.file(), segment.offset(), rom, (int) (segment.pa() - BOOT_ROM),
                    segment.fileSize());
        }
        int info = (int) (image.symbol("boot_info").orElseThrow() - BOOT_ROM);
        for (int i = 0; i < 4; i++) {
            rom[info + i] = (byte) (Gate.ENTRY >>> 8 * i);
            rom[info + 4 + i] = (byte) (deviceTreePa >>> 8 * i);
        }
        return new BusDevice() {
            @Override
            public int load(long offset, int width) {
                return peek(offset, width);
            }

            @Override
            public int peek(long offset, int width) {
                int value = 0;
                for (int i = 0; i < width; i++) {
                    value |= (rom[(int) offset + i] & 0xff) << 8 * i;
                }
                return value;
            }

            @Override
            public void store(long offset, int width, int value) {
                throw new BusFault(BOOT_ROM + offset, width, "the boot ROM cannot be written");
            }
        };
    }
}
