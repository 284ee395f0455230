package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtioDeviceLayout.DEV;
import static ferrite.peripherals.virtio.VirtioDeviceLayout.FEATURES;
import static ferrite.peripherals.virtio.VirtioDeviceLayout.IRQ;
import static ferrite.peripherals.virtio.VirtioDeviceLayout.QUEUES;
import static ferrite.peripherals.virtio.VirtioDeviceLayout.READY;
import static ferrite.peripherals.virtio.VirtioDeviceLayout.REGISTERS;
import static ferrite.peripherals.virtio.VirtioDeviceLayout.VQS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;

/** The calls of the virtio bus for its drivers, under Linux's names: features, configuration, queues, status. */
final class VirtioBusDriver {

    private static final int WORD = 4;
    /** The descriptors of a queue take 6 KiB of coherent memory then. */
    private static final int MAX_NUM = 256;

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final VirtqueueDriver queues;

    VirtioBusDriver(KernelCalls kernel) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.queues = new VirtqueueDriver(kernel);
    }

    VirtqueueDriver queues() {
        return queues;
    }

    // ---- features and configuration ----

    /**
     * Agrees with the device on features (section 3.1.1, steps 1 to 6). Task context or boot.
     *
     * @param wanted the features that the driver can use, bits 0 to 31; VERSION_1 is always wanted
     * @return 0; -ENODEV for a device of the legacy interface, or one that does not agree
     */
    int negotiate(long vdev, int wanted) {
        status(vdev, VirtioRegisters.ACKNOWLEDGE);
        status(vdev, VirtioRegisters.DRIVER);
        int version1 = 1 << VirtioRegisters.F_VERSION_1 - 32;
        if ((offered(vdev, 1) & version1) == 0) {
            return -Errno.ENODEV;
        }
        accept(vdev, 0, offered(vdev, 0) & wanted);
        accept(vdev, 1, version1);
        status(vdev, VirtioRegisters.FEATURES_OK);
        return (readl(vdev, VirtioRegisters.STATUS) & VirtioRegisters.FEATURES_OK) == 0 ? -Errno.ENODEV : 0;
    }

    private int offered(long vdev, int window) {
        writel(vdev, VirtioRegisters.DEVICE_FEATURES_SEL, window);
        return readl(vdev, VirtioRegisters.DEVICE_FEATURES);
    }

    private void accept(long vdev, int window, int features) {
        writel(vdev, VirtioRegisters.DRIVER_FEATURES_SEL, window);
        writel(vdev, VirtioRegisters.DRIVER_FEATURES, features);
        FEATURES.set(memory, vdev, window, features);
    }

    boolean virtioHasFeature(long vdev, int feature) {
        return (FEATURES.get(memory, vdev, feature / 32) >>> feature % 32 & 1) != 0;
    }

    /** Reads a byte of the configuration space. */
    int virtioCread8(long vdev, int offset) {
        return kernel.readb(REGISTERS.get(memory, vdev) + VirtioRegisters.CONFIG + offset);
    }

    /** Reads a word of the configuration space. */
    int virtioCread32(long vdev, int offset) {
        return readl(vdev, VirtioRegisters.CONFIG + offset);
    }

    // ---- queues ----

    /**
     * Makes the device's first queues, in coherent memory that is managed. Task context or boot; may sleep.
     *
     * @return 0; -ENOENT if the device has fewer queues; -ENOMEM
     */
    int virtioFindVqs(long vdev, int count) {
        for (int index = 0; index < count; index++) {
            writel(vdev, VirtioRegisters.QUEUE_SEL, index);
            int num = readl(vdev, VirtioRegisters.QUEUE_NUM_MAX);
            if (Integer.bitCount(num) != 1 || num < 0) {
                return -Errno.ENOENT;
            }
            int result = makeQueue(vdev, index, Math.min(num, MAX_NUM));
            if (result < 0) {
                return result;
            }
        }
        return 0;
    }

    private int makeQueue(long vdev, int index, int num) {
        long dev = DEV.get(memory, vdev);
        long vq = kernel.devmKzalloc(dev, VirtqueueLayout.SIZE, Gfp.GFP_KERNEL);
        long state = vq == 0 ? 0 : kernel.devmKzalloc(dev, num * VringDescStateLayout.SIZE, Gfp.GFP_KERNEL);
        if (state == 0) {
            return -Errno.ENOMEM;
        }
        long ring = kernel.onStack(WORD, handle -> {
            long va = kernel.dmamAllocCoherent(dev, VirtqueueLayout.ringBytes(num), handle, Gfp.GFP_KERNEL);
            if (va != 0) {
                VirtqueueLayout.RING_DMA.set(memory, vq, memory.loadAddress(handle));
                VirtqueueLayout.DESC.set(memory, vq, va);
            }
            return va == 0 ? -Errno.ENOMEM : 0;
        });
        if (ring < 0) {
            return -Errno.ENOMEM;
        }
        long desc = VirtqueueLayout.DESC.get(memory, vq);
        VirtqueueLayout.VDEV.set(memory, vq, vdev);
        VirtqueueLayout.INDEX.set(memory, vq, index);
        VirtqueueLayout.NUM.set(memory, vq, num);
        VirtqueueLayout.AVAIL.set(memory, vq, desc + VirtqueueLayout.availOffset(num));
        VirtqueueLayout.USED.set(memory, vq, desc + VirtqueueLayout.usedOffset(num));
        VirtqueueLayout.STATE.set(memory, vq, state);
        VQS.set(memory, vdev, index, vq);
        QUEUES.set(memory, vdev, index + 1);
        activate(vdev, vq);
        return 0;
    }

    /** Gives an empty queue to the device (section 4.2.3.2). */
    private void activate(long vdev, long vq) {
        queues.clear(vq, (virtioHasFeature(vdev, VirtioRegisters.F_INDIRECT_DESC) ? VirtqueueLayout.INDIRECT : 0)
                | (virtioHasFeature(vdev, VirtioRegisters.F_EVENT_IDX) ? VirtqueueLayout.EVENT : 0));
        int num = VirtqueueLayout.NUM.get(memory, vq);
        long dma = VirtqueueLayout.RING_DMA.get(memory, vq);
        writel(vdev, VirtioRegisters.QUEUE_SEL, VirtqueueLayout.INDEX.get(memory, vq));
        writel(vdev, VirtioRegisters.QUEUE_NUM, num);
        address(vdev, VirtioRegisters.QUEUE_DESC_LOW, dma);
        address(vdev, VirtioRegisters.QUEUE_DRIVER_LOW, dma + VirtqueueLayout.availOffset(num));
        address(vdev, VirtioRegisters.QUEUE_DEVICE_LOW, dma + VirtqueueLayout.usedOffset(num));
        writel(vdev, VirtioRegisters.QUEUE_READY, 1);
    }

    private void address(long vdev, int register, long dma) {
        writel(vdev, register, (int) dma);
        writel(vdev, register + WORD, 0);
    }

    /** Returns a queue of the device. */
    long vq(long vdev, int index) {
        return VQS.get(memory, vdev, index);
    }

    // ---- status ----

    /**
     * Lets the device work, and interrupt. A driver calls it before its files and devices can be used: until then it
     * must not notify the device (section 3.1.1). Any context.
     */
    void virtioDeviceReady(long vdev) {
        status(vdev, VirtioRegisters.DRIVER_OK);
        if (READY.amoSwap(memory, vdev, 1) == 0) {     // another hart may disable the interrupt, as it is unbound
            kernel.enableIrq(IRQ.get(memory, vdev));
        }
    }

    /** Tells whether the driver has called {@link #virtioDeviceReady}, and has not reset the device since. */
    boolean isReady(long vdev) {
        return READY.get(memory, vdev) != 0;
    }

    /** Stops the device: it touches no memory any more. The drivers' chains stay in the queues. Any context. */
    void virtioResetDevice(long vdev) {
        disableInterrupt(vdev);
        writel(vdev, VirtioRegisters.STATUS, 0);
    }

    /** Disables the interrupt. A device that interrupts although it was reset would otherwise keep its hart busy. */
    void disableInterrupt(long vdev) {
        if (READY.amoSwap(memory, vdev, 0) != 0) {
            kernel.disableIrqNosync(IRQ.get(memory, vdev));
        }
    }

    /**
     * Starts a device again after {@link #virtioResetDevice}, with empty queues. The driver has detached its chains.
     * Any context.
     *
     * @return 0, or -ENODEV if the device is not the same any more
     */
    int virtioDeviceRestore(long vdev) {
        int features = FEATURES.get(memory, vdev, 0);
        if (readl(vdev, VirtioRegisters.MAGIC_VALUE) != VirtioRegisters.VIRT) {
            return -Errno.ENODEV;                      // the device was pulled out: its registers read as ones
        }
        int result = negotiate(vdev, features);
        if (result < 0 || FEATURES.get(memory, vdev, 0) != features) {
            return -Errno.ENODEV;
        }
        for (int index = 0; index < QUEUES.get(memory, vdev); index++) {
            activate(vdev, vq(vdev, index));
        }
        virtioDeviceReady(vdev);
        return 0;
    }

    /** Tells whether the device has found a mistake of its driver, and stopped. */
    boolean needsReset(long vdev) {
        return (readl(vdev, VirtioRegisters.STATUS) & VirtioRegisters.DEVICE_NEEDS_RESET) != 0;
    }

    void status(long vdev, int bits) {
        writel(vdev, VirtioRegisters.STATUS, readl(vdev, VirtioRegisters.STATUS) | bits);
    }

    int readl(long vdev, int register) {
        return kernel.readl(REGISTERS.get(memory, vdev) + register);
    }

    void writel(long vdev, int register, int value) {
        kernel.writel(value, REGISTERS.get(memory, vdev) + register);
    }
}
