package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtioConsoleLayout.IN;
import static ferrite.peripherals.virtio.VirtioConsoleLayout.IN_BUFFER;
import static ferrite.peripherals.virtio.VirtioConsoleLayout.OUT;
import static ferrite.peripherals.virtio.VirtioConsoleLayout.OUT_BUFFER;
import static ferrite.peripherals.virtio.VirtioConsoleLayout.STATE;
import static ferrite.peripherals.virtio.VirtioConsoleLayout.VDEV;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.KernelCalls;
import ferrite.peripherals.tty.LineDisciplineDriver;
import ferrite.peripherals.tty.TtyFileDriver;
import ferrite.peripherals.tty.TtyPortDriver;
import ferrite.peripherals.tty.TtyPortLayout;

/**
 * {@code virtio-console}: /dev/hvc0, a terminal. Bytes to send are kept until the end of a write or of an echo. The
 * device has buffers to receive into from the first time that a file is open for reading. Bytes that come while none is
 * open, or while the terminal's ring is full, stay in them.
 */
final class VirtioConsoleDriver implements VirtioDriver, TtyPortDriver {

    private static final int CONSOLE = 3;
    private static final int RECEIVE = 0;
    private static final int TRANSMIT = 1;
    /** At most the bytes that a terminal's ring keeps free. */
    private static final int IN_BYTES = 32;
    private static final int OUT_BYTES = 256;
    private static final int LINE = 64;
    private static final long PATIENCE_NS = 2_000_000L;

    private KernelCalls kernel;
    private KernelMemory memory;
    private VirtioBusDriver bus;
    private VirtqueueDriver queues;
    private LineDisciplineDriver discipline;
    private TtyFileDriver files;
    private long operations;

    @Override
    public String name() {
        return "virtio-console";
    }

    @Override
    public int id() {
        return CONSOLE;
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
        queues = theBus.queues();
        discipline = new LineDisciplineDriver(theKernel, this);
        files = new TtyFileDriver(theKernel, discipline, this);
        operations = text.add("hvc_operations", files);
    }

    // ---- the device ----

    @Override
    public int probe(long vdev) {
        long dev = VirtioDeviceLayout.DEV.get(memory, vdev);
        long console = kernel.devmKzalloc(dev, VirtioConsoleLayout.SIZE, Gfp.GFP_KERNEL);
        if (console == 0 || !makeBuffers(dev, console)) {
            return -Errno.ENOMEM;
        }
        VDEV.set(memory, console, vdev);
        VirtioDeviceLayout.PRIV.set(memory, vdev, console);
        files.initPort(console);
        int result = bus.virtioFindVqs(vdev, 2);
        if (result < 0) {
            return result;
        }
        IN.set(memory, console, bus.vq(vdev, RECEIVE));
        OUT.set(memory, console, bus.vq(vdev, TRANSMIT));
        queues.virtqueueDisableCb(OUT.get(memory, console));
        bus.virtioDeviceReady(vdev);
        return kernel.cdevAdd("hvc0", operations, TtyPortLayout.CDEV.at(console));
    }

    /** Makes the buffers. Each has cache lines of its own. */
    private boolean makeBuffers(long dev, long console) {
        boolean made = makeBuffer(dev, OUT_BUFFER.at(console), OUT_BYTES);
        for (int i = 0; made && i < VirtioConsoleLayout.IN_BUFFERS; i++) {
            made = makeBuffer(dev, inBuffer(console, i), LINE);
        }
        return made;
    }

    private boolean makeBuffer(long dev, long buffer, int bytes) {
        long data = kernel.devmKzalloc(dev, bytes, Gfp.GFP_KERNEL);
        PortBufferLayout.DATA.set(memory, buffer, data);
        return data != 0;
    }

    private static long inBuffer(long console, int index) {
        return IN_BUFFER.at(console) + (long) index * PortBufferLayout.SIZE;
    }

    private boolean map(long console, long buffer, int bytes, int direction) {
        kernel.sgInitTable(PortBufferLayout.SG.at(buffer), 1);
        kernel.sgSetBuf(PortBufferLayout.SG.at(buffer), PortBufferLayout.DATA.get(memory, buffer), bytes);
        return kernel.dmaMapSg(dev(console), PortBufferLayout.SG.at(buffer), 1, direction) != 0;
    }

    private void unmap(long console, long buffer, int direction) {
        kernel.dmaUnmapSg(dev(console), PortBufferLayout.SG.at(buffer), 1, direction);
    }

    private long dev(long console) {
        return VirtioDeviceLayout.DEV.get(memory, VDEV.get(memory, console));
    }

    // ---- receiving: the port's lock is held ----

    @Override
    public int activate(long console) {
        int flags = kernel.spinLockIrqsave(TtyPortLayout.LOCK.at(console));
        boolean isStopped = STATE.get(memory, console) == VirtioConsoleLayout.STOPPED;
        boolean isNew = STATE.get(memory, console) == VirtioConsoleLayout.NEW;
        for (int i = 0; isNew && i < VirtioConsoleLayout.IN_BUFFERS; i++) {
            STATE.set(memory, console, VirtioConsoleLayout.RECEIVING);
            addInput(console, inBuffer(console, i));
        }
        queues.virtqueueKick(IN.get(memory, console));
        receive(console);
        kernel.spinUnlockIrqrestore(TtyPortLayout.LOCK.at(console), flags);
        return isStopped ? -Errno.EIO : 0;
    }

    @Override
    public void shutdown(long console) { }

    @Override
    public void throttle(long console) { }

    @Override
    public void unthrottle(long console) {
        receive(console);
        discipline.wakeReaders(console);
    }

    private void addInput(long console, long buffer) {
        boolean mapped = map(console, buffer, IN_BYTES, DmaDirection.DMA_FROM_DEVICE);
        if (mapped && queues.virtqueueAddInbuf(IN.get(memory, console), PortBufferLayout.SG.at(buffer), buffer,
                Gfp.GFP_ATOMIC) < 0) {
            unmap(console, buffer, DmaDirection.DMA_FROM_DEVICE);
        }
    }

    /** Takes the bytes that have come, while the terminal can take them, and then waits for an interrupt. */
    private void receive(long console) {
        long vq = IN.get(memory, console);
        int[] bytes = new int[1];
        boolean more = STATE.get(memory, console) == VirtioConsoleLayout.RECEIVING;
        while (more) {
            queues.virtqueueDisableCb(vq);
            while (discipline.isReceiving(console)) {
                long buffer = queues.virtqueueGetBuf(vq, bytes);
                if (buffer == 0) {
                    break;
                }
                unmap(console, buffer, DmaDirection.DMA_FROM_DEVICE);
                long data = PortBufferLayout.DATA.get(memory, buffer);
                for (int i = 0; i < bytes[0]; i++) {
                    discipline.receive(console, memory.load8(data + i) & 0xff);
                }
                addInput(console, buffer);
            }
            queues.virtqueueKick(vq);
            more = discipline.isReceiving(console) && !queues.virtqueueEnableCb(vq);
        }
        flushChars(console);
        if (queues.virtqueueIsBroken(vq)) {
            stop(console);
        }
    }

    @Override
    public void done(long vdev, long vq) {
        long console = VirtioDeviceLayout.PRIV.get(memory, vdev);
        kernel.spinLock(TtyPortLayout.LOCK.at(console));
        receive(console);
        discipline.wakeReaders(console);               // the last reader may close the file after the lock
        kernel.spinUnlock(TtyPortLayout.LOCK.at(console));
    }

    @Override
    public void configChanged(long vdev) {
        if (bus.needsReset(vdev)) {
            long console = VirtioDeviceLayout.PRIV.get(memory, vdev);
            kernel.spinLock(TtyPortLayout.LOCK.at(console));
            stop(console);
            kernel.spinUnlock(TtyPortLayout.LOCK.at(console));
        }
    }

    /** Resets a device that gave a wrong answer, and leaves it so. */
    private void stop(long console) {
        if (STATE.get(memory, console) == VirtioConsoleLayout.STOPPED) {
            return;
        }
        STATE.set(memory, console, VirtioConsoleLayout.STOPPED);
        bus.virtioResetDevice(VDEV.get(memory, console));
        long vq = IN.get(memory, console);
        for (long buffer = queues.virtqueueDetachUnusedBuf(vq); buffer != 0;
                buffer = queues.virtqueueDetachUnusedBuf(vq)) {
            unmap(console, buffer, DmaDirection.DMA_FROM_DEVICE);
        }
        discipline.hangUp(console);
        kernel.prErr("hvc0: the device gave a wrong answer, and was stopped");
    }

    // ---- sending: the port's lock is held ----

    @Override
    public void putChar(long console, int value) {
        long buffer = OUT_BUFFER.at(console);
        int length = PortBufferLayout.LENGTH.get(memory, buffer);
        memory.store8(PortBufferLayout.DATA.get(memory, buffer) + length, value);
        PortBufferLayout.LENGTH.set(memory, buffer, length + 1);
        if (length + 1 == OUT_BYTES) {
            flushChars(console);
        }
    }

    /** Sends the bytes, and spins until the device has taken them, as Linux does: it takes them at once. */
    @Override
    public void flushChars(long console) {
        long buffer = OUT_BUFFER.at(console);
        int length = PortBufferLayout.LENGTH.get(memory, buffer);
        PortBufferLayout.LENGTH.set(memory, buffer, 0);
        if (length == 0 || STATE.get(memory, console) == VirtioConsoleLayout.STOPPED
                || !map(console, buffer, length, DmaDirection.DMA_TO_DEVICE)) {
            return;
        }
        long vq = OUT.get(memory, console);
        if (queues.virtqueueAddOutbuf(vq, PortBufferLayout.SG.at(buffer), buffer, Gfp.GFP_ATOMIC) == 0) {
            queues.virtqueueKick(vq);
            if (!isTaken(vq)) {
                stop(console);
                queues.virtqueueDetachUnusedBuf(vq);
            }
        }
        unmap(console, buffer, DmaDirection.DMA_TO_DEVICE);
    }

    private boolean isTaken(long vq) {
        long end = kernel.ktimeGet() + PATIENCE_NS;
        int[] bytes = new int[1];
        for (;;) {
            boolean isOver = queues.virtqueueIsBroken(vq) || kernel.ktimeGet() > end;
            if (queues.virtqueueGetBuf(vq, bytes) != 0) {
                return true;                           // also if this hart was kept away until now
            }
            if (isOver) {
                return false;
            }
            kernel.cpuRelax();
        }
    }
}
