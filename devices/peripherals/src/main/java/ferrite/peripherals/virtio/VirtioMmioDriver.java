package ferrite.peripherals.virtio;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import ferrite.kernel.irq.IrqFlags;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import java.util.List;

/**
 * {@code virtio-mmio}: the transport on the memory bus (section 4.2), and the drivers of the virtio bus, one of which
 * serves the device. All resources of a device are managed.
 */
public final class VirtioMmioDriver implements Driver {

    private static final String INDIRECT = "indirect";
    private static final String EVENT_IDX = "event_idx";
    private static final int ADDRESS_BITS = 32;
    private static final int ALL_ONES = -1;

    private final List<VirtioDriver> drivers = List.of(new VirtioBlkDriver(), new VirtioRngDriver(),
            new VirtioConsoleDriver(), new VirtioNetDriver());
    private KernelCalls kernel;
    private KernelMemory memory;
    private VirtioBusDriver bus;
    private long interrupt;

    @Override
    public String name() {
        return "virtio-mmio";
    }

    /** The files of consoles and entropy devices may be open, and use them until they are closed. */
    @Override
    public boolean isUnbindable(Device device) {
        return driver(device.driverData()).isUnbindable();
    }

    @Override
    public List<String> compatible() {
        return List.of(VirtioMmio.COMPATIBLE);
    }

    @Override
    public List<Struct> structs() {
        return List.of(VirtioDeviceLayout.STRUCT, VirtqueueLayout.STRUCT, VringDescLayout.STRUCT,
                VringDescStateLayout.STRUCT, VirtioBlkLayout.STRUCT, VirtblkReqLayout.STRUCT, VirtblkStatsLayout.STRUCT,
                VirtioRngLayout.STRUCT, VirtioConsoleLayout.STRUCT, PortBufferLayout.STRUCT,
                VirtnetInfoLayout.STRUCT, VirtnetBufLayout.STRUCT);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(new Parameter(INDIRECT, "on", "on or off: use tables of indirect descriptors",
                VirtioMmioDriver::checkOnOff),
                new Parameter(EVENT_IDX, "on", "on or off: use event indices, which save interrupts and notifications",
                        VirtioMmioDriver::checkOnOff));
    }

    private static void checkOnOff(String value) {
        if (!value.equals("on") && !value.equals("off")) {
            throw new IllegalArgumentException("'" + value + "': on or off would be right");
        }
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        bus = new VirtioBusDriver(theKernel);
        interrupt = text.add("vm_interrupt", (IrqHandler) this::handleInterrupt);
        drivers.forEach(driver -> driver.link(theKernel, bus, text));
    }

    @Override
    public int probe(Device device) {
        long dev = device.dev();
        long vdev = kernel.devmKzalloc(dev, VirtioDeviceLayout.SIZE, Gfp.GFP_KERNEL);
        long registers = vdev == 0 ? 0 : kernel.devmPlatformIoremapResource(dev, 0);
        if (registers == 0) {
            return vdev == 0 ? -Errno.ENOMEM : -Errno.EBUSY;
        }
        VirtioDeviceLayout.REGISTERS.set(memory, vdev, registers);
        VirtioDeviceLayout.DEV.set(memory, vdev, dev);
        if (bus.readl(vdev, VirtioRegisters.MAGIC_VALUE) != VirtioRegisters.VIRT
                || bus.readl(vdev, VirtioRegisters.VERSION) != VirtioRegisters.NOT_LEGACY) {
            return kernel.devErrProbe(dev, -Errno.ENODEV, "this is no virtio device of version 2");
        }
        int id = bus.readl(vdev, VirtioRegisters.DEVICE_ID);
        VirtioDeviceLayout.ID.set(memory, vdev, id);
        VirtioDriver driver = driver(vdev);
        if (driver == null) {
            return kernel.devErrProbe(dev, -Errno.ENODEV, "no driver for virtio devices of kind " + id);
        }
        int result = kernel.dmaSetMaskAndCoherent(dev, DmaAddress.bitMask(ADDRESS_BITS));
        if (result == 0) {
            result = start(device, vdev, driver);
        }
        return result;
    }

    private int start(Device device, long vdev, VirtioDriver driver) {
        bus.virtioResetDevice(vdev);
        int wanted = driver.features() | wanted(device, INDIRECT, VirtioRegisters.F_INDIRECT_DESC)
                | wanted(device, EVENT_IDX, VirtioRegisters.F_EVENT_IDX);
        int result = bus.negotiate(vdev, wanted);
        if (result == 0) {
            VirtioDeviceLayout.IRQ.set(memory, vdev, device.irq());
            result = kernel.devmRequestIrq(device.dev(), device.irq(), interrupt, IrqFlags.IRQF_NO_AUTOEN,
                    driver.name(), vdev);
        }
        if (result == 0) {
            device.setDriverData(vdev);
            result = driver.probe(vdev);
            if (result < 0) {
                bus.disableInterrupt(vdev);            // the driver's record is freed before its interrupt
                kernel.synchronizeIrq(device.irq());
            }
        }
        if (result < 0) {
            bus.virtioResetDevice(vdev);
            bus.status(vdev, VirtioRegisters.FAILED);
            return result;
        }
        return 0;
    }

    /** Keeps interrupts from the driver, whose managed resources are released after this. */
    @Override
    public void remove(Device device) {
        driver(device.driverData()).remove(device.driverData());
        bus.disableInterrupt(device.driverData());
        kernel.synchronizeIrq(device.irq());
    }

    private static int wanted(Device device, String parameter, int feature) {
        return device.parameter(parameter).equals("on") ? 1 << feature : 0;
    }

    private VirtioDriver driver(long vdev) {
        int id = VirtioDeviceLayout.ID.get(memory, vdev);
        return drivers.stream().filter(each -> each.id() == id).findFirst().orElse(null);
    }

    private IrqReturn handleInterrupt(int irq, long vdev) {
        int status = bus.readl(vdev, VirtioRegisters.INTERRUPT_STATUS);
        if (status == 0 || status == ALL_ONES) {
            return IrqReturn.IRQ_NONE;
        }
        bus.writel(vdev, VirtioRegisters.INTERRUPT_ACK, status);
        if (!bus.isReady(vdev)) {
            return IrqReturn.IRQ_HANDLED;
        }
        VirtioDriver driver = driver(vdev);
        if ((status & VirtioRegisters.CONFIGURATION_CHANGE) != 0) {
            driver.configChanged(vdev);
        }
        if ((status & VirtioRegisters.USED_BUFFER) != 0) {
            for (int index = 0; index < VirtioDeviceLayout.QUEUES.get(memory, vdev); index++) {
                driver.done(vdev, bus.vq(vdev, index));
            }
        }
        return IrqReturn.IRQ_HANDLED;
    }
}
