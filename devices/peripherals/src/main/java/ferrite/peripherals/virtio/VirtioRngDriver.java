package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtioRngLayout.AVAILABLE;
import static ferrite.peripherals.virtio.VirtioRngLayout.BUFFER;
import static ferrite.peripherals.virtio.VirtioRngLayout.BUSY;
import static ferrite.peripherals.virtio.VirtioRngLayout.LOCK;
import static ferrite.peripherals.virtio.VirtioRngLayout.ONE_READER;
import static ferrite.peripherals.virtio.VirtioRngLayout.SG;
import static ferrite.peripherals.virtio.VirtioRngLayout.VDEV;
import static ferrite.peripherals.virtio.VirtioRngLayout.WAIT;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.FileOperations;

/** {@code virtio-rng}: /dev/hwrng, random bytes of the device. One read is in flight. */
final class VirtioRngDriver implements VirtioDriver, FileOperations {

    private static final int ENTROPY = 4;
    private static final int QUEUE = 0;
    private static final int BUFFER_BYTES = 1024;
    private static final int TIMEOUT_MS = 5000;

    private KernelCalls kernel;
    private KernelMemory memory;
    private VirtioBusDriver bus;
    private long operations;

    @Override
    public String name() {
        return "virtio-rng";
    }

    @Override
    public int id() {
        return ENTROPY;
    }

    @Override
    public int features() {
        return 0;
    }

    @Override
    public void link(KernelCalls theKernel, VirtioBusDriver theBus, TextTable.Module text) {
        kernel = theKernel;
        memory = theKernel.memory();
        bus = theBus;
        operations = text.add("virtrng_operations", this);
    }

    @Override
    public int probe(long vdev) {
        long dev = VirtioDeviceLayout.DEV.get(memory, vdev);
        long rng = kernel.devmKzalloc(dev, VirtioRngLayout.SIZE, Gfp.GFP_KERNEL);
        long buffer = rng == 0 ? 0 : kernel.devmKzalloc(dev, BUFFER_BYTES, Gfp.GFP_KERNEL);
        if (buffer == 0) {
            return -Errno.ENOMEM;
        }
        VDEV.set(memory, rng, vdev);
        BUFFER.set(memory, rng, buffer);
        VirtioDeviceLayout.PRIV.set(memory, vdev, rng);
        kernel.spinLockInit(LOCK.at(rng));
        kernel.initWaitqueueHead(WAIT.at(rng));
        kernel.mutexInit(ONE_READER.at(rng));
        int result = bus.virtioFindVqs(vdev, 1);
        if (result < 0) {
            return result;
        }
        bus.virtioDeviceReady(vdev);
        return kernel.cdevAdd("hwrng", operations, rng);
    }

    @Override
    public void done(long vdev, long vq) {
        long rng = VirtioDeviceLayout.PRIV.get(memory, vdev);
        kernel.spinLock(LOCK.at(rng));
        take(rng);
        kernel.spinUnlock(LOCK.at(rng));
        kernel.wakeUpAll(WAIT.at(rng));
    }

    /** Takes the answer if there is one, and asks for an interrupt at the next one. The lock is held. */
    private void take(long rng) {
        int[] bytes = new int[1];
        if (bus.queues().virtqueueGetBuf(vq(rng), bytes) != 0) {
            AVAILABLE.set(memory, rng, bytes[0]);
            BUSY.set(memory, rng, 0);
        }
        bus.queues().virtqueueEnableCb(vq(rng));
    }

    private long vq(long rng) {
        return bus.vq(VDEV.get(memory, rng), QUEUE);
    }

    // ---- an open file ----

    @Override
    public int read(long file, long to, int count, long position) {
        long rng = FileLayout.DATA.get(memory, file);
        if (count == 0) {
            return 0;
        }
        if (kernel.mutexLockInterruptible(ONE_READER.at(rng)) < 0) {
            return -Errno.ERESTARTSYS;
        }
        int result = fill(rng, Math.min(count, BUFFER_BYTES));
        if (result > 0 && kernel.copyToUser(to, BUFFER.get(memory, rng), result) != 0) {
            result = -Errno.EFAULT;
        }
        kernel.mutexUnlock(ONE_READER.at(rng));
        return result;
    }

    /** Has the device fill the buffer. Returns the number of bytes, or a negative errno. */
    private int fill(long rng, int bytes) {
        long dev = VirtioDeviceLayout.DEV.get(memory, VDEV.get(memory, rng));
        kernel.sgInitTable(SG.at(rng), 1);
        kernel.sgSetBuf(SG.at(rng), BUFFER.get(memory, rng), bytes);
        if (kernel.dmaMapSg(dev, SG.at(rng), 1, DmaDirection.DMA_FROM_DEVICE) == 0) {
            return -Errno.ENOMEM;
        }
        int flags = kernel.spinLockIrqsave(LOCK.at(rng));
        BUSY.set(memory, rng, 1);
        int result = bus.queues().virtqueueAddInbuf(vq(rng), SG.at(rng), rng, Gfp.GFP_ATOMIC);
        bus.queues().virtqueueKick(vq(rng));
        kernel.spinUnlockIrqrestore(LOCK.at(rng), flags);
        if (result == 0 || result == -Errno.EIO) {
            result = await(rng);                       // a broken queue ends the wait at once, with a reset
        }
        kernel.dmaUnmapSg(dev, SG.at(rng), 1, DmaDirection.DMA_FROM_DEVICE);
        int filled = AVAILABLE.get(memory, rng);
        return result < 0 ? result : filled == 0 ? -Errno.EIO : filled;
    }

    /**
     * Sleeps until the device has given the buffer back. A device that does not, or gives a wrong answer, is reset. No
     * signal ends this sleep: the device uses the buffer.
     */
    private int await(long rng) {
        boolean timedOut = kernel.waitEventTimeout(WAIT.at(rng), () -> BUSY.get(memory, rng) == 0
                || bus.queues().virtqueueIsBroken(vq(rng)), kernel.msecsToJiffies(TIMEOUT_MS)) == 0;
        int flags = kernel.spinLockIrqsave(LOCK.at(rng));
        take(rng);
        boolean filled = BUSY.get(memory, rng) == 0;
        boolean restarted = true;
        if (!filled) {
            bus.virtioResetDevice(VDEV.get(memory, rng));
            bus.queues().virtqueueDetachUnusedBuf(vq(rng));
            restarted = bus.virtioDeviceRestore(VDEV.get(memory, rng)) == 0;
        }
        kernel.spinUnlockIrqrestore(LOCK.at(rng), flags);
        if (!filled) {
            kernel.prWarn("hwrng: the device was reset" + (restarted ? "" : ", and does not start again"));
        }
        if (filled && timedOut) {
            kernel.prWarn("hwrng: an interrupt was lost");
        }
        return filled ? 0 : -Errno.EIO;
    }

    /** The device has found a mistake and stopped: lets the reader reset it. */
    @Override
    public void configChanged(long vdev) {
        if (bus.needsReset(vdev)) {
            long rng = VirtioDeviceLayout.PRIV.get(memory, vdev);
            kernel.spinLock(LOCK.at(rng));
            VirtqueueLayout.BROKEN.set(memory, vq(rng), 1);
            kernel.spinUnlock(LOCK.at(rng));
            kernel.wakeUpAll(WAIT.at(rng));
        }
    }
}
