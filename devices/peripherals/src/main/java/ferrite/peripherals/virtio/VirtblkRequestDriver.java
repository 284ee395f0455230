package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtblkReqLayout.DATA_SG;
import static ferrite.peripherals.virtio.VirtblkReqLayout.ENTRIES;
import static ferrite.peripherals.virtio.VirtblkReqLayout.HEADER_SG;
import static ferrite.peripherals.virtio.VirtblkReqLayout.IN_LENGTH;
import static ferrite.peripherals.virtio.VirtblkReqLayout.SECTOR;
import static ferrite.peripherals.virtio.VirtblkReqLayout.STATE;
import static ferrite.peripherals.virtio.VirtblkReqLayout.STATUS;
import static ferrite.peripherals.virtio.VirtblkReqLayout.STATUS_SG;
import static ferrite.peripherals.virtio.VirtblkReqLayout.TYPE;
import static ferrite.peripherals.virtio.VirtioBlkLayout.GONE;
import static ferrite.peripherals.virtio.VirtioBlkLayout.LOCK;
import static ferrite.peripherals.virtio.VirtioBlkLayout.ONE_RESET;
import static ferrite.peripherals.virtio.VirtioBlkLayout.STATS;
import static ferrite.peripherals.virtio.VirtioBlkLayout.VDEV;
import static ferrite.peripherals.virtio.VirtioBlkLayout.VQ;
import static ferrite.peripherals.virtio.VirtioBlkLayout.WAIT;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Word;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.KernelCalls;

/**
 * The requests of a virtio block device: any number of tasks have one in flight each.
 *
 * <p>A request that the device does not answer in time is looked for in the used ring: then its interrupt was lost. If
 * it is not there, or if the device gave a wrong answer, the device is reset, and each request that was in flight is
 * made once more.
 */
final class VirtblkRequestDriver {

    private static final int TIMEOUT_MS = 5000;
    private static final int MAX_ATTEMPTS = 2;
    private static final int NO_STATUS = 0xff;
    /** Header and status. */
    private static final int OTHER_SEGMENTS = 2;
    /** The queue was broken. */
    private static final int NOT_ADDED = 1;

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final VirtioBusDriver bus;
    private final VirtqueueDriver queues;

    VirtblkRequestDriver(KernelCalls kernel, VirtioBusDriver bus) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.bus = bus;
        this.queues = bus.queues();
    }

    /**
     * Has the device execute a request with the data of its {@link VirtblkReqLayout#DATA_SG}, and sleeps until it has.
     *
     * @param bytes the length of the data
     * @return 0 or a negative errno
     */
    int execute(long blk, long req, int type, long sector, int bytes) {
        TYPE.set(memory, req, type);
        SECTOR.set(memory, req, sector);
        int result = VirtblkReqLayout.ABORTED;
        for (int attempt = 0; attempt < MAX_ATTEMPTS && result == VirtblkReqLayout.ABORTED; attempt++) {
            memory.store8(STATUS.at(req), NO_STATUS);
            result = attempt(blk, req, bytes);
        }
        if (result != 0) {
            count(blk, VirtblkStatsLayout.ERRORS, 1);
        }
        return result == VirtblkReqLayout.ABORTED ? -Errno.EIO : result;
    }

    /** Returns 0, a negative errno, or {@link VirtblkReqLayout#ABORTED} if another attempt may be successful. */
    private int attempt(long blk, long req, int bytes) {
        boolean reads = TYPE.get(memory, req) == VirtioBlockRegisters.T_IN;
        int direction = reads ? DmaDirection.DMA_FROM_DEVICE : DmaDirection.DMA_TO_DEVICE;
        int entries = bytes == 0 ? 0 : ENTRIES.get(memory, req);
        int result = map(blk, req, entries, direction);
        if (result < 0) {
            return result;
        }
        STATE.set(memory, req, VirtblkReqLayout.PENDING);
        long[] sgs = bytes == 0 ? new long[] {HEADER_SG.at(req), STATUS_SG.at(req)}
                : new long[] {HEADER_SG.at(req), DATA_SG.at(req), STATUS_SG.at(req)};
        result = add(blk, req, sgs, reads || bytes == 0 ? 1 : 2);
        if (result >= 0) {
            await(blk, req, result == 0);
        }
        unmap(blk, req, entries, direction);
        return result < 0 ? result : answer(blk, req, reads ? bytes + 1 : 1);
    }

    // ---- mapping ----

    private int map(long blk, long req, int entries, int direction) {
        long dev = dev(blk);
        kernel.sgInitTable(HEADER_SG.at(req), 1);
        kernel.sgSetBuf(HEADER_SG.at(req), req, VirtioBlockRegisters.HEADER_BYTES);
        kernel.sgInitTable(STATUS_SG.at(req), 1);
        kernel.sgSetBuf(STATUS_SG.at(req), STATUS.at(req), 1);
        if (kernel.dmaMapSg(dev, HEADER_SG.at(req), 1, DmaDirection.DMA_TO_DEVICE) == 0) {
            return -Errno.ENOMEM;
        }
        if (kernel.dmaMapSg(dev, STATUS_SG.at(req), 1, DmaDirection.DMA_FROM_DEVICE) == 0) {
            kernel.dmaUnmapSg(dev, HEADER_SG.at(req), 1, DmaDirection.DMA_TO_DEVICE);
            return -Errno.ENOMEM;
        }
        if (entries > 0 && kernel.dmaMapSg(dev, DATA_SG.at(req), entries, direction) == 0) {
            unmap(blk, req, 0, direction);
            return -Errno.ENOMEM;
        }
        return 0;
    }

    private void unmap(long blk, long req, int entries, int direction) {
        long dev = dev(blk);
        if (entries > 0) {
            kernel.dmaUnmapSg(dev, DATA_SG.at(req), entries, direction);
        }
        kernel.dmaUnmapSg(dev, STATUS_SG.at(req), 1, DmaDirection.DMA_FROM_DEVICE);
        kernel.dmaUnmapSg(dev, HEADER_SG.at(req), 1, DmaDirection.DMA_TO_DEVICE);
    }

    // ---- in flight ----

    /**
     * Adds the request to the queue, and waits for free descriptors if there are too few.
     *
     * @return 0, a negative errno, or {@link #NOT_ADDED}
     */
    private int add(long blk, long req, long[] sgs, int outSgs) {
        long vq = VQ.get(memory, blk);
        int needed = ENTRIES.get(memory, req) + OTHER_SEGMENTS;
        while (true) {
            int flags = kernel.spinLockIrqsave(LOCK.at(blk));
            int result = GONE.get(memory, blk) != 0 ? -Errno.ENODEV
                    : queues.virtqueueAddSgs(vq, sgs, outSgs, req, Gfp.GFP_ATOMIC);
            if (result == 0) {
                queues.virtqueueKick(vq);
            }
            kernel.spinUnlockIrqrestore(LOCK.at(blk), flags);
            if (result == -Errno.EIO) {
                return NOT_ADDED;
            }
            if (result != -Errno.ENOSPC) {
                return result;
            }
            kernel.waitEvent(WAIT.at(blk), () -> VirtqueueLayout.NUM_FREE.get(memory, vq) >= needed
                    || queues.virtqueueIsBroken(vq) || GONE.get(memory, blk) != 0);
        }
    }

    /**
     * Sleeps until the request is pending no more. No signal ends this sleep: the device uses the memory. With a broken
     * queue the sleep ends at once, with a reset.
     */
    private void await(long blk, long req, boolean added) {
        long vq = VQ.get(memory, blk);
        if (added) {
            kernel.waitEventTimeout(WAIT.at(blk), () -> isAnswered(req) || queues.virtqueueIsBroken(vq),
                    kernel.msecsToJiffies(TIMEOUT_MS));
        }
        if (isAnswered(req)) {
            return;
        }
        kernel.mutexLock(ONE_RESET.at(blk));
        if (!isAnswered(req)) {
            int flags = kernel.spinLockIrqsave(LOCK.at(blk));
            takeAnswers(blk);
            boolean lost = isAnswered(req);
            boolean resets = !lost && (added || queues.virtqueueIsBroken(vq));
            if (resets) {
                reset(blk);
            }
            if (!lost) {
                STATE.set(memory, req, VirtblkReqLayout.ABORTED);
            }
            kernel.spinUnlockIrqrestore(LOCK.at(blk), flags);
            kernel.wakeUpAll(WAIT.at(blk));
            String name = VirtioBlkLayout.NAME.get(memory, blk);
            if (GONE.get(memory, blk) != 0) {
                kernel.prErr(name + ": the device does not start again");
            } else if (lost || resets) {               // and not by another task, before this one had the mutex
                kernel.prWarn(name + (lost ? ": an interrupt was lost" : ": the device was reset"));
            }
        }
        kernel.mutexUnlock(ONE_RESET.at(blk));
    }

    private boolean isAnswered(long req) {
        return STATE.get(memory, req) != VirtblkReqLayout.PENDING;
    }

    /** Takes all answers. The lock is held. */
    private void reap(long blk) {
        long vq = VQ.get(memory, blk);
        int[] bytes = new int[1];
        for (long req = queues.virtqueueGetBuf(vq, bytes); req != 0; req = queues.virtqueueGetBuf(vq, bytes)) {
            IN_LENGTH.set(memory, req, bytes[0]);
            STATE.set(memory, req, VirtblkReqLayout.DONE);
        }
    }

    /**
     * Takes all answers, and asks for an interrupt at the next one. So must a task that finds an answer without an
     * interrupt: with event indices, the device does not interrupt again for an index that it has passed. The lock is
     * held.
     */
    private void takeAnswers(long blk) {
        long vq = VQ.get(memory, blk);
        do {
            queues.virtqueueDisableCb(vq);
            reap(blk);
        } while (!queues.virtqueueEnableCb(vq));
    }

    /** Resets the device, and lets the tasks make their requests once more. The lock is held. */
    private void reset(long blk) {
        long vdev = VDEV.get(memory, blk);
        bus.virtioResetDevice(vdev);
        long vq = VQ.get(memory, blk);
        for (long req = queues.virtqueueDetachUnusedBuf(vq); req != 0; req = queues.virtqueueDetachUnusedBuf(vq)) {
            STATE.set(memory, req, VirtblkReqLayout.ABORTED);
        }
        GONE.set(memory, blk, bus.virtioDeviceRestore(vdev) < 0 ? 1 : 0);
    }

    /** Takes the answers of the device. Interrupt context. */
    void done(long blk) {
        kernel.spinLock(LOCK.at(blk));
        takeAnswers(blk);
        kernel.spinUnlock(LOCK.at(blk));
        count(blk, VirtblkStatsLayout.INTERRUPTS, 1);
        kernel.wakeUpAll(WAIT.at(blk));
    }

    /** The device has found a mistake and stopped: lets a task reset it. Interrupt context. */
    void stopped(long blk) {
        kernel.spinLock(LOCK.at(blk));
        VirtqueueLayout.BROKEN.set(memory, VQ.get(memory, blk), 1);
        kernel.spinUnlock(LOCK.at(blk));
        kernel.wakeUpAll(WAIT.at(blk));
    }

    // ---- the answer ----

    /** Returns 0, a negative errno, or {@link VirtblkReqLayout#ABORTED}. */
    private int answer(long blk, long req, int expected) {
        if (STATE.get(memory, req) == VirtblkReqLayout.ABORTED) {
            return GONE.get(memory, blk) != 0 ? -Errno.ENODEV : VirtblkReqLayout.ABORTED;
        }
        int status = memory.load8(STATUS.at(req)) & 0xff;
        String name = VirtioBlkLayout.NAME.get(memory, blk);
        if (status != VirtioBlockRegisters.S_OK) {
            kernel.prErr(name + ": request of type " + TYPE.get(memory, req) + " at sector " + SECTOR.get(memory, req)
                    + " failed, status " + status);
            return -Errno.EIO;
        }
        int length = IN_LENGTH.get(memory, req);
        if (length < expected) {
            kernel.prWarn(name + ": a request at sector " + SECTOR.get(memory, req) + " was answered with " + length
                    + " bytes of " + expected);
            return VirtblkReqLayout.ABORTED;
        }
        return 0;
    }

    /** Adds to a count of this hart. Any context. */
    void count(long blk, Word what, int change) {
        long stats = kernel.getCpuVar(STATS.get(memory, blk));
        what.amoAdd(memory, stats, change);
        kernel.putCpuVar();
    }

    private long dev(long blk) {
        return VirtioDeviceLayout.DEV.get(memory, VDEV.get(memory, blk));
    }
}
